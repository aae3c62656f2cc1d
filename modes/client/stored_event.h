#pragma once

// An event that outlives its callback: it owns the texts that the event refers to. One thread at a
// time.

#include <string>

#include "modes/client/event.h"

namespace netchat::client {

class StoredEvent {
  public:
    // Rosters and room lists are not kept.
    explicit StoredEvent(const Event& event);
    StoredEvent(StoredEvent&& other) noexcept = default;
    StoredEvent& operator=(StoredEvent&& other) noexcept = default;

    // Valid until the next call, or as long as this object stays where it is.
    const Event& get();

  private:
    Event event_;
    std::string texts_;  // of all labels, one behind the other, in the order of kTexts
};

}  // namespace netchat::client
