#include "modes/client/subfolder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "protocol/file_labels.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

// So many things may be in a folder's way.
constexpr unsigned kFolderNumberMax = 100;

Error partFailure(const std::string& part) {
    const int error = errno;
    const bool full = error == ENOSPC || error == EDQUOT;
    return {
        full ? ErrorCode::NoRoom : ErrorCode::Internal,
        "cannot make the folder " + forLog(part) + ": " + std::generic_category().message(error)};
}

// -1 where something else has the name; that is what EEXIST stands for then.
int makeAndEnter(int parentFd, const std::string& part) {
    if (::mkdirat(parentFd, part.c_str(), 0777) != 0 && errno != EEXIST) return -1;
    const int fd =
        ::openat(parentFd, part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno == ENOTDIR || errno == ELOOP)) errno = EEXIST;
    return fd;
}

}  // namespace

Result<Subfolder> openSubfolder(int downloadsFd, std::string_view folder) {
    const auto slashes = std::count(folder.begin(), folder.end(), '/');
    if (static_cast<size_t>(slashes) >= limits::kFolderPartsMax) {
        return Error{ErrorCode::BadName, "the file is too deep below the folder"};
    }
    Subfolder place{::fcntl(downloadsFd, F_DUPFD_CLOEXEC, 0), {}};
    if (place.fd < 0) return partFailure(".");
    const auto fail = [&](Error error) {
        ::close(place.fd);
        return error;
    };
    while (!folder.empty()) {
        const std::string_view part = folder.substr(0, folder.find('/'));
        folder.remove_prefix(std::min(folder.size(), part.size() + 1));
        const std::string safe = safeFileName(part);
        std::string name = safe;
        int fd = makeAndEnter(place.fd, name);
        for (unsigned number = 2; fd < 0 && errno == EEXIST && number <= kFolderNumberMax;
             ++number) {
            name = numberedFileName(safe, number);
            fd = makeAndEnter(place.fd, name);
        }
        if (fd < 0) return fail(partFailure(name));
        ::close(place.fd);
        place.fd = fd;
        place.path /= name;
    }
    return place;
}

}  // namespace netchat::client
