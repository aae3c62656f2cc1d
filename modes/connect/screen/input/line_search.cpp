// LineEditor's search back through history (C-r): as long as it is under way, the text is the entry
// that was found, and nothing is recorded for undo.

#include <algorithm>
#include <utility>

#include "modes/connect/screen/input/input_text.h"
#include "modes/connect/screen/input/line_editor.h"
#include "modes/connect/screen/input/text_motion.h"
#include "modes/connect/screen/text/letter_case.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

using Kind = Key::Kind;

}  // namespace

std::optional<LineEditor::Search> LineEditor::search() const {
    if (!searching_) return std::nullopt;
    return Search{searching_->pattern, searching_->failed};
}

LineEditor::Outcome LineEditor::beginSearch() {
    history_.keep(text_);
    searching_ = {.pattern = {}, .place = history_.place(), .cursor = cursor_};
    return Outcome::Done;
}

// None: the key is not the search's.
std::optional<LineEditor::Outcome> LineEditor::searchKey(const Key& key) {
    if (isTyped(key)) return lengthenPattern(asInput(key.text));
    if (isCtrl(key, "r")) {
        searchFurther();
    } else if (isPlain(key, Kind::Backspace)) {
        shortenPattern();
    } else if (isCtrl(key, "g") || isCtrl(key, "c") || isPlain(key, Kind::Escape)) {
        cancelSearch();
    } else {
        return std::nullopt;
    }
    return Outcome::Done;
}

void LineEditor::searchBefore(size_t place) {
    const auto found = history_.find(searching_->pattern, std::min(place, history_.size()));
    searching_->failed = !found;
    if (found) showFound(*found);
}

// C-r again: further back; at first, by what was searched last.
void LineEditor::searchFurther() {
    if (searching_->pattern.empty()) searching_->pattern = lastPattern_;
    if (!searching_->pattern.empty()) searchBefore(history_.place());
}

// What is shown may still fit.
LineEditor::Outcome LineEditor::lengthenPattern(std::string_view by) {
    if (searching_->pattern.size() + by.size() > kPatternBytesMax) return Outcome::Refused;
    searching_->pattern += by;
    searchBefore(history_.place() + 1);
    return Outcome::Done;
}

// Searches anew from where it set out.
void LineEditor::shortenPattern() {
    std::string& pattern = searching_->pattern;
    pattern.resize(pattern.empty() ? 0 : utf8::prefix(pattern, pattern.size() - 1).size());
    if (!pattern.empty()) return searchBefore(searching_->place + 1);
    searching_->failed = false;
    showFound(searching_->place);
    cursor_ = searching_->cursor;
}

void LineEditor::showFound(size_t place) {
    history_.goTo(place);
    text_ = history_.at(place);
    const auto match = CaselessPattern(searching_->pattern).findIn(text());
    cursor_ = boundaryFrom(text(), match.value_or(0));
}

// What was found stays, as one step for undo.
void LineEditor::acceptSearch() {
    const Searching search = *std::exchange(searching_, std::nullopt);
    if (!search.pattern.empty()) lastPattern_ = search.pattern;
    if (history_.place() == search.place) return;
    undo_.add({0, text_.size(), history_.at(search.place), search.cursor, search.place});
    last_ = Last::Other;
}

void LineEditor::cancelSearch() {
    const Searching search = *std::exchange(searching_, std::nullopt);
    if (!search.pattern.empty()) lastPattern_ = search.pattern;
    history_.goTo(search.place);
    text_ = history_.at(search.place);
    cursor_ = search.cursor;
}

}  // namespace netchat::connect
