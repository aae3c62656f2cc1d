#pragma once

// Sockets with a name in a folder, for this machine only. The folder's path may be as long as a
// path may be: where an address has no room for it, the name is looked up below a descriptor.

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "protocol/result.h"

namespace netchat::net {

// Listens at `name` in `folder`, for this user only (0600). What has the name is removed first:
// the caller knows that nobody listens there. The descriptor does not block.
Result<int> listenLocally(const std::filesystem::path& folder, const std::string& name);

// Blocks. BadState: nobody listens there. NotOperator: this user may not.
Result<int> connectLocally(const std::filesystem::path& folder, const std::string& name);

// Who has connected; -1: unknown.
uid_t peerUser(int fd);

}  // namespace netchat::net
