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
using client::EventKind;

constexpr size_t kNumberColumns = 4;

std::string safe(std::string_view text) {
    return neutralised(text);
}

// "project/src/main.c (1.2 KiB)"
std::string sized(const Event& event) {
    const std::string folder = event.folder.empty() ? "" : safe(event.folder) + "/";
    return folder + safe(event.name) + " (" + sizeText(event.size) + ")";
}

std::string count(uint64_t number, const char* one, const char* many) {
    return std::to_string(number) + " " + (number == 1 ? one : many);
}

// All but the member `skip`, who knows that already.
std::string membersOf(const Event& event, uint64_t skip = 0) {
    std::string names;
    const bool asked = event.kind == EventKind::Roster;
    for (const auto& member : event.roster) {
        if (skip != 0 && member.user == skip) continue;
        names += (names.empty() ? "" : ", ") + safe(member.nick);
        if (member.dialect == "classic") names += " (classic)";
        if (asked && !member.cloak.empty()) names += " [cloak:" + safe(member.cloak) + "]";
    }
    const uint64_t listed = event.roster.size();
    if (!event.more && event.members > listed && listed > 0) {
        names += (names.empty() ? "" : ", and ") + count(event.members - listed, "other", "others");
    }
    return names;
}

// "#@bob": a room of an older server, and no talk with bob.
std::string roomName(std::string_view room) {
    return (room.starts_with('@') ? "#" : "") + safe(room);
}

std::string roomsOf(const Event& event) {
    std::string rooms;
    for (const auto& room : event.rooms) {
        rooms += (rooms.empty() ? "" : ", ") + roomName(room.room);
        rooms += " (" + std::to_string(room.members) + ")";
    }
    return rooms.empty() ? "there are no rooms" : "rooms: " + rooms;
}

std::string presenceOf(const Event& event) {
    if (event.state == "renamed") return safe(event.was) + " is now " + safe(event.nick);
    return safe(event.nick) + " " + safe(event.state);
}

std::string privateOf(const Event& event) {
    const std::string text = ": " + safe(event.text);
    if (event.own) return "you -> " + safe(event.to) + text;
    return safe(event.from) + " -> you" + text;
}

std::string joinedOf(const Event& event, const FormatContext& formatContext) {
    std::string line = "* you are in " + roomName(event.room);
    const std::string members = membersOf(event, formatContext.user);
    return members.empty() ? line : line + " with " + members;
}

std::string rosterOf(const Event& event) {
    const std::string where = event.room.empty() ? "on the server" : "in " + safe(event.room);
    return "* " + std::to_string(event.members) + " " + where + ": " + membersOf(event);
}

std::string foundOf(const Event& event) {
    const std::string words = "'" + safe(event.text) + "' in " + safe(event.room);
    if (event.last != 0) return "* found " + words + ":";
    return "* nothing found for " + words + (event.more ? " in the newest part of the room" : "");
}

std::string gapOf(const Event& event) {
    return "* " + count(event.last - event.first + 1, "message is", "messages are") +
           " no longer available (" + std::to_string(event.first) + " to " +
           std::to_string(event.last) + ")";
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

// Events that say themselves which room they are about need no mark.
bool needsRoom(const Event& event, const FormatContext& formatContext) {
    switch (event.kind) {
        case EventKind::Message:
        case EventKind::File:
        case EventKind::Presence:
        case EventKind::Gap:
            return !event.room.empty() && event.room != formatContext.room;
        default:
            return false;
    }
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

std::string droppedText(const Event& event, bool commands) {
    const std::string line = "dropped " + sized(event);
    if (event.own || event.fetching) return line;
    const std::string why = safe(event.text);
    if (event.text == client::kNoFolderText || !commands) {
        return line + "; not fetched" + (why.empty() ? "" : ": " + why);
    }
    return line + "; !get fetches it" + (why.empty() ? "" : " (" + why + ")");
}

std::string sentenceOf(const Event& event, const FormatContext& formatContext) {
    switch (event.kind) {
        case EventKind::Message:
            return "<" + safe(event.from) + "> " + safe(event.text);
        case EventKind::Private:
            return privateOf(event);
        case EventKind::File:
            return "* " + safe(event.from) + " " + droppedText(event, formatContext.commands);
        case EventKind::FileReceived:
            return "* received " + sized(event) +
                   (event.path.empty() ? "" : " -> " + safe(event.path)) +
                   (event.again ? " (it was there already)" : "");
        case EventKind::Joined:
            return joinedOf(event, formatContext);
        case EventKind::Left:
            return "* you left " + safe(event.room) +
                   (event.text.empty() ? "" : ": " + safe(event.text));
        case EventKind::Presence:
            // Of oneself one is told by Joined, Left and Named.
            return event.user != 0 && event.user == formatContext.user ? ""
                                                                       : "* " + presenceOf(event);
        case EventKind::Named:
            return "* you are now " + safe(event.nick);
        case EventKind::Roster:
            return rosterOf(event);
        case EventKind::RoomList:
            return "* " + roomsOf(event);
        case EventKind::HistoryPage:
            return "* the history of " + safe(event.room) + ":";
        case EventKind::HistoryEnd:
            return "* end of the history of " + safe(event.room) +
                   (event.more ? "; !history goes further back" : "");
        case EventKind::SearchPage:
            return foundOf(event);
        case EventKind::SearchEnd:
            return event.more ? "* !search alone shows older ones" : "";
        case EventKind::Gap:
            return gapOf(event);
        case EventKind::LogChanged:
            return "* " + safe(event.text);
        case EventKind::Notice:
            return noticeOf(event.text);
        case EventKind::Confirmed:
        case EventKind::Connected:
        case EventKind::Disconnected:
        case EventKind::Reconnecting:
        case EventKind::FileFailed:
        case EventKind::Progress:
        case EventKind::Uploaded:
        case EventKind::Pong:
        case EventKind::Refused:
            return "";
    }
    return "";
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
    const int64_t time = event.time == 0 ? formatContext.nowMs : event.time;
    const std::string room = needsRoom(event, formatContext) ? "[" + safe(event.room) + "] " : "";
    return localTime(time, formatContext.nowMs) + " " + room + content;
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
