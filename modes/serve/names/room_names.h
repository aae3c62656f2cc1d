#pragma once

// The names of all rooms, by their looks: a new room must not be taken for one that there is.
// Pure; the hub's thread only.

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace netchat::serve {

class RoomNames {
  public:
    void add(std::string_view name);
    void remove(std::string_view name);
    bool has(std::string_view name) const;
    // A room of another name that looks like this one; empty: there is none.
    std::string like(std::string_view name) const;

  private:
    std::unordered_multimap<size_t, std::string> names_;  // by lookHash()
};

}  // namespace netchat::serve
