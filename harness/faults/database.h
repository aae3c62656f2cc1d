#pragma once

// A pair of databases, as faults break it: a primary, and a standby that each commit waits for.
// harness/postgres/pair.h is the one that there is.

#include <cstdint>

#include "protocol/result.h"

namespace netchat::harness {

// Any thread, one at a time. Everything blocks.
class Database {
  public:
    virtual ~Database() = default;
    // kill -9 of all processes of the primary.
    virtual void killPrimary() = 0;
    virtual Status promoteStandby() = 0;
    // Who is not the primary becomes its standby anew, and is waited for.
    virtual Status rebuild() = 0;
    virtual Status stopStandby() = 0;
    // Where it was stopped, and it is waited for.
    virtual Status startStandby() = 0;
    // Nothing can be added to the primary's disk any more, until it is freed.
    virtual Status fillDisk() = 0;
    virtual Status freeDisk() = 0;
    // Waits until the primary has refused something for want of space, at most so long.
    virtual void waitUntilFull(int64_t timeoutMs) = 0;
    virtual void pause(int64_t ms) = 0;
};

}  // namespace netchat::harness
