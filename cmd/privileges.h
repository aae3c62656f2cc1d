#pragma once

// Another user's rights instead of root's: for a server that root starts, once all that needs root
// is done. setpriv(1) does the same from outside, but before the port is bound.

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "protocol/result.h"

namespace netchat::cmd {

struct SystemUser {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
};

// The user of that name whose rights this process can take. Errors: there is none, it is root, or
// only root could become it.
Result<SystemUser> findUser(const std::string& name);

// The folder for that user alone, made if it is not there; one that is there stays as it is.
Status makeFolderFor(const SystemUser& user, const std::filesystem::path& folder);

// Takes the user's rights and groups for good, in all threads.
Status become(const SystemUser& user);

}  // namespace netchat::cmd
