#include "modes/net/machine_clock.h"

#include <time.h>

namespace netchat::net {

int64_t machineMs() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace netchat::net
