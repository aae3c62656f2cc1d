#pragma once

// One file on its way to everyone in a room, checked byte by byte. Loop thread only.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/bench/member.h"

namespace netchat::harness {

class FileDrop {
  public:
    explicit FileDrop(uint64_t bytes);

    // Offers the next one. v2: another each time, or the server would have it already. Classic: the
    // same, as in the measurements of other servers.
    void offer(Member& sender);
    void accepted(Member& sender, uint64_t transfer);
    // The sender's output was taken; sends on.
    void drained(Member& sender);
    // Bytes that this member gets; `left` of the file are still to come, these included.
    // False: they are others than were sent.
    bool matches(uint64_t left, std::string_view bytes) const;
    uint64_t offered() const { return number_; }

  private:
    void sendPart(Member& sender);

    std::string content_;
    uint64_t number_ = 0, transfer_ = 0;
    size_t sent_ = 0;
    bool sending_ = false;
};

}  // namespace netchat::harness
