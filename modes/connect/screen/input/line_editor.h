#pragma once

// The input line: its text, the cursor, readline's keys for editing, kill ring, undo, the history
// of what was typed, and search in it. Knows nothing of chat. Pure; one thread.
//
// The text is valid UTF-8 and may hold newlines (M-Enter, pastes) and TABs; other control
// characters never get in. The cursor stands between grapheme clusters.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "modes/connect/screen/input/key.h"
#include "modes/connect/screen/input/kill_ring.h"
#include "modes/connect/screen/input/traced_text.h"
#include "modes/connect/screen/input/typed_history.h"
#include "modes/connect/screen/input/undo_log.h"

namespace netchat::connect {

class LineEditor {
  public:
    enum class Outcome {
        Ignored,  // not a key of the editor's; nothing was changed
        Done,     // it did what it does
        Entered,  // Enter: take() has the text
        Refused,  // no room: the text would be longer than bytesMax; nothing was changed
    };

    explicit LineEditor(size_t bytesMax, size_t historyMax = 1000)
        : bytesMax_(bytesMax), history_(historyMax) {}

    // C-a C-e C-b C-f Home End Left Right, M-b M-f C-Left C-Right; C-w M-Backspace M-d C-u C-k C-y
    // M-y; C-d Delete Backspace C-t C-_ (undo, also C-/); M-Enter, Shift-Enter and C-j (a new
    // line); Up Down C-p C-n: inside a text of several lines by lines, at its ends through history,
    // with the draft and edited entries kept until Enter; C-r (again: further back; Enter enters
    // what was found, C-g, C-c and Escape bring back what was there); C-c clears the line, which
    // undo brings back. In an empty line C-c and C-d are ignored. M-Left/M-Right, C-Up, S-Up,
    // PageUp, Tab and F keys are not the editor's.
    Outcome key(const Key& key);

    const std::string& text() const { return text_.str(); }
    size_t cursor() const { return cursor_; }  // a byte offset
    bool empty() const { return text_.empty(); }
    // Whether the first character came by a paste and was not typed: then the text is no command.
    bool beginsPasted() const { return text_.isPasted(0); }
    // The text under search and what it was searched by; none: no search is under way.
    struct Search {
        std::string pattern;
        bool failed;
    };
    std::optional<Search> search() const;

    // The text, which then begins anew, and is remembered for Up (once, if it is as the last one).
    std::string take();
    const TypedHistory& history() const { return history_; }
    // Something that was entered in an earlier run.
    void remember(std::string_view text, bool pasted);
    // Replaces bytes [begin, end) and puts the cursor behind the replacement: for completion. It
    // counts as pasted where what it replaces begins so; without room for it nothing is changed.
    void replace(size_t begin, size_t end, std::string_view with);
    // Puts a text where nothing was entered: when it could not be said. The cursor is at its end.
    // What is beyond bytesMax is cut off.
    void set(std::string_view text, bool pasted = false);

  private:
    using Action = Outcome (LineEditor::*)();
    struct Binding;

    // What the key before did, where that decides what the next one does.
    enum class Last {
        Other,
        Typed,     // undone together
        Killed,    // becomes one with the next kill
        Yanked,    // M-y puts another one in its place
        WentLine,  // Up and Down stay in their column
    };

    // A search that is under way, and where it set out from.
    struct Searching {
        std::string pattern;
        bool failed = false;
        size_t place = 0, cursor = 0;
    };

    static constexpr size_t kPatternBytesMax = 256;

    static bool isTyped(const Key& key);
    static Action actionOf(const Key& key);
    Outcome act(const Key& key);

    // Every edit: false where there is no room, and then nothing is changed.
    bool change(size_t begin, size_t end, const TracedText& with);
    Outcome insert(const TracedText& text);
    Outcome type(std::string_view text);
    Outcome paste(std::string_view text);
    Outcome newLine();
    Outcome erase(size_t begin, size_t end);
    Outcome eraseBefore();
    Outcome eraseAfter();
    Outcome eraseAfterOrIgnore();
    Outcome clear();
    Outcome transpose();
    Outcome undo();
    Outcome enter();

    Outcome kill(size_t begin, size_t end, KillRing::Side side);
    Outcome killWordBefore();
    Outcome killSpacedWordBefore();
    Outcome killWordAfter();
    Outcome killLineBefore();
    Outcome killLineAfter();
    Outcome yank();
    Outcome yankOther();

    Outcome goTo(size_t offset);
    Outcome toLineBegin();
    Outcome toLineEnd();
    Outcome left();
    Outcome right();
    Outcome wordLeft();
    Outcome wordRight();
    Outcome up();
    Outcome down();
    Outcome toLine(size_t lineBegin);
    Outcome recall(size_t place);

    Outcome beginSearch();
    std::optional<Outcome> searchKey(const Key& key);
    void searchBefore(size_t place);
    void searchFurther();
    Outcome lengthenPattern(std::string_view by);
    void shortenPattern();
    void showFound(size_t place);
    void acceptSearch();
    void cancelSearch();

    const size_t bytesMax_;
    TracedText text_;
    size_t cursor_ = 0;
    UndoLog undo_;
    KillRing kills_;
    TypedHistory history_;
    Last last_ = Last::Other, before_ = Last::Other;  // of this key and of the one before
    size_t yankedBegin_ = 0, yankedEnd_ = 0;
    size_t column_ = 0;  // in which Up and Down stay
    std::optional<Searching> searching_;
    std::string lastPattern_;
};

}  // namespace netchat::connect
