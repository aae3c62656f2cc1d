// The part of typing that looks for words in a room.

#include <algorithm>
#include <utility>

#include "modes/connect/screen/going.h"
#include "modes/connect/screen/input_handler.h"
#include "modes/connect/screen/layout.h"
#include "modes/connect/screen/text/graphemes.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

using State = Finding::State;

void backTo(RoomView& room, const std::optional<RoomView::Anchor>& from) {
    if (!from) return room.toEnd();
    room.anchor = from;
    room.marked = 0;
    room.stopGoing();
}

}  // namespace

// False: the key is not the search's.
bool InputHandler::findKey(const Key& key, const Moment& now) {
    RoomView* room = state_.rooms.current();
    Finding& finding = state_.finding;
    if (room != nullptr && isPlain(key, Key::Kind::Escape) && !room->answers.empty()) {
        room->answers.clear();
        return true;
    }
    if (room == nullptr || !finding.isIn(*room)) return false;
    if (finding.state == State::InputHandler) return typeWords(key, now);
    if (isCtrl(key, "s")) return findOlder(*room, true, now), true;
    if (isCtrl(key, "r")) return findNewer(*room, now), true;
    if (!isPlain(key, Key::Kind::Escape) && !isCtrl(key, "g")) return false;
    finding.state = State::Off;
    return true;
}

bool InputHandler::typeWords(const Key& key, const Moment& now) {
    RoomView& room = *state_.rooms.current();
    Finding& finding = state_.finding;
    const bool typed = key.kind == Key::Kind::Char && !key.ctrl && !key.meta;
    if (typed || key.kind == Key::Kind::Paste) {
        std::string_view text = key.text;
        text = text.substr(0, text.find_first_of("\r\n"));
        if (finding.words.size() + text.size() > Finding::kWordsBytesMax) return true;
        finding.words += SafeText(text).view();
        wordsChanged(room, now);
    } else if (isPlain(key, Key::Kind::Backspace)) {
        finding.words.resize(clusterBefore(finding.words, finding.words.size()));
        wordsChanged(room, now);
    } else if (isCtrl(key, "s")) {
        if (finding.words.empty()) {
            finding.words = finding.lastWords;
            finding.sought = SoughtWords(finding.words);
        }
        findOlder(room, true, now);
    } else if (isCtrl(key, "r")) {
        findNewer(room, now);
    } else if (isPlain(key, Key::Kind::Enter)) {
        finding.state = finding.words.empty() ? State::Off : State::Shown;
        if (finding.line == 0 && finding.seq == 0) findOlder(room, true, now);
    } else if (isPlain(key, Key::Kind::Escape) || isCtrl(key, "g") || isCtrl(key, "c")) {
        cancelFinding(room);
    } else {
        // Another key does what it does; what was found stays in sight.
        finding.state = finding.words.empty() ? State::Off : State::Shown;
        return false;
    }
    return true;
}

void InputHandler::beginFinding(RoomView& room) {
    Finding& finding = state_.finding;
    const std::string last = finding.words.empty() ? finding.lastWords : finding.words;
    finding = {};
    finding.state = State::InputHandler;
    finding.kind = room.kind;
    finding.room = room.name;
    finding.lastWords = last;
    finding.from = room.anchor;
}

// Looks anew from where somebody was; the server is asked only once the words are complete.
void InputHandler::wordsChanged(RoomView& room, const Moment& now) {
    Finding& finding = state_.finding;
    finding.sought = SoughtWords(finding.words);
    finding.line = finding.seq = 0;
    finding.failed = finding.waiting = false;
    backTo(room, finding.from);
    if (!finding.sought.empty()) findOlder(room, false, now);
}

bool InputHandler::fits(const Line& line) const {
    const bool said = line.kind == Line::Kind::Message || line.kind == Line::Kind::File;
    return said &&
           state_.finding.sought.fit(FoldedText(line.text.view(), FoldedText::Accents::Strip));
}

void InputHandler::findOlder(RoomView& room, bool asksServer, const Moment& now) {
    Finding& finding = state_.finding;
    if (finding.sought.empty() || finding.waiting) return;
    const Scrollback& lines = room.lines;
    size_t from = lines.size();
    if (finding.line != 0 || finding.seq != 0) {
        from = std::min(lines.find(finding.line, finding.seq), from);
    } else if (room.anchor) {
        from = std::min(lines.find(room.anchor->line, room.anchor->seq) + 1, from);
    }
    finding.failed = false;
    for (size_t i = from; i-- > 0;) {
        const Line& line = lines.at(i);
        if (line.kind == Line::Kind::Hole) {
            const bool asks = asksServer && room.state == RoomView::State::Joined &&
                              state_.connection == ScreenState::Connection::Connected;
            if (asksServer && !asks) {
                return hint("older messages can be searched after reconnecting");
            }
            if (!asks) break;
            finding.waiting = true;
            finding.before = line.last + 1;
            return order({.kind = ClientCommand::Kind::Search,
                          .where = room.name,
                          .text = finding.words,
                          .number = finding.before});
        }
        if (fits(line)) return found(room, i, now);
    }
    finding.failed = true;
    if (asksServer) hint(finding.nothingText());
}

void InputHandler::findNewer(RoomView& room, const Moment& now) {
    Finding& finding = state_.finding;
    if (finding.sought.empty() || finding.waiting || (finding.line == 0 && finding.seq == 0))
        return;
    bool missing = false;
    for (size_t i = room.lines.find(finding.line, finding.seq) + 1; i < room.lines.size(); ++i) {
        if (fits(room.lines.at(i))) return found(room, i, now);
        missing = missing || room.lines.at(i).kind == Line::Kind::Hole;
    }
    hint("nothing newer" + std::string(missing ? " that is loaded" : "") + " has '" +
         forLog(finding.words, 60) + "'" + (missing ? "; PgDn loads more" : ""));
}

void InputHandler::found(RoomView& room, size_t line, const Moment& now) {
    Finding& finding = state_.finding;
    finding.line = room.lines.at(line).id;
    finding.seq = room.lines.at(line).seq;
    finding.failed = false;
    goTo(room, line, soughtIn(state_, room.lines.at(line)), now);
}

// Back to where somebody was.
void InputHandler::cancelFinding(RoomView& room) {
    Finding& finding = state_.finding;
    if (!finding.words.empty()) finding.lastWords = finding.words;
    finding.state = State::Off;
    finding.waiting = false;
    backTo(room, finding.from);
}

}  // namespace netchat::connect
