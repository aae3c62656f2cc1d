#pragma once

// The classic primitive that both dialects are made of:
//
//     |<- width ->|<--- length bytes --->|
//     | 5.........| h e l l o            |        (. is a space)
//
// A header is `width` ASCII bytes: a decimal length, left-justified, padded with spaces.
// Pure; one thread at a time per decoder.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat {

// The largest length that a header of this width can say (all nines, at most 2^64 - 1).
uint64_t largestLength(size_t width);

// Appends a header; `length` must not exceed largestLength(width).
void appendHeader(std::string& out, size_t width, uint64_t length);
void appendField(std::string& out, size_t width, std::string_view payload);

// Reads a whole header of header.size() bytes. BadHeader unless digits, then only spaces.
Result<uint64_t> parseHeader(std::string_view header);

// Cuts a stream of bytes, arriving in any pieces, into headers, whole fields or streamed payloads.
// It allocates no more than what has arrived, and keeps only what was not taken.
//
//     reader.feed(bytes);
//     while (reader.takeField(limit, payload) == FieldReader::State::Ready) use(payload);
//     reader.release();
//
// A view that it gives out is valid until its next call.
class FieldReader {
  public:
    enum class State {
        NeedMore,  // the bytes so far are a proper beginning
        Ready,     // `length` or `payload` was set
        Failed,    // error() says why; nothing more can be read
    };

    explicit FieldReader(size_t width) : width_(width) {}

    // Gives it the next bytes, borrowed until release(), which keeps what is left of them.
    void feed(std::string_view bytes);
    void release();

    // A whole field, refused with TooLong if it announces more than lengthMax.
    State takeField(uint64_t lengthMax, std::string_view& payload);
    // Only the header of a field whose payload is then streamed with takeBytes().
    State takeHeader(uint64_t lengthMax, uint64_t& length);
    // Up to `most` of the bytes that are there.
    std::string_view takeBytes(uint64_t most);

    const Error& error() const { return error_; }
    size_t width() const { return width_; }
    // Bytes of an incomplete field held between calls.
    size_t held() const { return held_.size() - from_; }
    // Nothing is half-read, and nothing has failed: it is like one that has read nothing.
    bool isIdle() const { return !failed_ && held() == 0; }

  private:
    State fail(Error error);
    void dropUsed();
    bool fill(size_t size);
    std::string_view heldView() const { return std::string_view(held_).substr(from_); }

    size_t width_;
    bool failed_ = false;
    std::string held_;        // bytes kept over a release(): the start of an incomplete field
    size_t from_ = 0;         // where in held_ the next field begins
    size_t used_ = 0;         // bytes after from_ that the view given out last refers to
    std::string_view input_;  // bytes not yet looked at; they follow held_
    Error error_{ErrorCode::BadHeader, {}};
};

}  // namespace netchat
