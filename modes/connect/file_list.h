#pragma once

// What !files lists and !get chooses from; a client keeps such a list over its runs, too.

#include "modes/client/file_list.h"

namespace netchat::connect {

using client::FileList;
using client::KnownFile;

}  // namespace netchat::connect
