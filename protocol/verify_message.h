#pragma once

// v2's verbs about a file whose bytes came wrong; the other verbs are in message.h.

#include <string_view>

#include "protocol/message.h"

namespace netchat::v2 {

// The bytes that came are not those of this SHA-256: the server is to read its own once more.
struct Verify {
    static constexpr string_view kVerb = "verify";
    string_view sha256 = {};
    template <class V>
    void visit(V& v) {
        v.required("sha256", sha256);
    }
};

// Its answer: the server's bytes are right.
struct Verified {
    static constexpr string_view kVerb = "verified";
    string_view sha256 = {};
    template <class V>
    void visit(V& v) {
        v.required("sha256", sha256);
    }
};

}  // namespace netchat::v2
