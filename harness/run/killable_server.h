#pragma once

// A server of the run's own that can be killed and is there again afterwards: the same one, started
// again, or another one that takes over.

#include <functional>
#include <string>

#include "modes/net/address.h"

namespace netchat::harness {

// Loop thread only.
class KillableServer {
  public:
    using Back = std::function<void(const std::string& trouble)>;

    virtual ~KillableServer() = default;
    // Where clients reach it now.
    virtual const net::HostPort& address() const = 0;
    virtual bool up() const = 0;
    // kill -9; `back` is called when there is a server again, with an empty text, or why there is
    // none. Only while up().
    virtual void killAndRestart(Back back) = 0;
    // Empty, or how the one that runs did not end as it should.
    virtual std::string stop(int64_t timeoutMs) = 0;
    // The end of what it wrote to stderr.
    virtual std::string complaints() const = 0;
};

}  // namespace netchat::harness
