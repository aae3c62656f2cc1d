#pragma once

namespace netchat::net {

// Raises the soft limit of open descriptors to the hard one and ignores SIGPIPE. Call once, first
// thing in a process. Returns the limit now in force.
int prepareProcess();

}  // namespace netchat::net
