#pragma once

// Whether what a server trusts on the disk is in the hands of its owner alone: a key or a data
// folder that others may write is theirs as much as the server's.

#include <filesystem>
#include <string_view>

#include "protocol/result.h"

namespace netchat::serve {

// BadState: the group of the file or folder, or others, may write it; the text says what mends it.
// What is not there is nobody's. `what` names it: "the data folder".
Status checkNobodyElseWrites(const std::filesystem::path& path, std::string_view what);

}  // namespace netchat::serve
