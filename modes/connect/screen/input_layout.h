#pragma once

// The input as it is wrapped into rows, and where the cursor is in it. Remembered for as long as
// nothing changes, since a frame asks for it several times and a paste may be long. Pure; one
// thread.

#include <cstddef>
#include <string>
#include <vector>

#include "modes/connect/screen/input/line_editor.h"
#include "modes/connect/screen/text/safe_text.h"
#include "modes/connect/screen/text/wrap.h"

namespace netchat::connect {

struct InputLayout {
    SafeText text;
    std::vector<Row> rows;
    size_t cursorRow = 0;
    int cursorColumn = 0;  // of the row
};

class InputCache {
  public:
    // In rows of so many columns. Valid until the next call.
    const InputLayout& of(const LineEditor& editor, int columns);

  private:
    void wrapText(const LineEditor& editor, int columns);
    void placeCursor(const LineEditor& editor);

    std::string text_;
    size_t cursor_ = 0;
    int columns_ = 0;  // 0: nothing is known yet
    InputLayout layout_;
};

}  // namespace netchat::connect
