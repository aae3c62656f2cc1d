#include "modes/connect/formatter.h"

#include <algorithm>
#include <ctime>

#include "modes/client/transfer.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

using client::Event;
namespace event = client::event;

constexpr size_t kNumberColumns = 4;

std::string safe(std::string_view text) {
    return neutralised(text);
}

// "project/src/main.c (1.2 KiB)"
template <class F>
std::string sized(const F& file) {
    const std::string folder = file.folder.empty() ? "" : safe(file.folder) + "/";
    return folder + safe(file.name) + " (" + sizeText(file.size) + ")";
}

std::string count(uint64_t number, const char* one, const char* many) {
    return std::to_string(number) + " " + (number == 1 ? one : many);
}

std::string nameOf(const v2::Member& member) {
    return safe(member.nick) + (member.dialect == "classic" ? " (classic)" : "");
}

std::string othersOf(const std::string& names, uint64_t members, uint64_t listed) {
    if (members <= listed || listed == 0) return names;
    return names + (names.empty() ? "" : ", and ") + count(members - listed, "other", "others");
}

// "#@bob": a room of an older server, and no talk with bob.
std::string roomName(std::string_view room) {
    return (room.starts_with('@') ? "#" : "") + safe(room);
}

// Every line but the first is marked, so that none can pass for a line of ours.
std::string noticeOf(std::string_view text) {
    std::string out = "* ";
    const std::string safeText = neutralised(text, true);
    for (const char c : safeText) {
        out += c;
        if (c == '\n') out += "         | ";
    }
    return out;
}

// The sentence of each event; empty for those that status lines tell of, or nothing does.
struct Sentence {
    const FormatContext& context;

    std::string operator()(const event::Message& message) const {
        return "<" + safe(message.from) + "> " + safe(message.text);
    }
    std::string operator()(const event::Private& message) const {
        const std::string text = ": " + safe(message.text);
        if (message.own) return "you -> " + safe(message.to) + text;
        return safe(message.from) + " -> you" + text;
    }
    std::string operator()(const event::File& file) const {
        return "* " + safe(file.from) + " " + droppedText(file, context.commands);
    }
    std::string operator()(const event::FileReceived& file) const {
        return "* received " + sized(file) + (file.path.empty() ? "" : " -> " + safe(file.path)) +
               (file.again ? " (it was there already)" : "");
    }
    // All but the user, who knows that already.
    std::string operator()(const event::Joined& joined) const {
        std::string names;
        for (const v2::Member& member : joined.roster) {
            if (context.user != 0 && member.user == context.user) continue;
            names += (names.empty() ? "" : ", ") + nameOf(member);
        }
        names = othersOf(names, joined.members, joined.roster.size());
        const std::string line = "* you are in " + roomName(joined.room);
        return names.empty() ? line : line + " with " + names;
    }
    std::string operator()(const event::Left& left) const {
        return "* you left " + safe(left.room) + (left.text.empty() ? "" : ": " + safe(left.text));
    }
    // Of oneself one is told by Joined, Left and Named.
    std::string operator()(const event::Presence& presence) const {
        if (presence.user != 0 && presence.user == context.user) return "";
        if (presence.state != "renamed") {
            return "* " + safe(presence.nick) + " " + safe(presence.state);
        }
        return "* " + safe(presence.was) + " is now " + safe(presence.nick);
    }
    std::string operator()(const event::Named& named) const {
        return "* you are now " + safe(named.nick);
    }
    std::string operator()(const event::Roster& roster) const {
        std::string names;
        for (const v2::Member& member : roster.roster) {
            names += (names.empty() ? "" : ", ") + nameOf(member);
            if (!member.cloak.empty()) names += " [cloak:" + safe(member.cloak) + "]";
        }
        if (!roster.more) names = othersOf(names, roster.members, roster.roster.size());
        const std::string where = roster.room.empty() ? "on the server" : "in " + safe(roster.room);
        return "* " + std::to_string(roster.members) + " " + where + ": " + names;
    }
    std::string operator()(const event::RoomList& list) const {
        std::string rooms;
        for (const v2::RoomLine& room : list.rooms) {
            rooms += (rooms.empty() ? "" : ", ") + roomName(room.room);
            rooms += " (" + std::to_string(room.members) + ")";
        }
        return rooms.empty() ? "* there are no rooms" : "* rooms: " + rooms;
    }
    std::string operator()(const event::HistoryPage& page) const {
        return "* the history of " + safe(page.room) + ":";
    }
    std::string operator()(const event::HistoryEnd& end) const {
        return "* end of the history of " + safe(end.room) +
               (end.more ? "; !history goes further back" : "");
    }
    std::string operator()(const event::SearchPage& page) const {
        const std::string words = "'" + safe(page.text) + "' in " + safe(page.room);
        if (page.last != 0) return "* found " + words + ":";
        return "* nothing found for " + words +
               (page.more ? " in the newest part of the room" : "");
    }
    std::string operator()(const event::SearchEnd& end) const {
        return end.more ? "* !search alone shows older ones" : "";
    }
    std::string operator()(const event::Gap& gap) const {
        return "* " + count(gap.last - gap.first + 1, "message is", "messages are") +
               " no longer available (" + std::to_string(gap.first) + " to " +
               std::to_string(gap.last) + ")";
    }
    std::string operator()(const event::LogChanged& changed) const {
        return "* " + safe(changed.text);
    }
    std::string operator()(const event::Notice& notice) const { return noticeOf(notice.text); }
    std::string operator()(const event::Confirmed&) const { return ""; }
    std::string operator()(const event::Connected&) const { return ""; }
    std::string operator()(const event::Disconnected&) const { return ""; }
    std::string operator()(const event::Reconnecting&) const { return ""; }
    std::string operator()(const event::FileFailed&) const { return ""; }
    std::string operator()(const event::Progress&) const { return ""; }
    std::string operator()(const event::Uploaded&) const { return ""; }
    std::string operator()(const event::Pong&) const { return ""; }
    std::string operator()(const event::Refused&) const { return ""; }
};

