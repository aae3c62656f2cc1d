#include "protocol/frame.h"

#include <algorithm>
#include <charconv>

#include "protocol/field.h"
#include "protocol/limits.h"

namespace netchat {

namespace {

bool isControlByte(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

void appendValue(std::string& out, std::string_view value) {
    const size_t start = out.size();
    out.append(value);
    std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), isControlByte,
                    '?');
}

std::string_view digits(uint64_t value, char (&buffer)[20]) {
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    return {buffer, static_cast<size_t>(end - buffer)};
}

}  // namespace

Result<Labels> Labels::parse(std::string_view text) {
    Labels labels;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\t'), text.size());
        const std::string_view item = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const size_t colon = item.find(':');
        if (colon == std::string_view::npos || colon == 0) {
            return Error{ErrorCode::BadHead,
                         "a head must consist of TAB-separated label:value items"};
        }
        if (std::any_of(item.begin(), item.end(), isControlByte)) {
            return Error{ErrorCode::BadHead, "a head must not contain control characters"};
        }
        if (labels.count_ == kCountMax) {
            return Error{ErrorCode::BadHead,
                         "a head can have at most " + std::to_string(kCountMax) + " labels"};
        }
        labels.items_[labels.count_++] = {item.substr(0, colon), item.substr(colon + 1)};
    }
    return labels;
}

const std::string_view* Labels::find(std::string_view name) const {
    for (size_t i = 0; i < count_; ++i) {
        if (items_[i].name == name) return &items_[i].value;
    }
    return nullptr;
}

Result<Frame> parseFrame(std::string_view payload) {
    const size_t end = payload.substr(0, limits::kHeadBytesMax + 1).find('\n');
    if (end == std::string_view::npos) {
        if (payload.size() > limits::kHeadBytesMax) {
            return Error{ErrorCode::TooLong, "a head line can have at most " +
                                                 std::to_string(limits::kHeadBytesMax) + " bytes"};
        }
        return Error{ErrorCode::BadHead, "a frame must begin with a head line that ends in LF"};
    }
    const std::string_view head = payload.substr(0, end);
    const size_t verbEnd = std::min(head.find('\t'), head.size());
    Frame frame;
    frame.verb = head.substr(0, verbEnd);
    const auto isVerbByte = [](char c) { return c > ' ' && c < 0x7F; };
    if (frame.verb.empty() || !std::all_of(frame.verb.begin(), frame.verb.end(), isVerbByte)) {
        return Error{ErrorCode::BadHead, "a head must begin with a verb of printable ASCII"};
    }
    auto labels = Labels::parse(head.substr(std::min(verbEnd + 1, head.size())));
    if (!labels) return labels.error();
    frame.labels = *labels;
    frame.body = payload.substr(end + 1);
    return frame;
}

FrameWriter::FrameWriter(std::string& out, std::string_view verb) : out_(out), start_(out.size()) {
    out_.append(limits::kHeaderWidth, ' ').append(verb);
}

FrameWriter& FrameWriter::label(std::string_view name, std::string_view value) {
    out_.append(1, '\t').append(name).append(1, ':');
    appendValue(out_, value);
    return *this;
}

FrameWriter& FrameWriter::label(std::string_view name, uint64_t value) {
    char buffer[20];
    out_.append(1, '\t').append(name).append(1, ':').append(digits(value, buffer));
    return *this;
}

void FrameWriter::finish(std::string_view body) {
    finishBefore(body.size());
    out_.append(body);
}

void FrameWriter::finishBefore(uint64_t size) {
    out_ += '\n';
    char buffer[20];
    const auto length = digits(out_.size() - start_ - limits::kHeaderWidth + size, buffer);
    std::copy(length.begin(), length.end(), out_.begin() + static_cast<std::ptrdiff_t>(start_));
}

LineWriter& LineWriter::label(std::string_view name, std::string_view value) {
    if (out_.size() > start_) out_ += '\t';
    out_.append(name).append(1, ':');
    appendValue(out_, value);
    return *this;
}

LineWriter& LineWriter::label(std::string_view name, uint64_t value) {
    char buffer[20];
    return label(name, digits(value, buffer));
}

}  // namespace netchat
