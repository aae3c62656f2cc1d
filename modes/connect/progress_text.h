#pragma once

// Transfers' progress as text: a line that moves on a terminal, or a line at each further tenth in
// a log. Pure; one thread.

#include <cstdint>
#include <map>
#include <string>

#include "modes/client/event.h"
#include "modes/client/transfer.h"

namespace netchat::connect {

// "sending photo.jpg: 42 % of 48.0 MiB"
std::string progressText(const client::Event& progress);
// The same of any transfer: "hashing …" before it is offered, "…, waiting" while it does not move.
std::string progressText(const client::Transfer& transfer);

class ProgressSteps {
  public:
    // Whether this Progress event passes a tenth for the first time; neither beginning nor end
    // does, since other lines tell of them.
    bool isDue(const client::Event& progress);
    // It came to an end of whatever kind: FileFailed, Refused.
    void over(const client::Event& end) { tenths_.erase(keyOf(end)); }
    void clear() { tenths_.clear(); }

  private:
    static std::string keyOf(const client::Event& event);

    std::map<std::string, uint64_t> tenths_;  // by direction and id or hash, while under way
};

}  // namespace netchat::connect
