#include "protocol/field.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <limits>

namespace netchat {

uint64_t largestLength(size_t width) {
    if (width >= 20) return std::numeric_limits<uint64_t>::max();
    uint64_t power = 1;
    for (size_t i = 0; i < width; ++i) power *= 10;
    return power - 1;
}

void appendHeader(std::string& out, size_t width, uint64_t length) {
    assert(length <= largestLength(width));
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, length).ptr;
    const auto count = static_cast<size_t>(end - digits);
    out.append(digits, count).append(width - count, ' ');
}

void appendField(std::string& out, size_t width, std::string_view payload) {
    appendHeader(out, width, payload.size());
    out.append(payload);
}

namespace {

Error badHeader(std::string_view header) {
    std::string shown;
    for (const char c : header.substr(0, 24)) shown += c >= 0x20 && c < 0x7F ? c : '?';
    return {ErrorCode::BadHeader, "a header must be " + std::to_string(header.size()) +
                                      " bytes of digits padded with spaces, not '" + shown + "'"};
}

Error tooLong(uint64_t length, uint64_t lengthMax) {
    return {ErrorCode::TooLong, "a field of " + std::to_string(length) +
                                    " bytes is too long; at most " + std::to_string(lengthMax) +
                                    " are accepted"};
}

}  // namespace

Result<uint64_t> parseHeader(std::string_view header) {
    uint64_t length = 0;
    const auto [end, failure] =
        std::from_chars(header.data(), header.data() + header.size(), length);
    if (failure == std::errc::result_out_of_range) {
        return Error{ErrorCode::TooLong, "a header announces a length beyond 64 bits"};
    }
    if (failure != std::errc{}) return badHeader(header);
    for (const char* p = end; p != header.data() + header.size(); ++p) {
        if (*p != ' ') return badHeader(header);
    }
    return length;
}

void FieldReader::feed(std::string_view bytes) {
    assert(input_.empty());
    dropUsed();
    if (!failed_) input_ = bytes;
}

void FieldReader::release() {
    dropUsed();
    if (from_ > 0) {
        held_.erase(0, from_);
        from_ = 0;
    }
    held_.append(input_);
    input_ = {};
    // A large field leaves no large buffer behind.
    if (held_.empty() && held_.capacity() > 256) held_ = std::string();
}

void FieldReader::dropUsed() {
    from_ += used_;
    used_ = 0;
    if (from_ == held_.size()) {
        held_.clear();
        from_ = 0;
    }
}

FieldReader::State FieldReader::fail(Error error) {
    error_ = std::move(error);
    failed_ = true;
    held_ = std::string();
    from_ = 0;
    input_ = {};
    return State::Failed;
}

// Makes what is held at least `size` bytes long from the input; false when there is not so much.
bool FieldReader::fill(size_t size) {
    const size_t have = held();
    if (have >= size) return true;
    const size_t part = std::min(size - have, input_.size());
    held_.append(input_.substr(0, part));
    input_.remove_prefix(part);
    return have + part == size;
}

FieldReader::State FieldReader::takeField(uint64_t lengthMax, std::string_view& payload) {
    if (failed_) return State::Failed;
    dropUsed();
    const bool direct = held_.empty();
    if (!direct && !fill(width_)) return State::NeedMore;
    const std::string_view seen = direct ? input_ : heldView();
    if (seen.size() < width_) return State::NeedMore;
    const auto length = parseHeader(seen.substr(0, width_));
    if (!length) return fail(length.error());
    // The second bound keeps the sum below from overflowing.
    lengthMax = std::min<uint64_t>(lengthMax, std::numeric_limits<size_t>::max() - width_);
    if (*length > lengthMax) return fail(tooLong(*length, lengthMax));
    const size_t whole = width_ + static_cast<size_t>(*length);
    if (direct) {
        if (input_.size() < whole) return State::NeedMore;
        payload = input_.substr(width_, whole - width_);
        input_.remove_prefix(whole);
    } else {
        if (!fill(whole)) return State::NeedMore;
        payload = heldView().substr(width_, whole - width_);
        used_ = whole;
    }
    return State::Ready;
}

FieldReader::State FieldReader::takeHeader(uint64_t lengthMax, uint64_t& length) {
    if (failed_) return State::Failed;
    dropUsed();
    if (!fill(width_)) return State::NeedMore;
    const auto parsed = parseHeader(heldView().substr(0, width_));
    if (!parsed) return fail(parsed.error());
    if (*parsed > lengthMax) return fail(tooLong(*parsed, lengthMax));
    length = *parsed;
    used_ = width_;
    return State::Ready;
}

std::string_view FieldReader::takeBytes(uint64_t most) {
    if (failed_) return {};
    dropUsed();
    const auto upTo = [most](size_t size) {
        return static_cast<size_t>(std::min<uint64_t>(most, size));
    };
    if (!held_.empty()) {
        const auto part = heldView().substr(0, upTo(held()));
        used_ = part.size();
        return part;
    }
    const auto part = input_.substr(0, upTo(input_.size()));
    input_.remove_prefix(part.size());
    return part;
}

}  // namespace netchat
