#pragma once

// What a process has used, by /proc.

#include <sys/types.h>

#include <cstdint>

namespace netchat::test {

// Of all its threads, in user and system mode, since it began.
int64_t cpuMs(pid_t pid);
// What it has in memory.
int64_t residentKiB(pid_t pid);

}  // namespace netchat::test
