#include "modes/bot/listen_mode.h"

#include <optional>

#include "modes/client/event_json.h"
#include "protocol/duration.h"
#include "protocol/shell_word.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::bot {

namespace event = client::event;

std::string heardLine(const client::Event& event) {
    return std::visit(
        client::Overloaded{
            [](const event::Message& e) {
                return neutralised(e.room) + " " + neutralised(e.from) + ": " + neutralised(e.text);
            },
            [](const event::Private& e) {
                return "(private) " + neutralised(e.from) + ": " + neutralised(e.text);
            },
            [](const event::File& e) {
                return neutralised(e.room) + " " + neutralised(e.from) + " offers " +
                       neutralised(e.name) + " (" + sizeText(e.size) + ")";
            },
            [](const event::FileReceived& e) {
                return "(received) " + neutralised(e.name) + " (" + sizeText(e.size) + ") in " +
                       neutralised(e.path);
            },
            [](const event::FileFailed& e) {
                return "(failed) " + neutralised(e.name) + ": " + neutralised(e.text);
            },
            [](const auto&) { return std::string(); },
        },
        event);
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
bool ListenMode::counts(const client::Event& event) const {
    const bool classic = settings().client.classic;
    return std::visit(client::Overloaded{
                          [](const event::Message& message) { return !message.own; },
                          [](const event::Private& message) { return !message.own; },
                          [&](const event::File& file) { return !classic && !file.own; },
                          [&](const event::FileReceived&) { return classic; },
                          [](const auto&) { return false; },
                      },
                      event);
}

// What nobody says or drops is told as ever.
bool ListenMode::fits(const client::Event& event) const {
    const HeardFilter& filter = listen_.filter;
    if (!filter.filters()) return true;
    std::string warning;
    const auto said = [&](const auto& message) {
        return message.own || filter.fitsText(message.from, message.text, warning);
    };
    const bool fits = std::visit(
        client::Overloaded{
            [&](const event::Message& message) { return said(message); },
            [&](const event::Private& message) { return said(message); },
            [&](const event::File& file) {
                return file.own || filter.fitsFile(file.from, file.name);
            },
            [&](const event::FileReceived& file) { return filter.fitsFile(file.from, file.name); },
            [&](const event::FileFailed& file) { return filter.fitsFile(file.from, file.name); },
            [](const auto&) { return true; },
        },
        event);
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
std::optional<std::string> optionsFor(const event::File& file) {
    const auto room = shellOption("room", file.room);
    const auto match = shellOption("match", patternFor(file.name));
    if (!room || !match || file.name.empty() || file.room.find(',') != std::string_view::npos) {
        return {};
    }
    return *room + " --listen --since " + std::to_string(file.seq - 1) + " " + *match;
}

}  // namespace

void ListenMode::tellHowToGet(const event::File& file) const {
    if (file.own || file.fetching || settings().client.classic) return;
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
    if (client::isOwn(event) && !listen_.json) line.clear();
    if (!line.empty() && !output_.line(line)) return leave(output_.lost()), false;
    if (const auto* file = std::get_if<event::File>(&event)) tellHowToGet(*file);
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
