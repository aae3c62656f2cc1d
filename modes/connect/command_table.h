#pragma once

// The table of commands: the only place that knows their names, how they are used, how both clients
// help with them, how Tab completes them, and what people who know IRC call them. What a command
// does is each client's: chat_commands.cpp, screen/typed_commands.cpp.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/command_arguments.h"

namespace netchat::connect {

// What Tab makes of the first argument.
enum class Completes {
    Text,       // nicks, as in any text
    Nick,       // one word
    SpacyNick,  // the rest of the line: nicks of classic users have spaces
    Room,
    File,  // that was sent to the room; the rest of the line
    Path,  // the rest of the line
    Setting,
};

// What people who know IRC write behind the name.
enum class IrcArguments {
    Same,
    Room,  // a sign in front of a room's name, and words behind it: neither is taken
    None,  // a reason for going: it is not taken
};

struct HelpLine {
    std::string usage, meaning;
};

struct CommandInfo {
    // A row of the screen's help, which has room for fewer words and may name several commands.
    struct PageRow {
        std::string_view usage, meaning;
    };

    std::string_view name;  // without its sign
    Arguments arguments;
    std::string_view argumentsText = {};  // "NICK TEXT"; empty: none
    std::string_view meaning;
    PageRow page = {};  // none: the row of another names it, or it is for operators
    Completes completes = Completes::Text;
    std::string_view irc = {};  // its names there beside its own, with spaces between
    IrcArguments ircArguments = IrcArguments::Same;
    std::string_view withoutScreen =
        {};  // for the screen only: what the client of lines has instead

    constexpr bool forOperators() const {
        return arguments.type == arguments::kPlace<command::Operate>;
    }
    std::string usage() const;  // "!msg NICK TEXT"
};

std::span<const CommandInfo> commandTable();
// Nothing: there is none of this name, which is without its sign.
const CommandInfo* findCommand(std::string_view name);
// By its own name or one of IRC.
const CommandInfo* findIrcCommand(std::string_view name);

// The names of IRC that are not ours, without their sign.
std::vector<std::string> ircNames();

// How a chat is shown: some commands are for a screen only.
enum class Face { Lines, Screen };
// What !help shows.
std::span<const HelpLine> helpLines(Face face = Face::Lines);
// What the screen's help shows, which names all commands in few words.
std::span<const CommandInfo::PageRow> helpPage();
// The last line of that: "operators: !kick !ban …".
std::string operatorsLine();

// How a command is used: "usage: !msg NICK TEXT". Not of one for operators: those share a type.
std::string usageText(const Command& command);
// What a client of lines answers to a command that is for the screen: one line that names what it
// has instead.
std::string screenOnlyText(const Command& command);

}  // namespace netchat::connect
