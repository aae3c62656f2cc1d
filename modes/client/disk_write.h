#pragma once

// How received bytes reach the disk: without blocks of zeros, and for good before anybody is told
// that they are there. A file system that has no holes fills them itself. Any thread; waits for the
// disk.

#include <cstdint>
#include <string>
#include <string_view>

#include <sys/types.h>

namespace netchat::client {

// Writes at the end of the file, which is `offset`, what begins `bytes`: data, or a hole for whole
// blocks of zeros. How many bytes that were; -1 with errno.
ssize_t writeOrSkip(int fd, std::string_view bytes, uint64_t offset);

// Has the kernel begin to write what lies between, so that syncFile() finds little to wait for.
void beginSync(int fd, uint64_t from, uint64_t to);

// A power cut does not take the bytes of the file back. False with errno.
bool syncFile(int fd);
// Nor the names in the folder. A file system that cannot promise that is left to do as it does.
bool syncFolder(int fd);

}  // namespace netchat::client
