#pragma once

// Transfers' progress as text: a line that moves on a terminal, or a line at each further tenth in
// a log. Pure; one thread.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "modes/client/event.h"
#include "modes/client/transfer.h"

namespace netchat::connect {

// "sending photo.jpg: 42 % of 48.0 MiB"
std::string progressText(const client::event::Progress& progress);
// The same of any transfer: "hashing …" before it is offered, "…, waiting" while it does not move.
std::string progressText(const client::Transfer& transfer);

class ProgressSteps {
  public:
    // Whether this Progress event passes a tenth for the first time; neither beginning nor end
    // does, since other lines tell of them.
    bool isDue(const client::event::Progress& progress);
    // It came to an end of whatever kind.
    void over(const client::event::FileFailed& end) { tenths_.erase(keyOf(false, {}, end.sha256)); }
    void over(const client::event::Refused& end) {
        tenths_.erase(keyOf(end.upload, end.id, end.sha256));
    }
    void clear() { tenths_.clear(); }

  private:
    static std::string keyOf(bool upload, std::string_view id, std::string_view sha256);

    std::map<std::string, uint64_t> tenths_;  // by direction and id or hash, while under way
};

}  // namespace netchat::connect
