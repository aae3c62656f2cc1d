#pragma once

// What every connection of ours has: no delay, and probes when the peer is quiet. Set on a
// listening socket it is handed down to those that it accepts (tcp(7)), at no call of their own.

namespace netchat::net {

void setTcpOptions(int fd);

}  // namespace netchat::net
