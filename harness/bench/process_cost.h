#pragma once

// What a process has used, as the kernel counts it. Any thread.

#include <sys/types.h>

#include <cstdint>

namespace netchat::harness {

struct ProcessCost {
    int64_t userNs = 0, systemNs = 0;  // of all its threads; the kernel counts in ticks of 10 ms
    uint64_t residentBytes = 0;
    int64_t cpuNs() const { return userNs + systemNs; }
    ProcessCost operator-(const ProcessCost& other) const {
        return {userNs - other.userNs, systemNs - other.systemNs,
                residentBytes - other.residentBytes};
    }
};

// All zero when there is no such process.
ProcessCost costOf(pid_t process);

}  // namespace netchat::harness
