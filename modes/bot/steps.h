#pragma once

// What each step of a script does, and when it is finished.

#include "modes/bot/script.h"
#include "modes/bot/step_progress.h"

namespace netchat::bot {

// Starts the step; the actors of a `bot` step are there, not yet connected. The world and the step
// must outlive the check.
Check beginStep(World& world, const Script& script, const Step& step);

}  // namespace netchat::bot
