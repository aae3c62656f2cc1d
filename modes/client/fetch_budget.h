#pragma once

// Which announced files a client fetches without being asked. Each file, each sender and the whole
// run has a bound, so that a stranger can fill neither the disk nor the run of everybody else:
//
//     one file  <= fileBytesMax       one sender <= a quarter of totalBytesMax
//                                     everybody  <= totalBytesMax
//
// A file that is asked for by name is not counted.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "modes/client/event.h"

namespace netchat::client {

// Pure; one thread.
class FetchBudget {
  public:
    // What a file takes on a disk at least: many empty files are no way around a bound.
    static constexpr uint64_t kFileBytesMin = 4096;
    static constexpr uint64_t kSenderShare = 4;

    FetchBudget(uint64_t fileBytesMax, uint64_t totalBytesMax)
        : fileBytesMax_(fileBytesMax), totalBytesMax_(totalBytesMax) {}

    enum class Verdict {
        Fetched,       // and counted
        TooLarge,      // the file alone
        SenderUsedUp,  // with it its sender would have more than a quarter
        UsedUp,        // with it the run would have more than all
    };
    Verdict take(const event::File& file);

    // Why a file is not fetched; empty where its size says so. Static.
    static std::string_view reason(Verdict verdict);

  private:
    const uint64_t fileBytesMax_, totalBytesMax_;
    uint64_t taken_ = 0;
    // By the user's number, since a nick changes; a classic user has none, and counts by name. It
    // has an entry for each sender of something, so totalBytesMax bounds it.
    std::map<std::string, uint64_t, std::less<>> takenFrom_;
};

}  // namespace netchat::client
