#pragma once

// What the hub publishes to a room, encoded once per dialect and shared by every loop:
//
//     segment   |....####========####....|      bytes, written once by the hub, then only read
//     publication     [ item | item ]           a slice of the segment, and where its items end
//
// A publication and the bytes that it refers to never change; any thread may read them.

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "modes/serve/base/ids.h"
#include "protocol/dialect.h"

namespace netchat::serve {

inline constexpr size_t kDialects = 2;
constexpr size_t indexOf(Dialect dialect) {
    return static_cast<size_t>(dialect);
}

// Bytes of several publications in a row, so that a session that is several behind still sends
// one run. shared_ptr: sessions of several loops read it until the last has passed it.
struct Segment {
    explicit Segment(size_t size) : bytes(new char[size]), capacity(size) {}
    std::unique_ptr<char[]> bytes;
    size_t capacity;
    size_t used = 0;  // the hub's alone
};

struct Run {
    std::shared_ptr<const Segment> segment;
    size_t from = 0, size = 0;
    const char* data() const { return segment->bytes.get() + from; }
};

// A file that a dialect sends in line: its bytes belong at `at`, an offset in that dialect's run.
struct InlineFile {
    size_t item;
    size_t at;
    std::string sha256, name, from;
    uint64_t size;
};

struct Item {
    uint64_t seq;  // 0: presence, which is not in the log
    UserId author;
    std::array<uint32_t, kDialects> end;  // where it ends in each dialect's run
};

struct Publication {
    RoomId room = 0;
    std::vector<Item> items;
    std::array<Run, kDialects> runs;
    std::vector<InlineFile> files;  // for the classic dialect
    uint64_t lastSeq = 0;           // of the room, after this
};

// A part of the log for one session that is behind or asks for history: the same, not shared.
struct Page {
    std::string bytes;
    std::vector<Item> items;  // end: of the session's own dialect
    std::vector<InlineFile> files;
    uint64_t first = 0, last = 0;        // 0 and 0: empty
    uint64_t gapFirst = 0, gapLast = 0;  // entries that were asked for and are kept no longer
    // The first and last of entries that are lost, as far as the bytes do not say so.
    std::vector<std::pair<uint64_t, uint64_t>> lost;
    size_t ownSkipped = 0;  // entries of the reader's own, left out
    bool more = false;
};

}  // namespace netchat::serve
