#include "cmd/privileges.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace netchat::cmd {

namespace {

Error systemError(const std::string& what) {
    return {ErrorCode::Internal, what + ": " + std::generic_category().message(errno)};
}

}  // namespace

Result<SystemUser> findUser(const std::string& name) {
    std::vector<char> room(1 << 14);
    passwd entry{};
    passwd* found = nullptr;
    int status = 0;
    while ((status = getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found)) ==
           ERANGE) {
        room.resize(room.size() * 2);
    }
    if (!found) {
        return Error{ErrorCode::BadValue, "unknown user '" + name +
                                              "'; create one with useradd --system " +
                                              (name.empty() ? "netchat" : name)};
    }
    const SystemUser user{name, entry.pw_uid, entry.pw_gid};
    if (user.uid == 0) {
        return Error{ErrorCode::BadValue, "refusing to run as root; name an unprivileged user"};
    }
    if (geteuid() != 0 && geteuid() != user.uid) {
        return Error{ErrorCode::BadValue, "only root can switch to the user '" + name +
                                              "'; run as root, or as that user without --user"};
    }
    return user;
}

Status makeFolderFor(const SystemUser& user, const std::filesystem::path& folder) {
    if (geteuid() == user.uid) return Ok{};
    if (mkdir(folder.c_str(), 0700) != 0) {
        return errno == EEXIST ? Status{Ok{}}
                               : systemError("cannot make the folder " + folder.string());
    }
    // By descriptor and not through a link: what was made is what is given away.
    const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return systemError("cannot open the folder " + folder.string());
    const bool given = fchown(fd, user.uid, user.gid) == 0;
    const Status status =
        given
            ? Status{Ok{}}
            : systemError("cannot give the folder " + folder.string() + " to '" + user.name + "'");
    close(fd);
    return status;
}

Status become(const SystemUser& user) {
    if (geteuid() == user.uid) return Ok{};
    // The groups first: afterwards nobody may change them.
    if (initgroups(user.name.c_str(), user.gid) != 0 ||
        setresgid(user.gid, user.gid, user.gid) != 0 ||
        setresuid(user.uid, user.uid, user.uid) != 0) {
        return systemError("cannot switch to the user '" + user.name + "'");
    }
    if (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0) {
        return Error{ErrorCode::Internal, "root privileges can be regained after switching to '" +
                                              user.name + "'; refusing to run"};
    }
    return Ok{};
}

}  // namespace netchat::cmd
