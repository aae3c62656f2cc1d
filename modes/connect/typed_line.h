#pragma once

// What a line means that somebody typed at a terminal: as parseLine() says, but a line that begins
// with "/" and a word is not said. Those who know IRC mean a command by it, and a private message
// to the whole room can't be taken back:
//
//     /msg carol secret     the command of ours
//     /topic x              not said: there is none like it here
//     /frob x               not said: it asks, and the same line again says it
//     /opt/x is full        the same; after a "yes", other paths are said at once
//     //x                   says "/x"

#include <string>
#include <string_view>

#include "modes/connect/commands.h"

namespace netchat::connect {

// Pure; one thread.
class TypedLine {
  public:
    // An Ask where the line is not said unless it comes again; any other line, an empty one
    // too, is a no.
    Command read(std::string_view line);

  private:
    Command slash(std::string_view line);
    Command confirmed(std::string_view line);

    std::string asked_;       // the line that waits for its answer; empty: none
    bool pathsSaid_ = false;  // a path was said once
};

}  // namespace netchat::connect
