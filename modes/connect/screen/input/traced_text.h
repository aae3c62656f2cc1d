#pragma once

// A text that knows of each of its bytes whether it was pasted or typed, through all cutting and
// joining: what was pasted is never taken for a command. Pure; one thread.

#include <cstddef>
#include <string>
#include <utility>

namespace netchat::connect {

class TracedText {
  public:
    TracedText() = default;
    TracedText(std::string text, bool pasted)
        : text_(std::move(text)), origins_(text_.size(), pasted ? kPasted : kTyped) {}

    const std::string& str() const { return text_; }
    size_t size() const { return text_.size(); }
    bool empty() const { return text_.empty(); }
    // Of the byte at this offset; false at the end.
    bool isPasted(size_t at) const { return at < origins_.size() && origins_[at] == kPasted; }

    TracedText slice(size_t begin, size_t end) const {
        TracedText part;
        part.text_ = text_.substr(begin, end - begin);
        part.origins_ = origins_.substr(begin, end - begin);
        return part;
    }
    void replace(size_t begin, size_t end, const TracedText& with) {
        text_.replace(begin, end - begin, with.text_);
        origins_.replace(begin, end - begin, with.origins_);
    }
    friend TracedText operator+(const TracedText& a, const TracedText& b) {
        TracedText both = a;
        both.replace(a.size(), a.size(), b);
        return both;
    }
    friend bool operator==(const TracedText&, const TracedText&) = default;

  private:
    static constexpr char kTyped = 't', kPasted = 'p';

    std::string text_, origins_;  // of the same size
};

}  // namespace netchat::connect
