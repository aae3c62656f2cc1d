#pragma once

// A command by itself, for one that waits: the batch of a whole turn is not kept for it.

#include <memory>

#include "modes/serve/hub/commands.h"

namespace netchat::serve {

// A batch of this command alone, with its texts.
std::shared_ptr<const CommandBatch> copied(const Command& command);

}  // namespace netchat::serve
