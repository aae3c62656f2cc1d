#include "modes/connect/command_line.h"

#include <vector>

#include "modes/connect/command_table.h"
#include "protocol/nearest.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

Command unknown(std::string_view name) {
    std::vector<std::string_view> names;
    for (const CommandInfo& command : commandTable()) names.push_back(command.name);
    const auto near = nearestWord(name, names);
    std::string text = "unknown command '!" + forLog(name, 30) + "'";
    if (!near.empty()) text += "; did you mean !" + std::string(near) + "?";
    return command::Wrong{text +
                          " (!help lists the commands; !! sends a text that begins with '!')"};
}

}  // namespace

Command parseLine(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) return command::Nothing{};
    if (line.starts_with("!!")) return command::Say{std::string(line.substr(1))};
    if (line.front() != '!') return command::Say{std::string(line)};
    std::string_view rest = line.substr(1);
    const auto name = takeWord(rest);
    const CommandInfo* const row = findCommand(name);
    if (row == nullptr) return unknown(name);
    if (auto command = row->arguments.read(row->name, rest)) return std::move(*command);
    return command::Wrong{"usage: " + row->usage()};
}

std::string actionText(std::string_view nick, std::string_view what) {
    return "* " + std::string(nick) + " " + std::string(what);
}

std::string withHome(std::string_view path, std::string_view home) {
    const bool tilde = path == "~" || path.starts_with("~/");
    if (!tilde || home.empty()) return std::string(path);
    return std::string(home) + std::string(path.substr(1));
}

std::string_view roomMeant(std::string_view name) {
    if (name.starts_with("#@")) return name.substr(1);
    return name.starts_with('@') ? std::string_view() : name;
}

}  // namespace netchat::connect
