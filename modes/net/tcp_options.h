#pragma once

// What every connection of ours has: no delay, and probes when the peer is quiet. Set on a
// listening socket it is handed down to those that it accepts (tcp(7)), at no call of their own.
//
// Probes run only while nothing is unacknowledged. Beside them a server sets how long the peer's
// machine may acknowledge nothing (TCP_USER_TIMEOUT). The kernel counts this also against a machine
// that answers but takes nothing, because its program does not read: excuseSlowPeer() is for those.

#include <cstdint>

namespace netchat::net {

void setTcpOptions(int fd);
// A peer whose machine has gone is given up within `ms`, with or without data on its way: half of
// it is the patience with each, since data may be sent just before the probes would have ended.
void giveUpWithin(int fd, int64_t ms);
// Whether the peer's machine has acknowledged all that was written.
bool allDelivered(int fd);
// Where the peer's machine still answers, the kernel waits on; `ms` is as of giveUpWithin(). To be
// called several times in that time, as long as not all is delivered.
void excuseSlowPeer(int fd, int64_t ms);
// The patience as it was before excuseSlowPeer().
void endExcuse(int fd, int64_t ms);

}  // namespace netchat::net
