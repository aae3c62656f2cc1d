#pragma once

// Encodes and decodes the structs of message.h, which includes this file.
// Empty texts and zeros of optional labels are not sent; a label that is missing leaves the
// default.

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/frame.h"
#include "protocol/result.h"
#include "protocol/time_text.h"

namespace netchat::v2 {

namespace detail {

template <class Writer>
struct Encoder {
    Writer& writer;
    std::string_view bodyText = {};

    template <class T>
    void required(std::string_view name, const T& value) {
        writer.label(name, value);
    }
    void optional(std::string_view name, std::string_view value) {
        if (!value.empty()) writer.label(name, value);
    }
    void optional(std::string_view name, uint64_t value) {
        if (value != 0) writer.label(name, value);
    }
    void optional(std::string_view name, const std::optional<uint64_t>& value) {
        if (value) writer.label(name, *value);
    }
    // Zero is not what its absence means.
    void defaulted(std::string_view name, uint64_t value) { writer.label(name, value); }
    void time(std::string_view name, int64_t value) {
        if (value != 0) writer.label(name, isoTime(value));
    }
    void time(std::string_view name, const std::optional<int64_t>& value) {
        if (value) writer.label(name, isoTime(*value));
    }
    void body(std::string_view text) { bodyText = text; }
};

struct Decoder {
    std::string_view verb;
    const Labels& labels;
    std::string_view bodyText;
    std::optional<Error> error = {};

    void fail(std::string_view name, std::string_view why) {
        if (!error) {
            error = Error{ErrorCode::BadHead, std::string(verb) + ": label '" + std::string(name) +
                                                  "' " + std::string(why)};
        }
    }
    void required(std::string_view name, std::string_view& value) {
        const auto* found = labels.find(name);
        found ? void(value = *found) : fail(name, "is missing");
    }
    void required(std::string_view name, uint64_t& value) {
        const auto* found = labels.find(name);
        found ? number(name, *found, value) : fail(name, "is missing");
    }
    void optional(std::string_view name, std::string_view& value) {
        if (const auto* found = labels.find(name)) value = *found;
    }
    void optional(std::string_view name, uint64_t& value) {
        if (const auto* found = labels.find(name)) number(name, *found, value);
    }
    void optional(std::string_view name, std::optional<uint64_t>& value) {
        if (const auto* found = labels.find(name)) number(name, *found, value.emplace());
    }
    void defaulted(std::string_view name, uint64_t& value) { optional(name, value); }
    void time(std::string_view name, int64_t& value) {
        const auto* found = labels.find(name);
        if (!found) return;
        auto parsed = parseIsoTime(*found);
        parsed ? void(value = *parsed) : fail(name, "must look like 2026-11-23T14:36:00.123Z");
    }
    void time(std::string_view name, std::optional<int64_t>& value) {
        if (labels.find(name)) time(name, value.emplace());
    }
    void body(std::string_view& text) { text = bodyText; }

    void number(std::string_view name, std::string_view text, uint64_t& value) {
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (failure != std::errc{} || end != text.data() + text.size()) {
            fail(name, "must be a decimal number");
        }
    }
};

}  // namespace detail

// Appends one frame.
template <class M>
void encode(std::string& out, M message) {
    FrameWriter writer(out, M::kVerb);
    detail::Encoder<FrameWriter> encoder{writer};
    message.visit(encoder);
    writer.finish(encoder.bodyText);
}

template <class M>
std::string encoded(M message) {
    std::string out;
    encode(out, message);
    return out;
}

// The frame's verb must be M's. BadHead for a label that is missing or malformed.
template <class M>
Result<M> decode(const Frame& frame) {
    M message;
    detail::Decoder decoder{frame.verb, frame.labels, frame.body};
    message.visit(decoder);
    if (decoder.error) return std::move(*decoder.error);
    return message;
}

// A line of a body, with its LF.
template <class M>
void encodeLine(std::string& out, M line) {
    LineWriter writer(out);
    detail::Encoder<LineWriter> encoder{writer};
    line.visit(encoder);
    writer.finish();
}

// Calls use(const M&) for each line; stops at the first that does not parse.
template <class M, class Use>
Status decodeLines(std::string_view text, Use use) {
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        auto labels = Labels::parse(text.substr(0, end));
        if (!labels) return labels.error();
        text.remove_prefix(std::min(end + 1, text.size()));
        M line;
        detail::Decoder decoder{"a line", *labels, {}};
        line.visit(decoder);
        if (decoder.error) return *decoder.error;
        use(static_cast<const M&>(line));
    }
    return Ok{};
}

}  // namespace netchat::v2
