#pragma once

// Nicks as the server compares them: "Carl" and "CARL" are one. Pure; any thread.

#include <set>
#include <string>
#include <string_view>

namespace netchat::client {

struct NickLess {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const;
};

inline bool isSameNick(std::string_view a, std::string_view b) {
    const NickLess less;
    return !less(a, b) && !less(b, a);
}

// As they were written first.
using NickSet = std::set<std::string, NickLess>;

}  // namespace netchat::client
