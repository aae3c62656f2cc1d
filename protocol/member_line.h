#pragma once

// A line of the members in `joined` and `roster` as a server may write it for an operator: with the
// cloak of the member's address, the same for all members who come from there.

#include <cstdint>
#include <string_view>

namespace netchat::v2 {

struct MemberLine {
    std::string_view nick = {};
    uint64_t user = 0;
    std::string_view dialect = {};
    std::string_view cloak = {};
    template <class V>
    void visit(V& v) {
        v.required("nick", nick), v.optional("user", user), v.optional("dialect", dialect);
        v.optional("cloak", cloak);
    }
};

}  // namespace netchat::v2