// Events that say themselves which room they are about need no mark.
bool needsRoom(const Event& event, const FormatContext& formatContext) {
    const bool says =
        client::isOneOf<event::Message, event::File, event::Presence, event::Gap>(event);
    const std::string_view room = client::roomOf(event);
    return says && !room.empty() && room != formatContext.room;
}

// When it was said or dropped; 0: unknown.
int64_t timeOf(const Event& event) {
    return std::visit(
        []<class E>(const E& one) {
            if constexpr (requires { one.time; }) return one.time;
            return int64_t{0};
        },
        event);
}

std::string_view stateText(KnownFile::State state) {
    switch (state) {
        case KnownFile::State::Own:
            return "yours";
        case KnownFile::State::Offered:
            return "!get fetches it";
        case KnownFile::State::Wanted:
            return "on its way";
        case KnownFile::State::Received:
            return "here";
        case KnownFile::State::Failed:
            return "failed; !get tries again";
    }
    return "";
}

// Code points are near enough to columns here; the terminal UI measures.
std::string spacesTo(size_t width, const std::string& text) {
    const size_t length = utf8::length(text);
    return std::string(length < width ? width - length : 0, ' ');
}

}  // namespace

std::string droppedText(const event::File& file, bool commands) {
    const std::string line = "dropped " + sized(file);
    if (file.own || file.fetching) return line;
    const std::string why = safe(file.text);
    if (file.text == client::kNoFolderText || !commands) {
        return line + "; not fetched" + (why.empty() ? "" : ": " + why);
    }
    return line + "; !get fetches it" + (why.empty() ? "" : " (" + why + ")");
}

std::string sentenceOf(const Event& event, const FormatContext& formatContext) {
    return std::visit(Sentence{formatContext}, event);
}

std::string localTime(int64_t unixMs, int64_t nowMs) {
    const std::time_t seconds = unixMs / 1000, now = nowMs / 1000;
    std::tm then{}, today{};
    if (!::localtime_r(&seconds, &then) || !::localtime_r(&now, &today)) return "--:--:--";
    const bool sameDay = then.tm_yday == today.tm_yday && then.tm_year == today.tm_year;
    char text[64];
    const size_t size =
        std::strftime(text, sizeof text, sameDay ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &then);
    return {text, size};
}

std::string lineOf(const Event& event, const FormatContext& formatContext) {
    const std::string content = sentenceOf(event, formatContext);
    if (content.empty()) return "";
    const int64_t time = timeOf(event);
    const std::string room =
        needsRoom(event, formatContext) ? "[" + safe(client::roomOf(event)) + "] " : "";
    return localTime(time == 0 ? formatContext.nowMs : time, formatContext.nowMs) + " " + room +
           content;
}

std::vector<std::string> fileLines(std::span<const KnownFile> files) {
    size_t nameWidth = 0, fromWidth = 0, sizeWidth = 0;
    for (const auto& file : files) {
        nameWidth = std::max(nameWidth, utf8::length(safe(file.path())));
        fromWidth = std::max(fromWidth, utf8::length(safe(file.from)));
        sizeWidth = std::max(sizeWidth, sizeText(file.size).size());
    }
    std::vector<std::string> lines;
    lines.reserve(files.size());
    for (const auto& file : files) {
        const std::string number = std::to_string(file.number), name = safe(file.path());
        const std::string size = sizeText(file.size), from = safe(file.from);
        std::string line = spacesTo(kNumberColumns, number);
        line.append(number).append("  ");
        line.append(name).append(spacesTo(nameWidth, name)).append("  ");
        line.append(spacesTo(sizeWidth, size)).append(size).append("  ");
        line.append(from).append(spacesTo(fromWidth, from)).append("  ");
        lines.push_back(line.append(stateText(file.state)));
    }
    return lines;
}

}  // namespace netchat::connect
