#pragma once

// What a terminal can be told, as the writer needs it: strings, empty where it can't. The terminal
// makes one of terminfo; tests have their own. One thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "modes/connect/screen/terminal/grid.h"

namespace netchat::connect {

class Capabilities {
  public:
    virtual ~Capabilities() = default;
    virtual std::string moveTo(Point to) const = 0;
    virtual std::string foreground(int color) const = 0;  // of the palette, below colors()
    virtual std::string background(int color) const = 0;
    virtual std::string plain() const = 0;  // attributes and colours off
    virtual std::string bold() const = 0;
    virtual std::string dim() const = 0;
    virtual std::string underline() const = 0;
    virtual std::string reverse() const = 0;
    virtual std::string showCursor() const = 0;
    virtual std::string hideCursor() const = 0;
    virtual std::string clearScreen() const = 0;     // and the cursor home
    virtual std::string clearToLineEnd() const = 0;  // with the default background; may be empty
    // What is drawn from now on leads to this address when it is clicked; an empty one ends it. The
    // same number says that parts of the screen belong together. Empty where there are no links.
    virtual std::string linkTo(std::string_view, uint32_t) const { return {}; }
    virtual int colors() const = 0;      // 0: none; 8, 16, 256
    virtual bool trueColor() const = 0;  // takes 38;2;R;G;B
    // Whoever draws the last column goes on in the next row, and the last cell of all scrolls.
    virtual bool wrapsAtEdge() const = 0;
    // Whether it can go on in the next row by itself, and what it takes to have it do so or not.
    virtual bool canWrap() const { return wrapsAtEdge(); }
    virtual std::string wrap(bool /*on*/) const { return {}; }
};

}  // namespace netchat::connect
