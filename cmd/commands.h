#pragma once

// The subcommands, each in the file of its name. main.cpp lists those that are built.

#include "cmd/command.h"

namespace netchat::cmd {

const Command& serveCommand();
const Command& connectCommand();
const Command& botCommand();
const Command& harnessCommand();
const Command& logCommand();
const Command& ctlCommand();
const Command& knownCommand();
// Commands of two words: a word of the first that has options of its own.
const Command& harnessBenchCommand();
const Command& harnessFloorCommand();
const Command& harnessHostileCommand();

}  // namespace netchat::cmd
