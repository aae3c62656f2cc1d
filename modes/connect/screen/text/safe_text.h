#pragma once

// A text that can be drawn: valid UTF-8 in which nothing acts on a terminal, turns the reading
// order, hides, or leaves its cells. Remote bytes become one where they enter the model, once, and
// the type says that it was done. Pure; any thread.
//
//     becomes U+FFFD, a run of them one   control characters (C0, DEL, C1: the bytes and as UTF-8),
//                                         bidi controls, tags, other invisible characters, skin
//                                         tones without an emoji, invalid bytes, unassigned
//                                         characters but those in the places for new emoji and
//                                         ideographs
//     becomes a space                     TAB; CR, but CRLF is a newline
//     stays in its place only             joiners (ZWJ) between emoji, skin tones and variation
//                                         selectors after what they vary
//     is left out elsewhere               these selectors; joiners after an emoji and in scripts
//                                         that write with them; tags after a black flag (it stays)
//     becomes a letter by itself          a Hangul jamo that is in no syllable: U+1112 is U+314E
//     at most four on one base            combining marks; more are left out. The first of a text
//                                         or line stands on a dotted circle
//
// Every cluster of it takes one or two columns and at most kClusterBytesMax bytes, a newline aside.
// It is a SafeText of itself, at most three times as long as the bytes that it was made of, and one
// put after another is as harmless: no cluster of the first goes on in the second, but for two
// regional indicators, which become a flag.

#include <string>
#include <string_view>

namespace netchat::connect {

class SafeText {
  public:
    enum class Newlines { ToSpaces, Keep };

    SafeText() = default;
    // Remote or typed bytes, whatever they are.
    explicit SafeText(std::string_view any, Newlines newlines = Newlines::ToSpaces);

    const std::string& str() const { return text_; }
    std::string_view view() const { return text_; }
    bool empty() const { return text_.empty(); }
    friend bool operator==(const SafeText&, const SafeText&) = default;

  private:
    std::string text_;
};

}  // namespace netchat::connect
