#pragma once

// Bytes of a terminal's keyboard -> keys, however they are cut into pieces. Knows the sequences of
// xterm and its kin (CSI, SS3, modifiers as `;5`, `~` keys, the linux console's and rxvt's forms),
// bracketed paste, focus reports, the mouse's wheel and ESC as Meta. What it does not know it
// passes over, whole, and never shows as text. Pure: an ESC that may be a key or a beginning is
// decided by the caller's clock. One thread.
//
//     Ground -- ESC --> Escape -- [ --> Csi -- final byte ------> a key, or nothing
//                          |                 -- [, M -----------> LinuxFunction, MouseReport
//                          |                 -- 200~ -----------> Paste -- ESC [ 201 ~ --> a key
//                          |------- O --> Ss3 -- final byte ----> a key, or nothing
//                          |-- ] P _ ^ X --> String -- ST, BEL -> nothing
//                          '-- any other --> that key with Meta
//
// A byte that cannot go on with what was begun ends it and counts by itself, so that a damaged
// sequence costs at most itself.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/input/bracketed_paste.h"
#include "modes/connect/screen/input/key.h"
#include "protocol/limits.h"

namespace netchat::connect {

class KeyDecoder {
  public:
    // How long the caller waits for the rest of a sequence before it calls flush().
    static constexpr int kEscapeMs = 50;
    // A paste beyond this is dropped as a whole (PasteTooLong); what is typed is at most half of
    // it.
    static constexpr size_t kPasteBytesMax = 2 * limits::kTextBytesMax;

    // Appends what is complete with these bytes.
    void feed(std::string_view bytes, std::vector<Key>& keys);
    // Something is begun that flush() would decide. Never inside a paste, nor inside a character,
    // which whatever follows it ends.
    bool undecided() const;
    // In a paste whose end has not come. PasteWatch says how long one may wait for it.
    bool pasting() const { return state_ == State::Paste; }
    // The end of the paste was lost: what came of it is the paste.
    void endPaste(std::vector<Key>& keys);
    // Nothing followed: a lone ESC is the key (so are two), ESC and what could begin a sequence
    // ([ O ] P _ ^ X) are that key with Meta; beginnings with more to them are dropped.
    void flush(std::vector<Key>& keys);

  private:
    enum class State {
        Ground,         // between keys
        Character,      // in a code point of several bytes, of which pending_ has the first ones
        Escape,         // behind ESC
        Csi,            // behind ESC [; pending_ has the parameters
        Ss3,            // behind ESC O; pending_ has the parameters
        LinuxFunction,  // behind ESC [ [: one byte more
        MouseReport,    // behind ESC [ M: three bytes more, of which pending_ has the first one
        String,         // in a terminal's answer (OSC, DCS, APC, PM, SOS), which is passed over
        StringEscape,   // behind an ESC in one: the beginning of its end
        Paste,
    };
    using Keys = std::vector<Key>;

    // The longest sequence of a key has some twenty bytes.
    static constexpr size_t kParameterBytesMax = 64;
    // A terminal's answers are shorter; what is longer was none, and people must get out of it.
    static constexpr size_t kStringBytesMax = 4096;

    bool hasOnlyBegun() const;
    void take(unsigned char byte, Keys& keys);
    void takeGround(unsigned char byte, Keys& keys);
    void takeCharacter(unsigned char byte, Keys& keys);
    void takeEscape(unsigned char byte, Keys& keys);
    void takeSequence(unsigned char byte, Keys& keys);
    void takeMouseReport(unsigned char byte, Keys& keys);
    void takeString(unsigned char byte, Keys& keys);
    void takeStringEscape(unsigned char byte, Keys& keys);

    void begin(State state, unsigned char introducer);
    void finishCharacter(Keys& keys);
    void finishSequence(char final, Keys& keys);
    void emitSequence(std::optional<Key> key, Keys& keys);
    void drop(Keys& keys);
    void reset();

    State state_ = State::Ground;
    bool meta_ = false;     // an ESC stands before the character
    bool doubled_ = false;  // two ESC stand before what follows: of rxvt's M-Up, or the key
    char introducer_ = 0;   // what followed the ESC
    std::string pending_;
    size_t passed_ = 0;  // bytes of a string or mouse report so far
    BracketedPaste paste_{kPasteBytesMax};
};

}  // namespace netchat::connect
