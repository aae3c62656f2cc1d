#pragma once

// What a typed line means: a text to say, or one of the commands, which begin with the original's
// sign. `!!` says a text that begins with `!`. Pure functions, any thread.

#include <string>
#include <string_view>

#include "modes/connect/commands.h"

namespace netchat::connect {

Command parseLine(std::string_view line);

// What everybody reads of a !me. It is an ordinary text, which all clients can show, and it stands
// behind its sender's nick as every text: nobody can pass a "* bob left" for a line of ours.
std::string actionText(std::string_view nick, std::string_view what);

// "~/x" and "~" with the home folder in place of the tilde; all else as it is.
std::string withHome(std::string_view path, std::string_view home);

// "#@bob" is a room of an older server, and "@bob" a talk with bob: the room that is meant, or
// empty: the talk.
std::string_view roomMeant(std::string_view name);

}  // namespace netchat::connect
