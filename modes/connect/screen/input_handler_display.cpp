// The part of typing that is about what is looked at: the wheel, the bare view, who is here; and
// how Escape makes the key after it one with Meta.

#include <algorithm>
#include <utility>

#include "modes/connect/screen/input_handler.h"
#include "modes/connect/screen/layout.h"

namespace netchat::connect {

namespace {

// How long after Escape the next key is one with Meta.
constexpr int64_t kEscapeIsMetaMs = 1'000;
// Of one step of the mouse's wheel.
constexpr int kWheelRows = 3;

}  // namespace

// Escape and a key soon after it are that key with Meta, as where a keyboard has no Meta. An Escape
// that did something was only that.
Key InputHandler::withMeta(const Key& key, const Moment& now) {
    Key changed = key;
    switch (key.kind) {
        case Key::Kind::FocusIn:
        case Key::Kind::FocusOut:
        case Key::Kind::WheelUp:
        case Key::Kind::WheelDown:
            return changed;
        case Key::Kind::Paste:
        case Key::Kind::PasteTooLong:
            state_.escapedMs.reset();
            return changed;
        case Key::Kind::Escape:
            state_.escapedMs.reset();
            if (!key.meta && !usesEscape()) state_.escapedMs = now.monoMs;
            return changed;
        default:
            break;
    }
    const auto escaped = std::exchange(state_.escapedMs, std::nullopt);
    if (escaped && now.monoMs - *escaped < kEscapeIsMetaMs) changed.meta = true;
    return changed;
}

bool InputHandler::usesEscape() const {
    const RoomView* room = state_.rooms.current();
    const bool searching = room != nullptr && room->editor.search().has_value();
    const bool finding = room != nullptr && (state_.finding.isIn(*room) || !room->answers.empty() ||
                                             room->seeksMention);
    return state_.helpShown || state_.bare || searching || finding ||
           !state_.completion.candidates().empty();
}

// The wheel moves what is looked at, and never what is typed.
bool InputHandler::turnsWheel(const Key& key, const Moment& now) {
    if (key.kind != Key::Kind::WheelUp && key.kind != Key::Kind::WheelDown) return false;
    const int rows = key.kind == Key::Kind::WheelUp ? -kWheelRows : kWheelRows;
    if (state_.helpShown) {
        state_.helpTop = std::max(0, state_.helpTop + rows);
    } else if (RoomView* room = state_.rooms.current()) {
        room->wantsHistory = true;
        if (state_.bare) state_.bare->followed = false;
        scroll(*room, areasOf(state_).messages, rows, now.wallMs);
    }
    return true;
}

// The messages alone, and none that come meanwhile, so that they can be selected.
void InputHandler::bare(const Moment& now) {
    RoomView* room = state_.rooms.current();
    if (room == nullptr) return;
    state_.bare = ScreenState::Bare{.followed = !room->anchor};
    holdStill(*room, areasOf(state_).messages, now.wallMs);
}

void InputHandler::leaveBare() {
    RoomView* room = state_.rooms.current();
    if (room != nullptr && state_.bare->followed) room->toEnd();
    state_.bare.reset();
}

// As in the help, any key leaves but those that move.
bool InputHandler::bareKey(const Key& key, const Moment& now) {
    RoomView* room = state_.rooms.current();
    const Area messages = areasOf(state_).messages;
    const int page = std::max(1, messages.height - 1);
    const auto moved = [&](int rows) {
        state_.bare->followed = false;
        room->wantsHistory = true;
        scroll(*room, messages, rows, now.wallMs);
        return true;
    };
    switch (key.kind) {
        case Key::Kind::PageUp:
            return moved(-page);
        case Key::Kind::PageDown:
            return moved(page);
        case Key::Kind::Up:
            return moved(-1);
        case Key::Kind::Down:
            return moved(1);
        default:
            leaveBare();
            return key.kind == Key::Kind::Escape || isMeta(key, "l") ||
                   (key.kind == Key::Kind::Enter && !key.meta) || isPlain(key, "q") ||
                   isCtrl(key, "c");
    }
}

void InputHandler::turnRoster() {
    state_.rosterWanted = !rosterShown(state_);
}

}  // namespace netchat::connect
