#pragma once

// Both dialects as a client reads and writes them, from the specification alone and without
// protocol/, so that the codecs cannot agree with themselves only.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::serve::testing {

inline std::string field(std::string_view payload, size_t width = 10) {
    std::string header = std::to_string(payload.size());
    header.resize(width, ' ');
    return header.append(payload);
}

// v2("say room:lobby id:1", "hi"): spaces of the head are TABs on the wire.
inline std::string v2(std::string head, std::string_view body = {}) {
    for (char& c : head) {
        if (c == ' ') c = '\t';
    }
    return field((head += '\n').append(body));
}

// Cuts a stream into fields; a header that breaks the rules makes it broken for good.
class FieldStream {
  public:
    void feed(std::string_view bytes) { bytes_.append(bytes); }
    bool broken() const { return broken_; }
    // Bytes of a field that is not complete.
    size_t left() const { return bytes_.size() - at_; }

    std::optional<std::string> next() {
        if (broken_ || left() < 10) return {};
        size_t length = 0, digits = 0;
        const std::string_view header = std::string_view(bytes_).substr(at_, 10);
        while (digits < 10 && std::isdigit(static_cast<unsigned char>(header[digits]))) {
            length = 10 * length + static_cast<size_t>(header[digits++] - '0');
        }
        broken_ = digits == 0 || header.find_first_not_of(' ', digits) != std::string_view::npos;
        if (broken_ || left() < 10 + length) return {};
        std::string payload = bytes_.substr(at_ + 10, length);
        at_ += 10 + length;
        if (at_ > 1 << 20) {
            bytes_.erase(0, at_);
            at_ = 0;
        }
        return payload;
    }

  private:
    std::string bytes_;
    size_t at_ = 0;
    bool broken_ = false;
};

struct Frame {
    std::string verb, body;
    std::map<std::string, std::string> labels;

    std::string operator[](const std::string& name) const {
        const auto it = labels.find(name);
        return it == labels.end() ? std::string() : it->second;
    }
    uint64_t number(const std::string& name) const {
        const std::string text = (*this)[name];
        return text.empty() ? 0 : std::stoull(text);
    }
};

// A head line (or one of a roster) without its LF; nothing when it is not LTSV.
inline std::optional<Frame> parseHead(std::string_view line, bool hasVerb) {
    Frame frame;
    for (bool first = true; !line.empty(); first = false) {
        const size_t tab = line.find('\t');
        const std::string item(line.substr(0, tab));
        line.remove_prefix(tab == std::string_view::npos ? line.size() : tab + 1);
        if (first && hasVerb) {
            frame.verb = item;
            continue;
        }
        const size_t colon = item.find(':');
        if (colon == std::string::npos || colon == 0) return {};
        frame.labels.emplace(item.substr(0, colon), item.substr(colon + 1));
    }
    return frame;
}

class FrameStream {
  public:
    void feed(std::string_view bytes) { fields_.feed(bytes); }
    bool broken() const { return broken_ || fields_.broken(); }
    size_t left() const { return fields_.left(); }

    std::optional<Frame> next() {
        const auto payload = fields_.next();
        if (!payload) return {};
        const size_t end = payload->find('\n');
        auto frame = end == std::string::npos
                         ? std::nullopt
                         : parseHead(std::string_view(*payload).substr(0, end), true);
        broken_ = broken_ || !frame;
        if (frame) frame->body = payload->substr(end + 1);
        return frame;
    }

  private:
    FieldStream fields_;
    bool broken_ = false;
};

inline std::vector<Frame> framesOf(std::string_view bytes) {
    FrameStream stream;
    stream.feed(bytes);
    std::vector<Frame> frames;
    while (auto frame = stream.next()) frames.push_back(std::move(*frame));
    EXPECT_FALSE(stream.broken());
    EXPECT_EQ(stream.left(), 0u) << "a frame is not complete";
    return frames;
}

inline std::vector<std::map<std::string, std::string>> linesOf(std::string_view body) {
    std::vector<std::map<std::string, std::string>> lines;
    while (!body.empty()) {
        const size_t end = body.find('\n');
        auto line = parseHead(body.substr(0, end), false);
        EXPECT_TRUE(line && end != std::string_view::npos) << body;
        if (!line || end == std::string_view::npos) break;
        lines.push_back(std::move(line->labels));
        body.remove_prefix(end + 1);
    }
    return lines;
}

// "msg room:lobby seq:1 from:alice 'hi'": what a test cares about, in a fixed order.
inline std::string brief(const Frame& frame) {
    std::string out = frame.verb;
    for (const char* name : {"room",  "seq",  "from",    "to",   "id",    "code",    "re", "state",
                             "nick",  "was",  "name",    "size", "again", "token",   "at", "off",
                             "first", "last", "members", "more", "count", "transfer"}) {
        const std::string value = frame[name];
        if (!value.empty()) out.append(" ").append(name).append(":").append(value);
    }
    // The last of a refusal is for people.
    const bool says = frame.verb == "msg" || frame.verb == "tell";
    return says ? out + " '" + frame.body + "'" : out;
}

struct ClassicItem {
    std::string user, text, time, bytes;
    bool file = false;
};

// The original's ^[a-zA-Z0-9_.+-]+.\w*%$, of ASCII.
inline bool classicFileRule(std::string_view text) {
    if (!text.ends_with('%')) return false;
    text.remove_suffix(1);
    const auto isWord = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    };
    const auto isName = [&](char c) { return isWord(c) || c == '.' || c == '+' || c == '-'; };
    const auto name = std::find_if_not(text.begin(), text.end(), isName) - text.begin();
    const auto words = std::find_if_not(text.rbegin(), text.rend(), isWord) - text.rbegin();
    // A name of one or more, any one, and words to the end.
    const auto size = static_cast<std::ptrdiff_t>(text.size());
    const auto start = std::max<std::ptrdiff_t>(size - 1 - words, 1);
    return start < size && start <= name && text[static_cast<size_t>(start)] != '\n';
}

class ClassicStream {
  public:
    void feed(std::string_view bytes) { fields_.feed(bytes); }
    bool broken() const { return fields_.broken(); }
    // Whatever does not make up a whole item.
    bool inItem() const { return !item_.empty() || fields_.left() > 0; }

    std::optional<ClassicItem> next() {
        while (auto payload = fields_.next()) {
            item_.push_back(std::move(*payload));
            const bool file = item_.size() >= 2 && classicFileRule(item_[1]);
            if (item_.size() < (file ? 4u : 3u)) continue;
            ClassicItem item{item_[0], item_[1], item_.back(), file ? item_[2] : "", file};
            item_.clear();
            return item;
        }
        return {};
    }

  private:
    FieldStream fields_;
    std::vector<std::string> item_;
};

inline std::vector<ClassicItem> itemsOf(std::string_view bytes) {
    ClassicStream stream;
    stream.feed(bytes);
    std::vector<ClassicItem> items;
    while (auto item = stream.next()) items.push_back(std::move(*item));
    EXPECT_FALSE(stream.broken());
    EXPECT_FALSE(stream.inItem()) << "an item is not complete";
    return items;
}

inline std::string brief(const ClassicItem& item) {
    return item.user + ": " + item.text + (item.file ? " [" + item.bytes + "]" : "");
}

template <class T>
std::vector<std::string> brief(const std::vector<T>& items) {
    std::vector<std::string> out;
    for (const T& item : items) out.push_back(brief(item));
    return out;
}

}  // namespace netchat::serve::testing
