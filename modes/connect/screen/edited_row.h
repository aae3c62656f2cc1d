#pragma once

// A line that is typed on one row of a terminal that shows lines: keys in, bytes out that draw it
// there. What it writes needs no more of the terminal than that CR goes back to the row's
// beginning, and nothing of it reaches the last column. Pure; one thread.

#include <cstddef>
#include <string>
#include <string_view>

#include "modes/connect/screen/input/key.h"
#include "modes/connect/screen/input/line_editor.h"
#include "protocol/limits.h"

namespace netchat::connect {

class EditedRow {
  public:
    enum class Typed {
        Nothing,   // the row may have changed
        Line,      // takeLine() has it
        LongLine,  // it was longer than a text may be, and was dropped
        End,       // C-d where nothing is typed
    };
    Typed key(const Key& key);
    std::string takeLine() { return std::move(line_); }
    // Whether the line begins with what was pasted: then it is no command.
    bool linePasted() const { return linePasted_; }

    // Shown while nothing is typed.
    void setIdle(std::string_view text) { idle_ = text; }

    // The bytes that draw the row, the cursor in it, and that leave it blank. The cursor is in the
    // row before and after.
    std::string show(int columns);
    std::string hide();

  private:
    LineEditor editor_{limits::kTextBytesMax};
    bool tooLong_ = false;
    bool linePasted_ = false;
    std::string line_, idle_;
    size_t columnsShown_ = 0;
};

}  // namespace netchat::connect
