#pragma once

// What a message adds where a server has no TLS, and the client asked for it.

namespace netchat::client {

inline constexpr char kPlainHint[] =
    "; use --insecure for a server without TLS, --classic for an original server";

}  // namespace netchat::client
