#pragma once

// What always holds is checked in builds with assertions, and costs nothing in others.

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace netchat::serve {

#ifdef NDEBUG
inline constexpr bool kChecksInvariants = false;
#else
inline constexpr bool kChecksInvariants = true;
#endif

// A check looks at everything. With n members it is due every n/16 turns, so a turn pays for 16
// members on average, however large the crowd.
class CheckPace {
  public:
    static constexpr size_t kMembersPerTurn = 16;

    bool due(size_t members) {
        if (++turns_ * kMembersPerTurn < members) return false;
        turns_ = 0;
        return true;
    }

  private:
    size_t turns_ = 0;
};

// Ends the process where something does not hold. `fault`: what; empty: nothing.
inline void mustHold(const char* where, const std::string& fault) {
    if (fault.empty()) return;
    std::fprintf(stderr, "broken invariant of %s: %s\n", where, fault.c_str());
    std::abort();
}

}  // namespace netchat::serve
