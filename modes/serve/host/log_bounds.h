#pragma once

// How much the log may hold where nobody has said it: what a small disk survives. A log that holds
// more already, of an earlier version or a larger disk, is not cut; it grows no more.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "modes/store/room_log.h"

namespace netchat::serve {

class LogBounds {
  public:
    // All rooms together: a tenth of the disk, and no more than this. The database has room for
    // what is not texts, and the disk for files and for the others who use it.
    static constexpr uint64_t kAllBytesMax = 8ULL * 1024 * 1024 * 1024;
    static constexpr uint64_t kPartOfDisk = 10;
    // One room: no more than this, and than half of all.
    static constexpr uint64_t kRoomBytesMax = 1ULL * 1024 * 1024 * 1024;

    // Of a log in memory, which has bounds of its own.
    LogBounds() = default;
    // Of one in this folder, as it is at the start.
    LogBounds(const std::filesystem::path& folder, const store::RoomLog& log);
    LogBounds(uint64_t diskBytes, const store::RoomLog& log);

    // With what is by the disk.
    store::Retention applied(store::Retention wanted) const;
    // What whoever runs the server should know of it.
    std::vector<std::string> toTell(const store::Retention& wanted) const;

  private:
    uint64_t allBytes_ = 0, roomBytes_ = 0;      // 0: no bound
    uint64_t heldBytes_ = 0, largestBytes_ = 0;  // at the start
    uint64_t byDiskBytes_ = 0;                   // all rooms, without regard to what is held
};

}  // namespace netchat::serve
