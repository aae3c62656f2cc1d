#pragma once

// What a session needs of its connection; net::Connection in the server, memory in tests and in
// the simulator. The terms are those of modes/net/connection.h.

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "modes/store/file_store.h"

namespace netchat::serve {

class AddressBudget;

class Transport {
  public:
    virtual ~Transport() = default;
    // Less than offered: the session is told when there is room again.
    virtual size_t write(std::span<const iovec> pieces, bool more) = 0;
    // -1: the file could not be read.
    virtual ssize_t sendFile(const store::StoredFile& file, uint64_t offset, size_t size) = 0;
    virtual void setReading(bool on) = 0;
    virtual void shutdownWrite() = 0;
    virtual void limitUnsent(size_t bytes) = 0;
    virtual std::string peer() const = 0;
    // What its address may take; null: the address is not counted.
    virtual AddressBudget* budget() const { return nullptr; }
    // Whether the peer's machine has acknowledged all that was written. While it has not, to be
    // asked often: a machine that answers and takes nothing is then not given up. `deadAfterMs`:
    // without an answer it is.
    virtual bool delivered(int64_t /*deadAfterMs*/) { return true; }
    // Whether a balancer has forwarded it for a client on another machine.
    virtual bool fromOutside() const { return false; }
    // Whether nobody between can read along.
    virtual bool secure() const { return false; }
};

}  // namespace netchat::serve
