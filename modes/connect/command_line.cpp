#include "modes/connect/command_line.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <vector>

#include "protocol/duration.h"
#include "protocol/limits.h"
#include "protocol/nearest.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

constexpr unsigned kHistoryDefault = 20;

// What follows a command's name.
enum class Takes {
    Nothing,
    Path,       // in quotes, or to the end of the line; nicks of classic users have spaces, too
    MaybePath,  // the same, or none
    Paths,      // one or more: what is not in quotes is for who looks at the disk to part
    Word,       // one, required
    MaybeWord,  // one, or none
    NickText,
    Setting,  // a word and the rest of the line, or a word, or none
    Count,    // a number, or none
    Words,    // any text, or none
    Text,     // any text
    Target,   // a word; then a duration, or none; then any text, or none
};

struct Definition {
    std::string_view name;
    Verb verb;
    Takes takes;
    std::string_view usage, meaning;
    std::string_view withoutScreen = {};  // of a command for the screen: what lines have instead
    constexpr bool screenOnly() const { return !withoutScreen.empty(); }
};

constexpr Definition kCommands[] = {
    {"help", Verb::Help, Takes::Nothing, "!help", "show this list"},
    {"exit", Verb::Exit, Takes::Nothing, "!exit", "finish sending, and leave"},
    {"upload", Verb::Upload, Takes::Paths, "!upload FILE", "send files or folders to the room"},
    {"files", Verb::Files, Takes::Nothing, "!files", "list the files sent so far"},
    {"get", Verb::Get, Takes::Path, "!get FILE", "download a file by its name or number"},
    {"transfers", Verb::Transfers, Takes::Nothing, "!transfers",
     "list uploads and downloads in progress"},
    {"cancel", Verb::Cancel, Takes::MaybePath, "!cancel [NUMBER|FILE]",
     "cancel an upload or download"},
    {"preview", Verb::Preview, Takes::MaybePath, "!preview [FILE]", "show a PNG or JPEG file",
     "!get downloads a file"},
    {"who", Verb::Who, Takes::MaybeWord, "!who [ROOM]", "list the users of a room"},
    {"roster", Verb::Roster, Takes::Nothing, "!roster", "show or hide the list of users",
     "!who lists the users"},
    {"msg", Verb::Msg, Takes::NickText, "!msg NICK TEXT", "send a private message"},
    {"me", Verb::Me, Takes::Text, "!me TEXT", "say what you are doing: * NICK TEXT"},
    {"close", Verb::Close, Takes::Nothing, "!close", "close a private conversation",
     "!leave leaves a room"},
    {"ignore", Verb::Ignore, Takes::MaybePath, "!ignore [NICK]",
     "hide messages and files of a user; alone: list whom"},
    {"unignore", Verb::Unignore, Takes::Path, "!unignore NICK", "show them again"},
    {"join", Verb::Join, Takes::Word, "!join ROOM", "join a room, or switch to it"},
    {"room", Verb::Room, Takes::Word, "!room NUMBER", "switch to the room with this number",
     "!join switches to a room"},
    {"leave", Verb::Leave, Takes::MaybeWord, "!leave [ROOM]", "leave a room"},
    {"nick", Verb::Nick, Takes::Word, "!nick NAME", "change your nick"},
    {"rooms", Verb::Rooms, Takes::Nothing, "!rooms", "list the rooms"},
    {"history", Verb::History, Takes::Count, "!history [N]",
     "show earlier messages; again: still earlier ones"},
    {"search", Verb::Search, Takes::Words, "!search [WORDS]",
     "find messages with all these words; alone: older ones"},
    {"reconnect", Verb::Reconnect, Takes::Nothing, "!reconnect", "reconnect now",
     "lost connections are restored automatically"},
    {"quiet", Verb::Quiet, Takes::MaybeWord, "!quiet [ROOM]",
     "count only mentions as unread; again: count everything",
     "only the screen counts unread messages"},
    {"set", Verb::Set, Takes::Setting, "!set [NAME [VALUE]]",
     "change and save a setting; alone: list all settings", "use the options of netchat connect"},
    {"unset", Verb::Unset, Takes::Word, "!unset NAME", "reset a setting to its default",
     "use the options of netchat connect"},
    {"kick", Verb::Operate, Takes::Target, "!kick NICK [REASON]", "operators: disconnect a user"},
    {"ban", Verb::Operate, Takes::Target,
     "!ban NICK|CLOAK|ADDRESS|NETWORK [--address] [--force] [1h] [REASON]",
     "operators: disconnect a user and refuse new connections"},
    {"unban", Verb::Operate, Takes::Target, "!unban NICK|CLOAK|ADDRESS|NETWORK",
     "operators: lift a ban"},
    {"mute", Verb::Operate, Takes::Target, "!mute NICK|CLOAK [10m] [REASON]",
     "operators: refuse messages of a user"},
    {"unmute", Verb::Operate, Takes::Target, "!unmute NICK|CLOAK", "operators: lift a mute"},
    {"close-room", Verb::Operate, Takes::Target, "!close-room ROOM [REASON]",
     "operators: remove everyone from a room and close it"},
    {"open-room", Verb::Operate, Takes::Target, "!open-room ROOM", "operators: open a closed room"},
};

