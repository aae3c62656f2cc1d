#pragma once

// The rooms in the order of the bar, and which one is looked at. Pure; one thread.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/room.h"

namespace netchat::connect {

class Rooms {
  public:
    // Those that are open can't be more than a user may be in, but for private ones: the one that
    // was quiet longest goes then, unless it holds something unread.
    static constexpr size_t kPrivateMax = 50;

    size_t size() const { return rooms_.size(); }
    bool empty() const { return rooms_.empty(); }
    RoomView& at(size_t i) { return *rooms_[i]; }
    const RoomView& at(size_t i) const { return *rooms_[i]; }
    size_t currentIndex() const { return current_; }
    // Null: there is none.
    RoomView* current() { return empty() ? nullptr : rooms_[current_].get(); }
    const RoomView* current() const { return empty() ? nullptr : rooms_[current_].get(); }

    // What was looked at before the current one; null: nothing, or it is closed.
    const RoomView* before() const;

    RoomView* find(RoomView::Kind kind, std::string_view name);
    // Found or added behind the others; it does not come to the front by that, unless it is the
    // first.
    RoomView& open(RoomView::Kind kind, std::string_view name);
    // Brings a room to the front: it is looked at from now on.
    void show(size_t index);
    void show(const RoomView& room);
    // The neighbour, round the ends.
    void turn(int by);
    // The next one with something unread, those with mentions first; false: there is none.
    bool showNextActive();
    void close(const RoomView& room);
    // The same; what was looked at before it is looked at again.
    void closeAndGoBack(const RoomView& room);

    // What is not as it should be between two calls, the rooms included; empty: nothing.
    std::string checkInvariants() const;

  private:
    friend struct InvariantsTest;  // plants faults

    size_t indexOf(const RoomView& room) const;
    void makePlace();

    std::vector<std::unique_ptr<RoomView>> rooms_;  // where they are stays the same
    size_t current_ = 0;
    const RoomView* before_ = nullptr;  // what was looked at before; it may be gone
};

// Whoever looked at a room looks away: what comes from now on is new there.
inline void lookAway(RoomView& room) {
    const bool someUnseen = room.anchor && room.below.lines > 0;
    if (!someUnseen) room.newFrom = room.newFromSeq = 0;
}

}  // namespace netchat::connect
