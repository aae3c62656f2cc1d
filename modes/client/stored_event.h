#pragma once

// An event that outlives its callback: it owns all that the event refers to. One thread at a time.

#include <cstddef>
#include <string>
#include <vector>

#include "modes/client/event.h"

namespace netchat::client {

class StoredEvent {
  public:
    explicit StoredEvent(const Event& event);
    StoredEvent(StoredEvent&& other) noexcept = default;
    StoredEvent& operator=(StoredEvent&& other) noexcept = default;

    // Valid until the next call, or as long as this object stays where it is.
    const Event& get();
    // About how much memory it takes, itself included.
    size_t bytes() const;

  private:
    // Calls visit(std::string_view&) for every text of it, always in the same order.
    template <class Visit>
    void eachText(Visit visit);

    // Its views, and those of the lists, are mere sizes until get() points them into texts_.
    Event event_;
    std::vector<v2::Member> roster_;
    std::vector<v2::RoomLine> rooms_;
    std::string texts_;  // of all fields and lists, one behind the other
};

}  // namespace netchat::client
