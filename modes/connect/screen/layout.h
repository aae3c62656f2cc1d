#pragma once

// Where things stand on a screen of a size, and which rows of which lines can be seen. Pure; one
// thread.
//
//     lobby  2 dev 3  3 @bob 1!                    bar        from 4 rows on
//     14:36  alice │ hello            │ alice      messages   | roster, from 100 columns on
//     14:37    bob │ hello yourself   │ bob
//     -- nobody is ignored                         answers    from 8 rows on, while somebody looks
//     at
//                                                             what was before
//     ↑ photo.jpg 42% [####----] …                 work       from 8 rows on, while there is some
//     alice alan                                   candidates from 6 rows on, while Tab offers some
//     alice@127.0.0.1:6121  connected  1 ms        status     from 3 rows on
//     > typed                                      input      up to a third of the rows

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "modes/connect/screen/state.h"
#include "modes/connect/screen/text/wrap.h"

namespace netchat::connect {

// Rows from `top`, `height` of them (0: it is not shown), columns from `left` up to `right`.
struct Area {
    int top = 0, height = 0, left = 0, right = 0;
    bool bare = false;  // of the messages: nothing stands beside what is said
    int width() const { return right - left; }
};

struct Areas {
    Area bar, messages, roster, answers, work, candidates, status, input;
};

Areas areasOf(const ScreenState& state);

// The rows of the answers that are to be seen, each with its mark in front.
std::vector<std::string> answerRows(const RoomView& room, int width);

// Whether who is here is shown: from a width on, or where it is wanted and there is any room.
bool rosterShown(const ScreenState& state);

// The input of a room at a width. Valid until the next call.
const InputLayout& inputLayout(const RoomView& room, int width);
// "> " in front of it.
inline constexpr int kPromptColumns = 2;

// How a line of the messages is divided at a width.
struct MessageColumns {
    int nick = 0;       // columns for the nick, to the right of the time; 0: it stands in the text
    int text = 0;       // where the text begins
    int textWidth = 1;  // at least 1
};
MessageColumns messageColumns(const Area& messages);

// The rows of a room's lines at a width, of which a screen shows some.
class MessageLayout {
  public:
    enum class What {
        Day,
        New,
        Text,
        Fold,  // stands for the rest of a long text
        Pixels
    };
    // A longer text of somebody else is folded to its first rows until it is opened.
    static constexpr int kUnfoldedRowsMax = 20, kFoldedRows = 10;
    struct Place {
        size_t line = 0;
        int row = 0;  // of all the line's rows
        friend bool operator==(const Place&, const Place&) = default;
    };
    struct Piece {
        What what = What::Text;
        int row = 0;  // of the text's rows, or of the picture's
    };

    // `nowMs`: Unix time; a line of another day has its day above it.
    MessageLayout(const RoomView& room, const Area& messages, int64_t nowMs)
        : room_(room), columns_(messageColumns(messages)), nowMs_(nowMs) {}

    // What is at the bottom of the screen; none: there are no lines.
    std::optional<Place> bottom() const;
    // So many rows, or what there is, from the top to the bottom.
    std::vector<Place> visible(int height) const;
    // The place so many rows away, or the first or last there is.
    Place up(Place from, int rows) const;
    Place down(Place from, int rows) const;
    Piece piece(Place place) const;
    // Of all the line's rows the one with this byte of its text.
    int rowAt(size_t line, size_t at) const;
    // Of the text of a line; valid until the next call.
    const std::vector<Row>& textRows(const Line& line) const;
    // What is wrapped: where the nick has no columns of its own, it stands in front.
    std::string textOf(const Line& line) const;
    int rowsOf(size_t line) const;
    // Whether a line can be folded, and whether it is.
    bool isLong(const Line& line) const;
    bool isFolded(const Line& line) const;
    // How many rows of its text a fold hides.
    int hiddenRows(const Line& line) const;
    const MessageColumns& columns() const { return columns_; }

  private:
    bool hasDay(size_t line) const;
    bool hasNew(size_t line) const;
    int pixelRows(const Line& line) const;
    int shownTextRows(const Line& line) const;

    const RoomView& room_;
    const MessageColumns columns_;
    const int64_t nowMs_;
};

// Moves what is looked at by so many rows, up where negative; at the end it follows what comes.
void scroll(RoomView& room, const Area& messages, int rows, int64_t nowMs);
// Looks at a line (an index): in the middle of the screen, or at its top.
// `at`: the byte of the line's text that is to be seen.
void showInMiddle(RoomView& room, const Area& messages, size_t line, size_t at, int64_t nowMs);
void showAtTop(RoomView& room, const Area& messages, size_t line, int64_t nowMs);
bool isVisible(const RoomView& room, const Area& messages, uint64_t line, int64_t nowMs);

// Opens the lowest folded message that is seen, in its place. False: there is none.
bool openFold(RoomView& room, const Area& messages, int64_t nowMs);
// Folds the lowest open one that is long.
bool closeFold(RoomView& room, const Area& messages, int64_t nowMs);

// What is looked at stays, however the room goes on.
void holdStill(RoomView& room, const Area& messages, int64_t nowMs);

// The hole that is on the screen, or is less than a screen above it, and where it is to be fetched:
// entries below `before`. None: nothing is missing there.
struct Missing {
    uint64_t before;
    unsigned count;
};
std::optional<Missing> missingAround(const RoomView& room, const Area& messages, int64_t nowMs);

}  // namespace netchat::connect
