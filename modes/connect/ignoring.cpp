#include "modes/connect/ignoring.h"

#include "protocol/names.h"

namespace netchat::connect {

Status checkIgnored(std::string_view nick, size_t ignored) {
    if (const Status good = checkClassicName(nick); !good) return good;
    if (ignored < kIgnoredMax) return Ok{};
    return Error{ErrorCode::TooMany, "you already ignore too many users"};
}

}  // namespace netchat::connect
