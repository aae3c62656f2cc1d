#pragma once

// What a process that serves or uses many sockets sets up before anything else.

namespace netchat::net {

// Raises the soft limit of open descriptors to the hard one and ignores SIGPIPE. Call once, first
// thing in a process. Returns the limit now in force.
int prepareProcess();

}  // namespace netchat::net
