#pragma once

// Letters of ASCII without regard to case: names of files and schemes, which are not text of
// people.

namespace netchat::connect {

constexpr char asciiLower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace netchat::connect
