#pragma once

// The row of a terminal in which a line is being typed, for whoever prints other lines there.

#include <string>

namespace netchat::connect {

// Loop thread only.
class InputRow {
  public:
    virtual ~InputRow() = default;
    // Makes place for lines that are written now; what is typed is kept.
    virtual void hide() = 0;
    // Draws it below them, if it was hidden.
    virtual void show() = 0;
    // A text that stands there while nothing is typed, in place of the one before.
    virtual void setIdle(std::string text) = 0;
};

}  // namespace netchat::connect
