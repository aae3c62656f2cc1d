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

std::string awayText(const client::event::Reconnecting& away, const std::string& server,
                     bool connectedOnce) {
    return (connectedOnce ? "lost the server " : "cannot connect to ") + server + ": " +
           reasonText(away) + "; trying again";
}

std::string noEntryText(const client::event::Refused& refused, std::string_view room) {
    return "cannot join the room " + inQuotes(room) + ": " + reasonText(refused);
}

std::string reasonText(std::string_view text, std::string_view code) {
    return forLog(text.empty() ? code : text, kReasonCodePointsMax);
}

std::string endText(const client::event::Disconnected& ended, const std::string& server,
                    std::string_view nick, bool connectedOnce, size_t unacknowledged) {
    const std::string why = reasonText(ended);
    if (ended.code == errorName(ErrorCode::NickInUse)) {
        return inQuotes(nick) + " is taken: " + why + " (--nick NAME)";
    }
    if (ended.code == errorName(ErrorCode::BadNick)) {
        return why + "; choose one with --nick NAME";
    }
    if (!connectedOnce) {
        return ended.code == "unreachable" ? why : "cannot connect to " + server + ": " + why;
    }
    const std::string unsure =
        std::to_string(unacknowledged) + " of your messages may not have arrived";
    return "lost the server " + server + ": " + why + (unacknowledged == 0 ? "" : "; " + unsure);
}

std::string refusalText(const client::event::Refused& refused) {
    const std::string name = refused.name.empty() ? "a file" : forLog(refused.name);
    if (refused.code == client::kCancelled) return name + " was cancelled";
    const bool file = refused.re == "offer" || refused.re == "get" || refused.re == "data";
    if (!file) return reasonText(refused);
    return name + " was refused: " + reasonText(refused);
}

std::string noFileText(std::string_view which) {
    return "there is no file " + inQuotes(which) + "; !files lists them";
}

std::string alreadyWantedText(std::string_view file) {
    return forLog(file) + " is already being transferred";
}

std::string noTransferText(std::string_view which) {
    return "there is no transfer " + inQuotes(which) + "; !transfers lists them";
}

}  // namespace netchat::connect