constexpr HelpLine kBangBang{"!!text", "send a text that begins with '!'"};

bool isSpace(char c) {
    return c == ' ' || c == '\t';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

// Cuts the first word off; what follows it keeps its own spaces but the separating ones.
std::string_view takeWord(std::string_view& text) {
    const auto end = std::find_if(text.begin(), text.end(), isSpace);
    const auto word = text.substr(0, static_cast<size_t>(end - text.begin()));
    text.remove_prefix(word.size());
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    return word;
}

// A path in quotes loses them; without quotes it is everything, spaces included.
std::string_view unquoted(std::string_view path) {
    const bool quotes = path.size() >= 2 && path.front() == path.back() &&
                        (path.front() == '"' || path.front() == '\'');
    return quotes ? path.substr(1, path.size() - 2) : path;
}

Command wrong(std::string text) {
    return {.verb = Verb::Wrong, .text = std::move(text)};
}

Command wrongUse(const Definition& command) {
    return wrong("usage: " + std::string(command.usage));
}

Command unknown(std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& command : kCommands) names.push_back(command.name);
    const auto near = nearestWord(name, names);
    std::string text = "unknown command '!" + forLog(name, 30) + "'";
    if (!near.empty()) text += "; did you mean !" + std::string(near) + "?";
    return wrong(text + " (!help lists the commands; !! sends a text that begins with '!')");
}

Command withCount(const Definition& command, std::string_view rest) {
    unsigned count = kHistoryDefault;
    if (!rest.empty()) {
        const char* end = rest.data() + rest.size();
        const auto [stop, error] = std::from_chars(rest.data(), end, count);
        const bool good = error == std::errc() && stop == end && count > 0;
        if (!good) return wrongUse(command);
    }
    count = std::min<unsigned>(count, limits::kHistoryEntriesMax);
    return {.verb = command.verb, .count = count};
}

Command withTarget(const Definition& command, std::string_view rest) {
    Command operate{
        .verb = command.verb, .argument = std::string(takeWord(rest)), .act = command.name};
    if (operate.argument.empty()) return wrongUse(command);
    // The server reads these words at the beginning of the reason.
    std::string flags;
    for (;;) {
        std::string_view after = rest;
        const auto word = takeWord(after);
        if (command.name != "ban" || (word != "--address" && word != "--force")) break;
        flags += std::string(word) + " ";
        rest = after;
    }
    std::string_view reason = rest;
    const auto ms = parseDuration(takeWord(reason));
    const bool timed = command.name == "ban" || command.name == "mute";
    if (timed && ms && *ms > 0) {
        operate.count = static_cast<unsigned>(std::clamp<int64_t>(*ms / 1000, 1, UINT32_MAX));
        rest = reason;
    }
    operate.text = trimmed(flags + std::string(rest));
    return operate;
}

