#include "modes/connect/screen/input/line_editor.h"

#include <cassert>
#include <utility>

#include "modes/connect/screen/input/input_text.h"
#include "modes/connect/screen/input/text_motion.h"
#include "modes/connect/screen/text/graphemes.h"
#include "protocol/utf8.h"

// The search through history is in line_search.cpp.

namespace netchat::connect {

using Kind = Key::Kind;

struct LineEditor::Binding {
    enum Held : unsigned { Plain = 0, Ctrl = 1, Meta = 2 };
    Kind kind;
    unsigned held;
    Action action;
    std::string_view text = {};  // of a Char
};

LineEditor::Action LineEditor::actionOf(const Key& key) {
    using E = LineEditor;
    using B = Binding;
    static constexpr Binding kBindings[] = {
        {Kind::Char, B::Ctrl, &E::toLineBegin, "a"},
        {Kind::Char, B::Ctrl, &E::left, "b"},
        {Kind::Char, B::Ctrl, &E::clear, "c"},
        {Kind::Char, B::Ctrl, &E::eraseAfterOrIgnore, "d"},
        {Kind::Char, B::Ctrl, &E::toLineEnd, "e"},
        {Kind::Char, B::Ctrl, &E::right, "f"},
        {Kind::Char, B::Ctrl, &E::newLine, "j"},
        {Kind::Char, B::Ctrl, &E::killLineAfter, "k"},
        {Kind::Char, B::Ctrl, &E::down, "n"},
        {Kind::Char, B::Ctrl, &E::up, "p"},
        {Kind::Char, B::Ctrl, &E::beginSearch, "r"},
        {Kind::Char, B::Ctrl, &E::transpose, "t"},
        {Kind::Char, B::Ctrl, &E::killLineBefore, "u"},
        {Kind::Char, B::Ctrl, &E::killSpacedWordBefore, "w"},
        {Kind::Char, B::Ctrl, &E::yank, "y"},
        {Kind::Char, B::Ctrl, &E::undo, "_"},
        {Kind::Char, B::Ctrl, &E::undo, "/"},
        {Kind::Char, B::Meta, &E::wordLeft, "b"},
        {Kind::Char, B::Meta, &E::killWordAfter, "d"},
        {Kind::Char, B::Meta, &E::wordRight, "f"},
        {Kind::Char, B::Meta, &E::yankOther, "y"},
        {Kind::Enter, B::Plain, &E::enter},
        {Kind::Enter, B::Ctrl, &E::enter},
        {Kind::Enter, B::Meta, &E::newLine},
        {Kind::Backspace, B::Plain, &E::eraseBefore},
        {Kind::Backspace, B::Meta, &E::killWordBefore},
        {Kind::Delete, B::Plain, &E::eraseAfter},
        {Kind::Home, B::Plain, &E::toLineBegin},
        {Kind::End, B::Plain, &E::toLineEnd},
        {Kind::Left, B::Plain, &E::left},
        {Kind::Left, B::Ctrl, &E::wordLeft},
        {Kind::Right, B::Plain, &E::right},
        {Kind::Right, B::Ctrl, &E::wordRight},
        {Kind::Up, B::Plain, &E::up},
        {Kind::Down, B::Plain, &E::down},
    };
    const bool shiftedArrow = key.shift && (key.kind == Kind::Up || key.kind == Kind::Down);
    if (shiftedArrow) return nullptr;
    const bool meta = key.meta || (key.kind == Kind::Enter && key.shift);
    const unsigned held = (key.ctrl ? B::Ctrl : 0U) | (meta ? B::Meta : 0U);
    for (const Binding& binding : kBindings) {
        const bool same = binding.kind == key.kind && binding.held == held;
        if (same && (key.kind != Kind::Char || binding.text == key.text)) return binding.action;
    }
    return nullptr;
}

bool LineEditor::isTyped(const Key& key) {
    return key.kind == Kind::Char && !key.ctrl && !key.meta;
}

LineEditor::Outcome LineEditor::key(const Key& key) {
    if (searching_) {
        if (const auto outcome = searchKey(key)) return *outcome;
    }
    return act(key);
}

LineEditor::Outcome LineEditor::act(const Key& key) {
    if (key.kind == Kind::PasteTooLong) return Outcome::Refused;
    const Action action = actionOf(key);
    const bool ours = action || isTyped(key) || key.kind == Kind::Paste;
    if (!ours) return Outcome::Ignored;
    if (searching_) acceptSearch();
    before_ = std::exchange(last_, Last::Other);
    if (action) return (this->*action)();
    return key.kind == Kind::Paste ? paste(key.text) : type(key.text);
}

std::string LineEditor::take() {
    history_.add(text_);
    std::string taken = text_.str();
    text_ = {};
    cursor_ = 0;
    undo_.clear();
    searching_.reset();
    last_ = Last::Other;
    return taken;
}

void LineEditor::remember(std::string_view text, bool pasted) {
    std::string entry = asInput(text);
    entry.resize(utf8::prefix(entry, bytesMax_).size());
    history_.add({std::move(entry), pasted});
}

void LineEditor::replace(size_t begin, size_t end, std::string_view with) {
    assert(begin <= end && end <= text_.size());
    if (searching_) acceptSearch();
    const bool pasted = begin < end && text_.isPasted(begin);
    change(begin, end, {asInput(with), pasted});
    last_ = Last::Other;
}

void LineEditor::set(std::string_view text, bool pasted) {
    if (searching_) cancelSearch();
    std::string input = asInput(text);
    input.resize(utf8::prefix(input, bytesMax_).size());
    change(0, text_.size(), {std::move(input), pasted});
    history_.leave();
    last_ = Last::Other;
}

// ---- edits

bool LineEditor::change(size_t begin, size_t end, const TracedText& with) {
    if (text_.size() - (end - begin) + with.size() > bytesMax_) return false;
    if (begin == end && with.empty()) return true;
    undo_.add({begin, with.size(), text_.slice(begin, end), cursor_, history_.place()});
    text_.replace(begin, end, with);
    // What came together may have become one cluster.
    cursor_ = boundaryFrom(text_.str(), begin + with.size());
    return true;
}

LineEditor::Outcome LineEditor::insert(const TracedText& text) {
    return change(cursor_, cursor_, text) ? Outcome::Done : Outcome::Refused;
}

// Typed characters are undone by words, each with the spaces behind it.
LineEditor::Outcome LineEditor::type(std::string_view text) {
    const TracedText typed(asInput(text), false);
    if (typed.empty()) return Outcome::Ignored;
    if (typed.size() > bytesMax_ - text_.size()) return Outcome::Refused;
    last_ = Last::Typed;
    const auto isSpace = [](char c) { return c == ' ' || c == '\n'; };
    const bool newWord =
        cursor_ > 0 && isSpace(text_.str()[cursor_ - 1]) && !isSpace(typed.str().front());
    const bool together = before_ == Last::Typed && !newWord && undo_.extend(cursor_, typed.size());
    if (!together) return insert(typed);
    const size_t end = cursor_ + typed.size();
    text_.replace(cursor_, cursor_, typed);
    cursor_ = boundaryFrom(text_.str(), end);
    return Outcome::Done;
}

// Who copies a line rarely means its end.
LineEditor::Outcome LineEditor::paste(std::string_view text) {
    std::string input = asInput(text);
    if (input.ends_with('\n')) input.pop_back();
    return insert({std::move(input), true});
}

LineEditor::Outcome LineEditor::newLine() {
    return insert({"\n", false});
}

LineEditor::Outcome LineEditor::erase(size_t begin, size_t end) {
    change(begin, end, {});
    return Outcome::Done;
}

LineEditor::Outcome LineEditor::eraseBefore() {
    return erase(clusterBefore(text(), cursor_), cursor_);
}

LineEditor::Outcome LineEditor::eraseAfter() {
    return erase(cursor_, clusterAfter(text(), cursor_));
}

LineEditor::Outcome LineEditor::eraseAfterOrIgnore() {
    return empty() ? Outcome::Ignored : eraseAfter();
}

LineEditor::Outcome LineEditor::clear() {
    if (empty()) return Outcome::Ignored;
    erase(0, text_.size());
    history_.leave();
    return Outcome::Done;
}

// The cluster before the cursor goes behind the one at it, and the cursor with it; at the end of a
// line the two last ones change places.
LineEditor::Outcome LineEditor::transpose() {
    const size_t first = lineBegin(text(), cursor_);
    const bool atEnd = cursor_ == lineEnd(text(), cursor_);
    const size_t end = atEnd ? cursor_ : clusterAfter(text(), cursor_);
    const size_t middle = clusterBefore(text(), end);
    if (cursor_ == first || middle <= first) return Outcome::Done;
    const size_t begin = clusterBefore(text(), middle);
    change(begin, end, text_.slice(middle, end) + text_.slice(begin, middle));
    return Outcome::Done;
}

LineEditor::Outcome LineEditor::undo() {
    const auto step = undo_.takeNewest();
    if (!step) return Outcome::Done;
    text_.replace(step->at, step->at + step->inserted, step->removed);
    cursor_ = step->cursor;
    history_.goTo(step->place);
    return Outcome::Done;
}

LineEditor::Outcome LineEditor::enter() {
    return Outcome::Entered;
}

// ---- kills

LineEditor::Outcome LineEditor::kill(size_t begin, size_t end, KillRing::Side side) {
    if (before_ == Last::Killed || begin < end) last_ = Last::Killed;
    if (begin == end) return Outcome::Done;
    if (before_ == Last::Killed)
        kills_.join(text_.slice(begin, end), side);
    else
        kills_.add(text_.slice(begin, end));
    return erase(begin, end);
}

LineEditor::Outcome LineEditor::killWordBefore() {
    return kill(wordBefore(text(), cursor_), cursor_, KillRing::Side::Before);
}

LineEditor::Outcome LineEditor::killSpacedWordBefore() {
    const size_t begin = wordBefore(text(), cursor_, WordOf::NoSpaces);
    return kill(begin, cursor_, KillRing::Side::Before);
}

LineEditor::Outcome LineEditor::killWordAfter() {
    return kill(cursor_, wordAfter(text(), cursor_), KillRing::Side::Behind);
}

LineEditor::Outcome LineEditor::killLineBefore() {
    return kill(lineBegin(text(), cursor_), cursor_, KillRing::Side::Before);
}

// To the end of the line; at its end, the newline.
LineEditor::Outcome LineEditor::killLineAfter() {
    const size_t lineEnds = lineEnd(text(), cursor_);
    const size_t end = cursor_ == lineEnds ? clusterAfter(text(), cursor_) : lineEnds;
    return kill(cursor_, end, KillRing::Side::Behind);
}

LineEditor::Outcome LineEditor::yank() {
    if (kills_.empty()) return Outcome::Done;
    const size_t begin = cursor_;
    if (!change(begin, begin, kills_.top())) return Outcome::Refused;
    yankedBegin_ = begin;
    yankedEnd_ = begin + kills_.top().size();
    last_ = Last::Yanked;
    return Outcome::Done;
}

// One that there is no room for is passed over by the next M-y.
LineEditor::Outcome LineEditor::yankOther() {
    if (before_ != Last::Yanked) return Outcome::Done;
    last_ = Last::Yanked;
    kills_.turn();
    if (!change(yankedBegin_, yankedEnd_, kills_.top())) return Outcome::Refused;
    yankedEnd_ = yankedBegin_ + kills_.top().size();
    return Outcome::Done;
}

// ---- moves

LineEditor::Outcome LineEditor::goTo(size_t offset) {
    cursor_ = offset;
    return Outcome::Done;
}

LineEditor::Outcome LineEditor::toLineBegin() {
    return goTo(lineBegin(text(), cursor_));
}

LineEditor::Outcome LineEditor::toLineEnd() {
    return goTo(lineEnd(text(), cursor_));
}

LineEditor::Outcome LineEditor::left() {
    return goTo(clusterBefore(text(), cursor_));
}

LineEditor::Outcome LineEditor::right() {
    return goTo(clusterAfter(text(), cursor_));
}

LineEditor::Outcome LineEditor::wordLeft() {
    return goTo(wordBefore(text(), cursor_));
}

LineEditor::Outcome LineEditor::wordRight() {
    return goTo(wordAfter(text(), cursor_));
}

LineEditor::Outcome LineEditor::up() {
    const size_t begin = lineBegin(text(), cursor_);
    if (begin > 0) return toLine(lineBegin(text(), begin - 1));
    return history_.place() > 0 ? recall(history_.place() - 1) : Outcome::Done;
}

LineEditor::Outcome LineEditor::down() {
    const size_t end = lineEnd(text(), cursor_);
    if (end < text_.size()) return toLine(end + 1);
    return history_.place() < history_.size() ? recall(history_.place() + 1) : Outcome::Done;
}

LineEditor::Outcome LineEditor::toLine(size_t begin) {
    const std::string_view all = text();
    const size_t from = lineBegin(all, cursor_);
    if (before_ != Last::WentLine) column_ = columnsOf(all.substr(from, cursor_ - from));
    last_ = Last::WentLine;
    const auto line = all.substr(begin, lineEnd(all, begin) - begin);
    return goTo(begin + prefixOfColumns(line, column_).size());
}

LineEditor::Outcome LineEditor::recall(size_t place) {
    history_.keep(text_);
    const TracedText& there = history_.at(place);
    undo_.add({0, there.size(), text_, cursor_, history_.place()});
    history_.goTo(place);
    text_ = there;
    return goTo(text_.size());
}

}  // namespace netchat::connect
