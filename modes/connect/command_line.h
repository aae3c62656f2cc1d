#pragma once

// What a typed line means: a text to say, or one of the commands, which begin with the original's
// sign. `!!` says a text that begins with `!`. Pure functions, any thread.

#include <span>
#include <string>
#include <string_view>

namespace netchat::connect {

enum class Verb {
    Nothing,  // an empty line
    Say,      // text
    Me,       // text: what one does, without one's nick
    Help,
    Exit,
    Upload,  // argument: paths, as typed (client/upload_plan.h)
    Files,
    Get,  // argument: a name, a number of !files, or the beginning of a SHA-256
    Transfers,
    Cancel,    // argument: a number of !transfers, a name, or empty: the only one under way
    Who,       // argument: a room, or empty for the current one
    Roster,    // for the screen
    Msg,       // argument: a nick; text, or empty: the screen goes to the talk; goes
    Close,     // for the screen
    Ignore,    // argument: a nick, or empty: list them
    Unignore,  // argument: a nick
    Join,      // argument: a room
    Room,      // for the screen; argument: a number of the bar, or a name
    Leave,     // argument: a room, or empty for the current one
    Nick,      // argument: the new one
    Rooms,
    History,    // count
    Search,     // text; empty: further back
    Preview,    // for the screen; argument: a file, or empty: the latest
    Reconnect,  // for the screen
    Quiet,      // for the screen; argument: a room, or empty for the current one
    Set,        // for the screen; argument: a setting, or empty: list them; text: its value, if any
    Unset,      // for the screen; argument: a setting
    Operate,    // act; argument: whom or what; count: seconds or 0; text: a reason or nothing
    Ask,        // text: what is asked; the line is said if it comes again (typed_line.h)
    Wrong,      // text: what is wrong with the line and what would be right
};

struct Command {
    Verb verb = Verb::Nothing;
    std::string argument = {};
    std::string text = {};
    std::string_view act = {};  // static
    unsigned count = 0;
    bool goes = false;  // to the talk in which it is said
};

Command parseLine(std::string_view line);

// Whether there is a command of this name, which is without its sign.
bool isCommand(std::string_view name);

// What everybody reads of a Verb::Me. It is an ordinary text, which all clients can show, and it
// stands behind its sender's nick as every text: nobody can pass a "* bob left" for a line of ours.
std::string actionText(std::string_view nick, std::string_view what);

// "~/x" and "~" with the home folder in place of the tilde; all else as it is.
std::string withHome(std::string_view path, std::string_view home);

// How a chat is shown: some commands are for a screen only.
enum class Face { Lines, Screen };

// What a client of lines answers to a command that is for the screen: one line that names what it
// has instead. Empty for all other commands.
std::string screenOnlyText(Verb verb);

// How a command is used: "it is used as: !msg NICK TEXT".
std::string usageText(Verb verb);

// "#@bob" is a room of an older server, and "@bob" a talk with bob: the room that is meant, or
// empty: the talk.
std::string_view roomMeant(std::string_view name);

struct HelpLine {
    std::string_view usage, meaning;
};
// What !help shows.
std::span<const HelpLine> helpLines(Face face = Face::Lines);

}  // namespace netchat::connect
