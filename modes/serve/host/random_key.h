#pragma once

// A key that nobody can guess. Any thread.

#include <sys/random.h>

#include "modes/serve/names/user.h"

namespace netchat::serve {

// From the kernel.
inline Key randomKey() {
    Key key{};
    while (getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size())) {
    }
    return key;
}

}  // namespace netchat::serve
