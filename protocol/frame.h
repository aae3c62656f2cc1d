#pragma once

// v2's frame: one field of header width 10 whose payload is a head line and a body.
//
//     |<-- 10 -->|<-------------------------- length ------------------------>|
//     | 35       | s a y TAB r o o m : l o b b y TAB i d : 1 7 LF | h e l l o  |
//                | verb      label:value     label:value       LF | body (raw) |
//
// The head is LTSV (ltsv.org): values hold no control characters, unknown labels are skipped, the
// first of two equal labels counts. Pure; views refer to the bytes that were parsed.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat {

struct Label {
    std::string_view name, value;
};

// The head line, or any other line of LTSV (a roster's lines have no verb).
class Labels {
  public:
    static constexpr size_t kCountMax = 24;

    // `text` is LTSV without its LF. BadHead if an item has no ':' or holds a control character;
    // items beyond kCountMax are refused, too.
    static Result<Labels> parse(std::string_view text);

    // Null when the label is missing.
    const std::string_view* find(std::string_view name) const;

  private:
    std::array<Label, kCountMax> items_;
    size_t count_ = 0;
};

struct Frame {
    std::string_view verb;
    Labels labels;
    std::string_view body;
};

// Splits a field's payload. BadHead, or TooLong for a head above limits::kHeadBytesMax.
Result<Frame> parseFrame(std::string_view payload);

// Writes one frame at the end of `out`; finish() fills in the header.
//
//     FrameWriter(out, "say").label("room", room).label("id", id).finish(text);
class FrameWriter {
  public:
    FrameWriter(std::string& out, std::string_view verb);
    // Control characters in a value (our own bug, or a hostile peer's text) become '?'.
    FrameWriter& label(std::string_view name, std::string_view value);
    FrameWriter& label(std::string_view name, uint64_t value);
    void finish(std::string_view body = {});
    // The same for a body of `size` bytes that the caller sends behind `out` itself.
    void finishBefore(uint64_t size);

  private:
    std::string& out_;
    size_t start_;
};

// One LTSV line with its LF, such as a roster's.
class LineWriter {
  public:
    explicit LineWriter(std::string& out) : out_(out), start_(out.size()) {}
    LineWriter& label(std::string_view name, std::string_view value);
    LineWriter& label(std::string_view name, uint64_t value);
    void finish() { out_ += '\n'; }

  private:
    std::string& out_;
    size_t start_;
};

}  // namespace netchat
