#include "modes/bot/listen_mode.h"

#include <optional>

#include "modes/client/event_json.h"
#include "protocol/duration.h"
#include "protocol/shell_word.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::bot {

using client::EventKind;

std::string heardLine(const client::Event& e) {
    switch (e.kind) {
        case EventKind::Message:
            return neutralised(e.room) + " " + neutralised(e.from) + ": " + neutralised(e.text);
        case EventKind::Private:
            return "(private) " + neutralised(e.from) + ": " + neutralised(e.text);
        case EventKind::File:
            return neutralised(e.room) + " " + neutralised(e.from) + " offers " +
                   neutralised(e.name) + " (" + sizeText(e.size) + ")";
        case EventKind::FileReceived:
            return "(received) " + neutralised(e.name) + " (" + sizeText(e.size) + ") in " +
                   neutralised(e.path);
        case EventKind::FileFailed:
            return "(failed) " + neutralised(e.name) + ": " + neutralised(e.text);
        default:
            return {};
    }
}

ListenMode::ListenMode(net::EventLoop& loop, const ChatFactory& factory, SoloSettings settings,
                       ListenSettings listen, Output& output,
                       std::function<void(const Outcome&)> finished)
    : Solo(loop, factory, std::move(settings), std::move(finished)),
      listen_(listen),
      output_(output),
      reader_(this->loop(), output.dataFd(), [this] { leave({}); }) {
}

// A classic server announces no file: there it counts when it is here.
bool ListenMode::counts(const client::Event& e) const {
    if (e.own) return false;
    bool file = e.kind == (settings().client.classic ? EventKind::FileReceived : EventKind::File);
    return file || e.kind == EventKind::Message || e.kind == EventKind::Private;
}

// What nobody says or drops is told as ever.
bool ListenMode::fits(const client::Event& e) const {
    const bool file = e.kind == EventKind::File || e.kind == EventKind::FileReceived ||
                      e.kind == EventKind::FileFailed;
    const bool said = e.kind == EventKind::Message || e.kind == EventKind::Private;
    if (!listen_.filter.filters() || e.own || (!file && !said)) return true;
    std::string warning;
    const bool fits = listen_.filter.fits(e, warning);
    if (!warning.empty()) print(warning);
    return fits;
}

namespace {

// A pattern that fits this name, in which nothing of it means more than itself.
std::string patternFor(std::string_view name) {
    std::string pattern(name);
    for (char& c : pattern) {
        if (std::string_view("*?[]\\/").find(c) != std::string_view::npos) c = '?';
    }
    return pattern;
}

// The options that name it. None where a room or a name is nothing to be pasted: an option cannot
// say a room with a comma.
std::optional<std::string> optionsFor(const client::Event& file) {
    const auto room = shellOption("room", file.room);
    const auto match = shellOption("match", patternFor(file.name));
    if (!room || !match || file.name.empty() || file.room.find(',') != std::string_view::npos) {
        return {};
    }
    return *room + " --listen --since " + std::to_string(file.seq - 1) + " " + *match;
}

}  // namespace

void ListenMode::tellHowToGet(const client::Event& file) const {
    if (file.kind != EventKind::File || file.own || file.fetching || settings().client.classic) {
        return;
    }
    const auto& client = settings().client;
    const std::string why = file.text.empty() ? "it is larger than --auto-download (" +
                                                    sizeText(client.autoDownloadBytes) + ")"
                                              : std::string(file.text);
    const auto server = shellOption("server", net::toText(client.server));
    const auto options = optionsFor(file);
    const std::string how = server && options
                                ? "get it with: netchat bot " + *server + " --nick NAME " +
                                      *options + " --count 1 --downloads DIR"
                                : "get it in another run with --listen, --since " +
                                      std::to_string(file.seq - 1) +
                                      ", --count 1, --downloads DIR, and a --match for its name";
    print(forLog(file.name) + " (" + sizeText(file.size) + ") was not downloaded, because " + why +
          "; " + how);
}

void ListenMode::onReady() {
    if (listen_.count && heard_ == *listen_.count) drain();
}

bool ListenMode::onHeard(const client::Event& event) {
    // Enough was heard: only files are still on their way.
    const bool enough = listen_.count && heard_ == *listen_.count;
    if (enough && counts(event)) return false;
    // It was passed over, and is seen.
    if (!fits(event)) return !enough;
    std::string line = listen_.json ? client::toJson(event) : heardLine(event);
    if (event.own && !listen_.json) line.clear();
    if (!line.empty() && !output_.line(line)) return leave(output_.lost()), false;
    tellHowToGet(event);
    // The first words may come before the last room is joined.
    if (!counts(event)) return !enough;
    ++heard_;
    if (listen_.count && heard_ == *listen_.count) drain();
    return true;
}

// Without a count it has done what was asked of it, if it was ever there.
void ListenMode::onDeadline() {
    const std::string within = " within " + durationText(*settings().deadlineMs);
    if (listen_.count && heard_ != *listen_.count)
        return leaveAtOnce(
            {kTimedOut, "heard " + std::to_string(heard_) + " of " +
                            std::to_string(*listen_.count) + within +
                            (wasReady() ? "" : ": the server has not let us into our rooms")});
    if (!wasReady()) return Solo::onDeadline();
    if (!chat().idle()) return leaveAtOnce({kTimedOut, "a file did not come whole" + within});
    leaveAtOnce({});
}

}  // namespace netchat::bot
