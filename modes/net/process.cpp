#include "modes/net/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <limits>

namespace netchat::net {

int prepareProcess() {
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a write that fails
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    const rlim_t now = setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
    return static_cast<int>(std::min<rlim_t>(now, std::numeric_limits<int>::max()));
}

bool isIgnored(int signal) {
    struct sigaction action {};
    return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void restrictProcess(bool sharesFiles) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    // A limit of nothing holds for files, and what is filtered away for the programs that the
    // system may pipe dumps into. (PR_SET_DUMPABLE would hide the process from its own user.)
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (const int fd = ::open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC); fd >= 0) {
        [[maybe_unused]] const auto written = ::write(fd, "0", 1);
        ::close(fd);
    }
    if (!sharesFiles) ::umask(077);
}

}  // namespace netchat::net
