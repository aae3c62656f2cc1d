#include "modes/net/tcp_options.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <limits>

namespace netchat::net {

namespace {

// A peer that went without a word (no power, no cable) is noticed after these, not never.
constexpr int kQuietSeconds = 60, kProbeSeconds = 15, kProbes = 4;
// Parts of the time after which a peer is given up: three probes fit into the patience.
constexpr int64_t kQuietParts = 4, kProbeParts = 12;

// How long a machine may acknowledge nothing.
int64_t patienceOf(int64_t ms) {
    return ms / 2;
}

void set(int fd, int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
}

}  // namespace

void setTcpOptions(int fd) {
    set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, kQuietSeconds);
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, kProbeSeconds);
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
}

void giveUpWithin(int fd, int64_t ms) {
    const auto seconds = [](int64_t parts) {
        return static_cast<int>(std::clamp<int64_t>(parts / 1000, 1, 30'000));
    };
    set(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds(ms / kQuietParts));
    set(fd, IPPROTO_TCP, TCP_KEEPINTVL, seconds(ms / kProbeParts));
    set(fd, IPPROTO_TCP, TCP_KEEPCNT, static_cast<int>((kProbeParts - kQuietParts) / 2));
    endExcuse(fd, ms);
}

bool allDelivered(int fd) {
    int waiting = 0;
    return ::ioctl(fd, SIOCOUTQ, &waiting) != 0 || waiting == 0;
}

// While a window is closed the kernel asks whether it has opened, ever more seldom, but at the
// latest when its patience would end: so it is moved on in steps that are shorter than itself.
void excuseSlowPeer(int fd, int64_t ms) {
    tcp_info info{};
    socklen_t size = sizeof info;
    if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return;
    const int64_t patience = patienceOf(ms);
    if (info.tcpi_last_ack_recv > patience + patience / 12) return;
    const int64_t until = info.tcpi_last_data_sent + patience * 3 / 4;
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
        static_cast<int>(std::clamp<int64_t>(until, patience, std::numeric_limits<int>::max())));
}

void endExcuse(int fd, int64_t ms) {
    set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(patienceOf(ms)));
}

}  // namespace netchat::net
