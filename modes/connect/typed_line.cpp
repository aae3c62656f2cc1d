#include "modes/connect/typed_line.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

constexpr std::string_view kAsk = "repeat the line to send it (// sends a text that begins with /)";

struct Alias {
    std::string_view slash;  // of IRC
    std::string_view ours;   // without its sign; empty: there is none
};

// What is not here is ours by its own name, or nobody's.
constexpr Alias kAliases[] = {
    {"quit", "exit"},
    {"bye", "exit"},
    {"query", "msg"},
    {"j", "join"},
    {"part", "leave"},
    {"names", "who"},
    {"list", "rooms"},
    {"lastlog", "search"},
    {"grep", "search"},
    {"describe", "me"},
    {"action", "me"},
    {"h", "help"},
    {"unquiet", "unmute"},
    {"wc", "close"},
    {"alias", ""},
    {"ame", ""},
    {"amsg", ""},
    {"away", ""},
    {"buffer", "room"},
    {"chanserv", ""},
    {"clear", ""},
    {"connect", ""},
    {"cs", ""},
    {"ctcp", ""},
    {"cycle", ""},
    {"dcc", ""},
    {"deop", ""},
    {"devoice", ""},
    {"disconnect", ""},
    {"identify", ""},
    {"invite", ""},
    {"kill", ""},
    {"knock", ""},
    {"mode", ""},
    {"nickserv", ""},
    {"notice", ""},
    {"ns", ""},
    {"op", ""},
    {"oper", ""},
    {"ping", ""},
    {"quote", ""},
    {"raw", ""},
    {"say", ""},
    {"script", ""},
    {"server", ""},
    {"topic", ""},
    {"version", ""},
    {"voice", ""},
    {"whois", ""},
    {"whowas", ""},
    {"window", ""},
};

const Alias* aliasOf(std::string_view name) {
    const auto* known = std::find_if(std::begin(kAliases), std::end(kAliases),
                                     [&](const Alias& alias) { return alias.slash == name; });
    return known == std::end(kAliases) ? nullptr : known;
}

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (static_cast<unsigned char>(c) & 0x80U) != 0;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

// What IRC people write and ours does not take: a sign in front of a room's name, and a reason for
// going.
std::string argumentsFor(std::string_view ours, std::string_view rest) {
    const bool room = ours == "join" || ours == "leave" || ours == "who";
    if (ours == "exit") return {};
    if (!room) return std::string(rest);
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    // "#@bob" is ours: the room that is called like a talk.
    if (rest.starts_with('#') && !rest.starts_with("#@")) rest.remove_prefix(1);
    return std::string(rest.substr(0, rest.find(' ')));
}

Command none(std::string_view name) {
    return {.verb = Verb::Wrong,
            .text = "not sent: there is no /" + forLog(name, 30) +
                    " here; !help lists the commands (// sends a text that begins with /)"};
}

}  // namespace

std::vector<std::string> commandsOfIrc() {
    std::vector<std::string> names;
    for (const Alias& alias : kAliases) {
        if (!alias.ours.empty()) names.emplace_back(alias.slash);
    }
    return names;
}

std::string_view ourCommand(std::string_view name) {
    const Alias* const known = isCommand(name) ? nullptr : aliasOf(name);
    return known == nullptr ? name : known->ours;
}

Command TypedLine::read(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string asked = std::exchange(asked_, {});
    if (!asked.empty() && line == asked) return confirmed(asked);
    if (line.starts_with("//")) return {.verb = Verb::Say, .text = std::string(line.substr(1))};
    const bool word = line.size() > 1 && line[0] == '/' && isLetter(line[1]);
    return word ? slash(line) : parseLine(line);
}

Command TypedLine::confirmed(std::string_view line) {
    pathsSaid_ = pathsSaid_ || line.find('/', 1) < line.find(' ');
    return {.verb = Verb::Say, .text = std::string(line)};
}

Command TypedLine::slash(std::string_view line) {
    const size_t end = std::min(line.size(), line.find_first_of(" \t\n"));
    const std::string_view word = line.substr(1, end - 1);
    const bool path = word.find('/') != std::string_view::npos;
    if (path && pathsSaid_) return {.verb = Verb::Say, .text = std::string(line)};
    std::string name = lower(word);
    if (!path && !isCommand(name)) {
        const Alias* const known = aliasOf(name);
        if (known != nullptr && known->ours.empty()) return none(word);
        if (known != nullptr) name = known->ours;
    }
    if (!path && isCommand(name)) {
        Command command = parseLine("!" + name + " " + argumentsFor(name, line.substr(end)));
        command.goes = lower(word) == "query";
        return command;
    }
    asked_ = line;
    return {.verb = Verb::Ask,
            .text = "not sent: " + forLog(line, 60) + (path ? "" : " is not a command") + "; " +
                    std::string(kAsk)};
}

}  // namespace netchat::connect
