#pragma once

// What stands between a terminal's paste brackets, ESC [ 200 ~ and ESC [ 201 ~. All bytes count as
// they come but the end mark, wherever it is cut. Pure; one thread.

#include <cstddef>
#include <string>
#include <string_view>

#include "modes/connect/screen/input/key.h"

namespace netchat::connect {

class BracketedPaste {
  public:
    // More bytes than this are dropped as a whole.
    explicit BracketedPaste(size_t bytesMax) : bytesMax_(bytesMax) {}

    // True: this byte was the last one of the end mark, and finish() has the paste.
    bool take(char byte) {
        if (byte != kEndMark[matched_])
            missed(byte);
        else if (++matched_ == kEndMark.size())
            return true;
        return false;
    }

    // The paste; the next one may begin.
    Key finish() {
        Key key{.kind = tooLong_ ? Key::Kind::PasteTooLong : Key::Kind::Paste,
                .text = std::move(text_)};
        text_ = {};
        matched_ = 0;
        tooLong_ = false;
        return key;
    }

  private:
    static constexpr std::string_view kEndMark = "\x1b[201~";

    // What looked like the end mark is text. Its ESC stands at its beginning only, so that no other
    // one can have begun within.
    void missed(char byte) {
        keep(kEndMark.substr(0, matched_));
        matched_ = byte == kEndMark.front() ? 1 : 0;
        if (matched_ == 0) keep({&byte, 1});
    }

    void keep(std::string_view bytes) {
        tooLong_ = tooLong_ || text_.size() + bytes.size() > bytesMax_;
        if (tooLong_)
            text_ = {};
        else
            text_ += bytes;
    }

    const size_t bytesMax_;
    std::string text_;
    size_t matched_ = 0;  // bytes of the end mark that the latest ones are
    bool tooLong_ = false;
};

}  // namespace netchat::connect
