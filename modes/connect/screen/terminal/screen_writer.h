#pragma once

// The bytes that make a terminal that shows one grid show another. Cells that are the same are not
// touched. After a cluster whose columns terminals disagree about, the cursor is placed anew, and a
// row that holds one is drawn whole when anything of it changes, so that nothing drifts. The cursor
// is hidden meanwhile where more than one spot is drawn. Nothing scrolls, and nothing relies on
// wrapping but a row that goes on below: it is drawn together with the beginning of the next one,
// to which the terminal goes by itself where it can. Pure but for the capabilities; one thread.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "modes/connect/screen/terminal/capabilities.h"
#include "modes/connect/screen/terminal/grid.h"

namespace netchat::connect {

class ScreenWriter {
  public:
    // The capabilities outlive the writer.
    explicit ScreenWriter(const Capabilities& terminal)
        : terminal_(terminal), hasLinks_(!terminal.linkTo({}, 0).empty()) {}

    // What is to be written so that `next` is shown; empty where nothing changes. All of it has to
    // be written, in order. It begins and ends with attributes and colours off.
    //
    // A cluster that a terminal might draw beyond the right edge is shown by its first code point.
    // On a terminal that wraps there, the last cell of all stays blank, and where even one code
    // point might reach beyond, "?" is shown.
    std::string update(const Grid& next);
    // What is on the screen is not known any longer (another size, C-l, after a suspension): the
    // next update clears it and draws everything.
    void forget();

  private:
    void numberLinks(Grid& next);
    bool parts(const Grid& next) const;
    std::string withCursor(std::string drawn, bool severalSpots, bool wanted);

    const Capabilities& terminal_;
    const bool hasLinks_;
    std::map<std::string, uint32_t, std::less<>> links_;  // of the screen: a number for each
    uint32_t lastLink_ = 0;
    std::optional<Grid> shown_;        // none: not known
    std::optional<Point> at_;          // where the terminal's cursor is; none: not known
    std::optional<bool> cursorShown_;  // none: not known
};

}  // namespace netchat::connect
