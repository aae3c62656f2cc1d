#pragma once

// The first whole item of what a server sends: a message, a frame, the beginning of a file. It
// knows no more of either dialect than a measurement needs. Pure.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/dialect.h"

namespace netchat::harness {

struct WireItem {
    enum class Kind {
        Part,    // more bytes are needed
        Text,    // somebody said `text`
        Bytes,   // the beginning of `follow` bytes of a file; of classic ones a time comes after
        Frame,   // v2: another frame; `text` is its payload
        Broken,  // it makes no sense
    };
    Kind kind = Kind::Part;
    size_t size = 0;  // of the item
    std::string_view text = {};
    uint64_t follow = 0;
};

WireItem firstItem(Dialect dialect, size_t headerWidth, std::string_view bytes);
// The size of the field that the bytes begin with; 0: it is not whole.
size_t firstField(size_t headerWidth, std::string_view bytes);

}  // namespace netchat::harness
