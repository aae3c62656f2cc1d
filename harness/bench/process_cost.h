#pragma once

// What a process has used, as the kernel counts it. Any thread.

#include <sys/types.h>

#include <cstdint>
#include <map>

namespace netchat::harness {

struct ProcessCost {
    int64_t cpuNs = 0;                       // of all its threads, to the nanosecond
    int64_t userTicks = 0, systemTicks = 0;  // the same in ticks of 10 ms: only for their shares
    uint64_t residentBytes = 0;
    std::map<pid_t, int64_t> threadNs;  // of each thread that is there

    ProcessCost operator-(const ProcessCost& before) const;
    // Of the time in user and in kernel mode.
    double userShare() const;
    // The thread that would be the limit if there were cores enough.
    int64_t busiestThreadNs() const;
};

// All zero when there is no such process.
ProcessCost costOf(pid_t process);

}  // namespace netchat::harness
