#pragma once

// Which dialect a connection speaks, from its first bytes and nothing else.
// Pure function, any thread.

#include <cstdint>
#include <string_view>

namespace netchat {

enum class Dialect : unsigned char { Classic, V2 };

enum class Guess {
    Open,     // could still be either
    Classic,  // cannot be v2 any more
    V2,       // begins with a header of width 10, of at most kHelloBytesMax, and "netchat/2"
};

// `bytes`: all that the connection has sent so far. Decided as soon as the bytes can no longer be
// the other dialect's; a greeting shorter than its own verb is classic at once.
Guess guessDialect(std::string_view bytes);

}  // namespace netchat
