#include "modes/store/temporary_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace netchat::store {

Result<std::unique_ptr<TemporaryFolder>> TemporaryFolder::make() {
    const char* const chosen = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe)
    std::string pattern = std::string(chosen && *chosen ? chosen : "/var/tmp") + "/netchat-XXXXXX";
    if (!mkdtemp(pattern.data())) {
        return Error{ErrorCode::Internal, "cannot make a folder " + pattern + ": " +
                                              std::generic_category().message(errno)};
    }
    const int lock = ::open(pattern.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // Without a lock it is as safe as any other folder there.
    if (lock >= 0) (void)::flock(lock, LOCK_SH | LOCK_NB);
    return std::unique_ptr<TemporaryFolder>(new TemporaryFolder(pattern, lock));
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
    if (lock_ >= 0) ::close(lock_);
}

}  // namespace netchat::store
