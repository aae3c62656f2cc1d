#pragma once

// The files that go out, whichever the dialect. Loop thread only; no call blocks for longer than a
// slice of a file takes to read.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "modes/client/event.h"
#include "modes/client/host.h"
#include "modes/client/transfer.h"

namespace netchat::client {

class Outgoing {
  public:
    virtual ~Outgoing() = default;

    // `name` passes checkFileName(), and `folder` checkFolder() if there is one.
    virtual void add(std::string id, std::string_view room, std::string name,
                     std::unique_ptr<Source> file, std::string folder = {}) = 0;
    // Does a slice of what needs no connection (hashing); true: there is more of it.
    virtual bool prepare() { return false; }
    // Called when all output was written: hands the next chunk to the session; false: none is due.
    virtual bool produce() = 0;
    // Not yet at the server.
    virtual size_t pending() const = 0;
    virtual void connectionEnded() = 0;

    virtual void list(Transfers& out) const = 0;
    // Gives one up; Refused (kCancelled) tells of it. False: there is none of this id, or it cannot
    // be taken back any more.
    virtual bool cancel(std::string_view id) = 0;
};

}  // namespace netchat::client