Command withArguments(const Definition& command, std::string_view rest) {
    const std::string_view all = trimmed(rest);
    switch (command.takes) {
        case Takes::Nothing:
            if (!all.empty()) return wrongUse(command);
            return {.verb = command.verb};
        case Takes::Path:
        case Takes::MaybePath: {
            const auto path = unquoted(all);
            const bool none = all.empty() && command.takes == Takes::MaybePath;
            if (path.empty() && !none) return wrongUse(command);
            return {.verb = command.verb, .argument = std::string(path)};
        }
        case Takes::Paths: {
            const auto one = unquoted(all);
            const bool several = one.size() < all.size() && one.find(all.front()) != one.npos;
            if (one.empty()) return wrongUse(command);
            return {.verb = command.verb, .argument = std::string(several ? all : one)};
        }
        case Takes::Word:
        case Takes::MaybeWord: {
            const bool several = std::any_of(all.begin(), all.end(), isSpace);
            const bool missing = all.empty() && command.takes == Takes::Word;
            if (several || missing) return wrongUse(command);
            return {.verb = command.verb, .argument = std::string(all)};
        }
        case Takes::NickText: {
            const std::string nick(takeWord(rest));
            if (nick.empty()) return wrongUse(command);
            return {.verb = command.verb, .argument = nick, .text = std::string(rest)};
        }
        case Takes::Setting: {
            std::string_view value = all;
            const std::string name(takeWord(value));
            if (value.starts_with("= ")) value.remove_prefix(2);
            return {.verb = command.verb, .argument = name, .text = std::string(value)};
        }
        case Takes::Count:
            return withCount(command, all);
        case Takes::Target:
            return withTarget(command, rest);
        case Takes::Text:
            if (all.empty()) return wrongUse(command);
            return {.verb = command.verb, .text = std::string(all)};
        case Takes::Words:
            return {.verb = command.verb, .text = std::string(all)};
    }
    return wrongUse(command);
}

}  // namespace

Command parseLine(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return {};
    if (line.starts_with("!!")) return {.verb = Verb::Say, .text = std::string(line.substr(1))};
    if (line.front() != '!') return {.verb = Verb::Say, .text = std::string(line)};
    std::string_view rest = line.substr(1);
    const auto name = takeWord(rest);
    for (const auto& command : kCommands) {
        if (command.name == name) return withArguments(command, rest);
    }
    return unknown(name);
}

bool isCommand(std::string_view name) {
    return std::any_of(std::begin(kCommands), std::end(kCommands),
                       [&](const Definition& command) { return command.name == name; });
}

std::string actionText(std::string_view nick, std::string_view what) {
    return "* " + std::string(nick) + " " + std::string(what);
}

std::string withHome(std::string_view path, std::string_view home) {
    const bool tilde = path == "~" || path.starts_with("~/");
    if (!tilde || home.empty()) return std::string(path);
    return std::string(home) + std::string(path.substr(1));
}

std::string screenOnlyText(Verb verb) {
    for (const auto& command : kCommands) {
        if (command.verb != verb || !command.screenOnly()) continue;
        return "!" + std::string(command.name) + " is for the full screen; " +
               std::string(command.withoutScreen);
    }
    return {};
}

std::string usageText(Verb verb) {
    for (const auto& command : kCommands) {
        if (command.verb == verb) return wrongUse(command).text;
    }
    return {};
}

std::string_view roomMeant(std::string_view name) {
    if (name.starts_with("#@")) return name.substr(1);
    return name.starts_with('@') ? std::string_view() : name;
}

std::span<const HelpLine> helpLines(Face face) {
    static const auto linesFor = [](Face shown) {
        std::vector<HelpLine> all;
        for (const auto& command : kCommands) {
            if (command.screenOnly() && shown != Face::Screen) continue;
            all.push_back({command.usage, command.meaning});
        }
        all.push_back(kBangBang);
        return all;
    };
    static const auto ofLines = linesFor(Face::Lines), ofScreen = linesFor(Face::Screen);
    return face == Face::Screen ? ofScreen : ofLines;
}

}  // namespace netchat::connect
