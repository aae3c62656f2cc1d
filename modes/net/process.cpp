#include "modes/net/process.h"

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <limits>

namespace netchat::net {

int prepareProcess() {
    std::signal(SIGPIPE, SIG_IGN);
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    const rlim_t before = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max;
    const rlim_t now = setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_max : before;
    return static_cast<int>(std::min<rlim_t>(now, std::numeric_limits<int>::max()));
}

}  // namespace netchat::net
