#include "modes/connect/wording.h"

#include "modes/client/transfer.h"
#include "protocol/result.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

constexpr size_t kReasonCodePointsMax = 700;

}  // namespace

std::string serverText(const net::HostPort& server) {
    return net::toText(net::HostPort{forLog(server.host), server.port});
}

std::string inQuotes(std::string_view text) {
    return "'" + forLog(text) + "'";
}

std::string awayText(const client::Event& event, const std::string& server, bool connectedOnce) {
    return (connectedOnce ? "lost the server " : "cannot connect to ") + server + ": " +
           reasonText(event) + "; trying again";
}

std::string noEntryText(const client::Event& event, std::string_view room) {
    return "cannot join the room " + inQuotes(room) + ": " + reasonText(event);
}

std::string reasonText(const client::Event& event) {
    return forLog(event.text.empty() ? event.code : event.text, kReasonCodePointsMax);
}

std::string endText(const client::Event& event, const std::string& server, std::string_view nick,
                    bool connectedOnce, size_t unacknowledged) {
    const std::string why = reasonText(event);
    if (event.code == errorName(ErrorCode::NickInUse)) {
        return inQuotes(nick) + " is taken: " + why + " (--nick NAME)";
    }
    if (event.code == errorName(ErrorCode::BadNick)) {
        return why + "; choose one with --nick NAME";
    }
    if (!connectedOnce) {
        return event.code == "unreachable" ? why : "cannot connect to " + server + ": " + why;
    }
    const std::string unsure =
        std::to_string(unacknowledged) + " of your messages may not have arrived";
    return "lost the server " + server + ": " + why + (unacknowledged == 0 ? "" : "; " + unsure);
}

std::string refusalText(const client::Event& event) {
    const std::string name = event.name.empty() ? "a file" : forLog(event.name);
    if (event.code == client::kCancelled) return name + " was cancelled";
    const bool file = event.re == "offer" || event.re == "get" || event.re == "data";
    if (!file) return reasonText(event);
    return name + " was refused: " + reasonText(event);
}

}  // namespace netchat::connect
