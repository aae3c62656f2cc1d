#pragma once

// How many of a thing each address has that lasts longer than its connections: rooms made, nicks
// kept. It is as long as there are such things, which are bounded. Pure; the hub's thread only.

#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <utility>

#include "modes/serve/limits/address_key.h"

namespace netchat::serve {

class HeldByAddress {
  public:
    void add(AddressKey key) { change(key, 1); }
    void remove(AddressKey key) { change(key, -1); }
    size_t of(AddressKey key) const {
        const auto it = counts_.find(key);
        return it == counts_.end() ? 0 : it->second;
    }
    // Who has most, and how many; those who are not counted are together one more.
    std::pair<AddressKey, size_t> most() const {
        if (byCount_.empty()) return {kUncounted, 0};
        return {byCount_.rbegin()->second, byCount_.rbegin()->first};
    }

  private:
    void change(AddressKey key, int by) {
        size_t& count = counts_[key];
        byCount_.erase({count, key});
        count += static_cast<size_t>(by);
        if (count == 0) {
            counts_.erase(key);
        } else {
            byCount_.insert({count, key});
        }
    }

    std::unordered_map<AddressKey, size_t> counts_;
    std::set<std::pair<size_t, AddressKey>> byCount_;
};

}  // namespace netchat::serve
