#pragma once

// What is said in a room is one stream of bytes, the same for all who hear it. Whoever is first to
// hear a part has it read; what the others get is compared with it, byte for byte. That checks more
// than reading it again would, and costs a fraction of it.
//
//     | message | message | message |         the stream, as the first has heard it
//               ^    ^              ^
//           a place  another one    whoever stands here reads what comes, and appends it
//
// Pure; one thread.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "harness/bench/stamp.h"

namespace netchat::harness {

class RoomStream {
  public:
    struct Message {
        uint64_t end;  // where the next begins
        Stamp stamp;
    };
    // How far somebody has heard: `at` bytes, of which all messages before `index` are whole.
    struct Place {
        uint64_t at = 0, index = 0;
    };

    // How many of the bytes, from their first, are those that follow the place, which moves behind
    // them: all, or as many as the stream has, or none if one of them differs.
    size_t follow(Place& place, std::string_view bytes) const;
    // Takes the place back to the beginning of its message; returns the bytes from there.
    std::string begun(Place& place) const;

    // A message at the end, heard by the one who brings it.
    void append(std::string_view bytes, const Stamp& stamp);
    const Message& message(uint64_t index) const { return messages_[index - dropped_]; }
    uint64_t count() const { return dropped_ + messages_.size(); }
    uint64_t first() const { return dropped_; }  // that is still held
    size_t held() const { return bytes_.size(); }
    // Messages before this one are needed by nobody any more.
    void dropBefore(uint64_t index);

  private:
    uint64_t endOf(uint64_t index) const {
        return index > dropped_ ? message(index - 1).end : start_;
    }
    uint64_t end() const { return start_ + bytes_.size(); }

    uint64_t start_ = 0, dropped_ = 0;  // bytes and messages that were dropped
    std::string bytes_;
    std::deque<Message> messages_;
};

}  // namespace netchat::harness
