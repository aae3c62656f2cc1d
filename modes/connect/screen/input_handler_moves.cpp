// The part of typing that is about what is looked at: keys that are bound to actions.

#include <algorithm>
#include <utility>

#include "modes/connect/command_line.h"
#include "modes/connect/screen/going.h"
#include "modes/connect/screen/input_handler.h"
#include "modes/connect/screen/layout.h"

namespace netchat::connect {

namespace {

// Of what was said before, so much is looked through at a press for a line that mentions us.
constexpr uint64_t kMentionEntriesMax = 5'000;

}  // namespace

bool InputHandler::moves(const Key& key, const Moment& now) {
    if (const KeyMap::Bound* bound = state_.settings.keys().find(key)) {
        if (bound->action != nullptr) return act(*bound->action, now);
        // A copy: the command may change what keys do.
        const std::string command = bound->command;
        if (state_.rooms.current() != nullptr) obey(parseLine(command), now);
        return true;
    }
    return key.kind == Key::Kind::Function;
}

bool InputHandler::act(Action action, const Moment& now) {
    RoomView* room = state_.rooms.current();
    if (room == nullptr) return false;
    const Area messages = areasOf(state_).messages;
    const int page = std::max(1, messages.height - 1);
    switch (action) {
        case Action::PageUp:
        case Action::PageDown:
            room->wantsHistory = true;
            scroll(*room, messages, action == Action::PageUp ? -page : page, now.wallMs);
            return true;
        case Action::PreviousRoom:
        case Action::NextRoom:
            state_.rooms.turn(action == Action::PreviousRoom ? -1 : 1);
            return true;
        case Action::NextActive:
            state_.rooms.showNextActive();
            return true;
        case Action::Jump:
            jump_.emplace();
            return true;
        case Action::Top:
            room->stopGoing();
            room->wantsHistory = room->goesToTop = true;
            return true;
        case Action::End:
            room->toEnd();
            return true;
        case Action::FirstUnread:
            return goToUnread(*room, now), true;
        case Action::PreviousMention:
        case Action::NextMention:
            return goToMention(*room, action == Action::PreviousMention, now), true;
        case Action::Search:
            return beginFinding(*room), true;
        case Action::Help:
            state_.helpShown = true;
            state_.helpTop = 0;
            return true;
        case Action::Roster:
            return turnRoster(), true;
        case Action::Bare:
            return bare(now), true;
        case Action::Fold:
            if (!openFold(*room, messages, now.wallMs)) closeFold(*room, messages, now.wallMs);
            return true;
        case Action::Redraw:
            return state_.effects.redraw = true;
        case Action::Suspend:
            return state_.effects.suspend = true;
        case Action::Fetch:
            return getOffered(now), true;
    }
    return false;
}

// M-1 … M-0 are the first ten rooms.
bool InputHandler::meta(const Key& key) {
    if (key.kind != Key::Kind::Char || key.ctrl || key.text.size() != 1) return false;
    const char c = key.text[0];
    if (c < '0' || c > '9') return false;
    state_.rooms.show(static_cast<size_t>(c == '0' ? 9 : c - '1'));
    return true;
}

// After M-j two digits, or fewer and Enter, are a room's number in the bar. False: the key is for
// others.
bool InputHandler::jumps(const Key& key, const Moment& now) {
    if (!jump_) return false;
    const bool plain = !key.ctrl && !key.meta;
    const bool digit = plain && key.kind == Key::Kind::Char && key.text.size() == 1 &&
                       key.text[0] >= '0' && key.text[0] <= '9';
    if (digit) *jump_ += key.text;
    if (digit && jump_->size() < 2) return true;
    const std::string number = *std::exchange(jump_, std::nullopt);
    const bool entered = plain && key.kind == Key::Kind::Enter && !number.empty();
    if (digit || entered) showNumbered(number, now);
    return digit || entered;
}

// ---- places in a room

void InputHandler::goTo(RoomView& room, size_t line, size_t at, const Moment& now) {
    goToLine(room, areasOf(state_).messages, line, at, now.wallMs);
}

void InputHandler::hint(std::string text) {
    if (RoomView* room = state_.rooms.current()) room->hint = std::move(text);
}

// With the rule above it at the top of the screen.
void InputHandler::goToUnread(RoomView& room, const Moment& now) {
    room.findNew();
    if (room.newFromSeq != 0) {
        room.stopGoing();
        room.goesToNew = true;
        return hint("the first unread message is further back …");
    }
    const size_t line = room.newFrom == 0 ? room.lines.size() : room.lines.find(room.newFrom, 0);
    if (line >= room.lines.size()) return hint("nothing new here");
    room.stopGoing();
    showAtTop(room, areasOf(state_).messages, line, now.wallMs);
}

// From the one that somebody went to, or else from the screen.
void InputHandler::goToMention(RoomView& room, bool older, const Moment& now) {
    const MessageLayout layout(room, areasOf(state_).messages, now.wallMs);
    const auto bottom = layout.bottom();
    const size_t all = room.lines.size();
    size_t from = bottom ? bottom->line : 0;
    if (room.marked != 0) {
        from = std::min(room.lines.find(room.marked, 0), all);
    } else if (older) {
        ++from;
    }
    if (older) return goToOlderMention(room, from, now);
    bool missing = false;
    for (size_t i = from + 1; i < all; ++i) {
        const Line& line = room.lines.at(i);
        if (line.mention) return goTo(room, i, mentionIn(state_, line), now);
        missing = missing || line.kind == Line::Kind::Hole;
    }
    hint(missing ? "no later mention of you is loaded; PgDn loads more"
                 : "no later mention of you here");
}

// Where the log is not here, it is fetched and looked through page by page.
void InputHandler::goToOlderMention(RoomView& room, size_t from, const Moment& now) {
    const size_t at = mentionBefore(room, from);
    if (at == room.lines.size()) return hint("no earlier mention of you here");
    const Line& line = room.lines.at(at);
    if (line.mention) return goTo(room, at, mentionIn(state_, line), now);
    room.seeksMention = RoomView::MentionSearch{line.last + 1, kMentionEntriesMax};
    hint("looking further back for a mention of you …");
}

}  // namespace netchat::connect
