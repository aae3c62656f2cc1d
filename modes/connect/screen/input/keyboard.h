#pragma once

// A terminal's keyboard as its owner sees it: bytes and a clock in, keys out. KeyDecoder knows the
// bytes; this class knows what silence means.
//
//     Trusting --- the end of a paste does not come: PasteWatch ends it ---> Doubting
//        ^                                                                      |
//        '-- the late end mark, another paste, or kKeysAlone keys one by one ---'
//
// While it doubts, the rest of the paste may still come, and none of it may be a command or the
// Enter that sends. What comes in one go is text: several keys at once, or a key within kAloneMs of
// another one, or all that stands before the late end mark. A key that comes alone is a key, so
// that nobody is locked out. Several keys that write nothing (arrows, the wheel) are keys.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/input/key_decoder.h"
#include "modes/connect/screen/input/paste_watch.h"

namespace netchat::connect {

// Pure; one thread. Moments are of one monotonic clock.
class Keyboard {
  public:
    // A person's keys come more slowly, and the pieces of a paste do not.
    static constexpr int64_t kAloneMs = KeyDecoder::kEscapeMs;
    // So many keys that came alone are no paste.
    static constexpr unsigned kKeysAlone = 3;

    enum class Paste {
        None,
        Coming,   // a paste has begun, and its end has not come yet
        Doubted,  // its end did not come; the rest of it may
    };

    // Appends what is complete with these bytes.
    void feed(std::string_view bytes, int64_t nowMs, std::vector<Key>& keys);
    // When wake() is to be called unless bytes come before; none: nothing waits.
    std::optional<int64_t> wakeAtMs() const;
    // Nothing came until then: what that decides is appended.
    void wake(int64_t nowMs, std::vector<Key>& keys);
    Paste paste() const;

  private:
    using Keys = std::vector<Key>;

    void feedTrusted(std::string_view bytes, int64_t nowMs, Keys& keys);
    void judge(int64_t nowMs, Keys& keys);
    bool takeMark(int64_t nowMs, Keys& keys);
    void takeText(size_t size, int64_t nowMs, Keys& keys);
    void noteLineEnd(std::string_view text);
    void takeAlone(Keys& keys);
    void doubt(int64_t nowMs);
    void trust();

    KeyDecoder decoder_;
    PasteWatch watch_;
    std::optional<int64_t> flushAtMs_;  // what the decoder has begun ends then

    bool doubting_ = false;
    std::string held_;       // Doubting: not judged yet
    int64_t latestMs_ = 0;   // Doubting: when the bytes before held_ came
    int64_t judgeAtMs_ = 0;  // Doubting: then held_ came alone
    unsigned alone_ = 0;     // Doubting: keys that came alone since the latest text
    // Doubting: the text so far ended with a line's end, which an editor leaves out at the end of a
    // paste; it stands before what follows.
    bool lineEnded_ = false;
};

}  // namespace netchat::connect
