#pragma once

// What a bot has heard and not judged yet, and the last few things that it has:
//
//     | consumed, kept for reports | unread                |
//     first()                      cursor()                end()
//
// Indexes count all events ever pushed. Pure; one thread.

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "modes/bot/event_record.h"
#include "protocol/limits.h"

namespace netchat::bot {

class EventQueue {
  public:
    // Beyond either, the oldest unread events are dropped, and an `expect` that would have had to
    // look at them says so.
    static constexpr size_t kEventsMax = 100'000;
    static constexpr size_t kBytesMax = 64 * limits::kMiB;
    // A failure shows this many.
    static constexpr size_t kShown = 10;

    void push(EventRecord event);
    // Called for each event that a step has used, in order.
    std::function<void(const EventRecord&)> onConsumed;

    size_t first() const { return first_; }
    size_t cursor() const { return cursor_; }
    size_t end() const { return first_ + events_.size(); }
    const EventRecord& at(size_t index) const { return events_[index - first_]; }

    // What was said in the room beyond `seq` is unseen no longer: there is no such entry any more.
    void forgetUnseen(const std::string& room, uint64_t seq);

    // Everything before `index` is judged.
    void consumeTo(size_t index);
    // Unread events that were dropped since the last consumeTo().
    size_t dropped() const { return dropped_; }

    // The newest events, a line each; those that are unread are marked.
    std::vector<std::string> lastLines() const;

  private:
    void dropFront();

    std::deque<EventRecord> events_;
    size_t first_ = 0;
    size_t cursor_ = 0;
    size_t bytes_ = 0;
    size_t dropped_ = 0;
};

}  // namespace netchat::bot
