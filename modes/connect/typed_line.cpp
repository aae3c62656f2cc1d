#include "modes/connect/typed_line.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "modes/connect/command_line.h"
#include "modes/connect/command_table.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

constexpr std::string_view kAsk = "repeat the line to send it (// sends a text that begins with /)";

// Commands of IRC that nothing here answers to. Those that something does are in the table of
// commands.
constexpr std::string_view kNotHere[] = {
    "alias", "ame",   "amsg",   "away",     "chanserv", "clear",      "connect",  "cs",
    "ctcp",  "cycle", "dcc",    "deop",     "devoice",  "disconnect", "identify", "invite",
    "kill",  "knock", "mode",   "nickserv", "notice",   "ns",         "op",       "oper",
    "ping",  "quote", "raw",    "say",      "script",   "server",     "topic",    "version",
    "voice", "whois", "whowas", "window",
};

bool isNotHere(std::string_view name) {
    return std::find(std::begin(kNotHere), std::end(kNotHere), name) != std::end(kNotHere);
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

// What IRC people write and ours does not take is left out.
std::string argumentsFor(const CommandInfo& command, std::string_view rest) {
    if (command.ircArguments == IrcArguments::None) return {};
    if (command.ircArguments == IrcArguments::Same) return std::string(rest);
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    // "#@bob" is ours: the room that is called like a talk.
    if (rest.starts_with('#') && !rest.starts_with("#@")) rest.remove_prefix(1);
    return std::string(rest.substr(0, rest.find(' ')));
}

Command none(std::string_view name) {
    return command::Wrong{"not sent: there is no /" + forLog(name, 30) +
                          " here; !help lists the commands (// sends a text that begins with /)"};
}

}  // namespace

Command TypedLine::read(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string asked = std::exchange(asked_, {});
    if (!asked.empty() && line == asked) return confirmed(asked);
    if (line.starts_with("//")) return command::Say{std::string(line.substr(1))};
    const bool word = line.size() > 1 && line[0] == '/' && isLetter(line[1]);
    return word ? slash(line) : parseLine(line);
}

Command TypedLine::confirmed(std::string_view line) {
    pathsSaid_ = pathsSaid_ || line.find('/', 1) < line.find(' ');
    return command::Say{std::string(line)};
}

Command TypedLine::slash(std::string_view line) {
    const size_t end = std::min(line.size(), line.find_first_of(" \t\n"));
    const std::string_view word = line.substr(1, end - 1);
    const bool path = word.find('/') != std::string_view::npos;
    if (path && pathsSaid_) return command::Say{std::string(line)};
    const std::string name = lower(word);
    if (const CommandInfo* const ours = path ? nullptr : findIrcCommand(name)) {
        Command command =
            parseLine("!" + std::string(ours->name) + " " + argumentsFor(*ours, line.substr(end)));
        if (auto* const msg = std::get_if<command::Msg>(&command)) msg->goes = name == "query";
        return command;
    }
    if (!path && isNotHere(name)) return none(word);
    asked_ = line;
    return command::Ask{"not sent: " + forLog(line, 60) + (path ? "" : " is not a command") + "; " +
                        std::string(kAsk)};
}

}  // namespace netchat::connect
