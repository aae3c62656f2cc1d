#include "modes/connect/screen/layout.h"

#include <algorithm>
#include <ctime>

namespace netchat::connect {

namespace {

// "14:36 " in front, " │ " behind the nick.
constexpr int kTimeColumns = 6;
constexpr int kRuleColumns = 3;
constexpr int kWideColumns = 100;   // from here on nicks have all their room
constexpr int kMiddleColumns = 40;  // below the nick stands in the text, and nobody beside it
constexpr int kNickColumns = 14;
constexpr int kNickColumnsMiddle = 9;
constexpr int kRosterColumns = 18;
constexpr int kMarkColumns = 3;  // of an answer
// Columns of the screen: from here on it is shown by itself, and from there on to who wants it.
constexpr int kRosterFrom = 100;
constexpr int kRosterMin = 50;
// Fetched of a log at a time: two screens of a large terminal.
constexpr uint64_t kPageEntries = 200;

bool sameDay(int64_t aMs, int64_t bMs) {
    const std::time_t a = aMs / 1000, b = bMs / 1000;
    if (a == b) return true;
    std::tm first{}, second{};
    if (!::localtime_r(&a, &first) || !::localtime_r(&b, &second)) return true;
    return first.tm_yday == second.tm_yday && first.tm_year == second.tm_year;
}

int rosterWidth(const ScreenState& state) {
    const RoomView* room = state.rooms.current();
    // A classic server does not say who is there.
    const bool known = !state.options.classic && room != nullptr &&
                       room->kind == RoomView::Kind::Public &&
                       room->state == RoomView::State::Joined;
    return known && rosterShown(state) ? kRosterColumns : 0;
}

// Takes rows off the bottom of what is left.
Area takeBottom(int rows, int& left, int width) {
    rows = std::clamp(rows, 0, left);
    left -= rows;
    return {left, rows, 0, width};
}

void setFolded(RoomView& room, const Line& line, bool folded) {
    room.holdsMarked = false;
    if (folded && room.marked == line.id) room.marked = 0;
    if (folded != line.own) return void(room.turned.erase(line.id));
    if (room.turned.size() == RoomView::kTurnedMax) room.turned.erase(room.turned.begin());
    room.turned.insert(line.id);
}

}  // namespace

bool rosterShown(const ScreenState& state) {
    if (state.width < kRosterMin) return false;
    return state.rosterWanted.value_or(state.width >= kRosterFrom);
}

Areas areasOf(const ScreenState& state) {
    Areas areas;
    const int w = std::max(state.width, 0), h = std::max(state.height, 0);
    if (state.bare) {
        areas.messages = {0, h, 0, w, true};
        return areas;
    }
    int left = h;
    const RoomView* room = state.rooms.current();
    const int inputMax = std::max(1, h / 3);
    const int inputRows = room ? static_cast<int>(inputLayout(*room, w).rows.size()) : 1;
    areas.input = takeBottom(std::min(inputRows, inputMax), left, w);
    areas.status = takeBottom(h >= 3 ? 1 : 0, left, w);
    const bool choosing = state.completion.candidates().size() > 1;
    areas.candidates = takeBottom(h >= 6 && choosing ? 1 : 0, left, w);
    const bool working = !state.transfers.empty() || !state.offered.empty();
    areas.work = takeBottom(h >= 8 && working ? 1 : 0, left, w);
    const bool answering = room != nullptr && h >= (room->hint.empty() ? 8 : 5);
    const int answers = answering ? static_cast<int>(answerRows(*room, w).size()) : 0;
    areas.answers = takeBottom(std::min(answers, h / 3), left, w);
    const int bar = h >= 4 ? std::min(1, left) : 0;
    areas.bar = {0, bar, 0, w};
    const int roster = rosterWidth(state);
    // A column stays free between what is said and the rule.
    areas.messages = {bar, left - bar, 0, w - roster - (roster > 0 ? 1 : 0)};
    areas.roster = {bar, left - bar, w - roster, w};
    return areas;
}

std::vector<std::string> answerRows(const RoomView& room, int width) {
    std::vector<std::string> rows;
    const auto add = [&](std::string mark, std::string_view text) {
        for (const Row& row : wrap(text, static_cast<size_t>(std::max(1, width - kMarkColumns)))) {
            rows.push_back(mark + std::string(text.substr(row.begin, row.end - row.begin)));
            mark = "   ";
        }
    };
    // Whoever looks at the end has them there.
    for (const Line& line : room.answers) {
        if (room.anchor) add(line.kind == Line::Kind::Trouble ? "!! " : "-- ", line.text.view());
    }
    if (!room.hint.empty()) add("-- ", room.hint);
    return rows;
}

const InputLayout& inputLayout(const RoomView& room, int width) {
    // One column is kept for the cursor behind a full row.
    return room.input.of(room.editor, std::max(1, width - kPromptColumns - 1));
}

MessageColumns messageColumns(const Area& messages) {
    const int width = messages.width();
    MessageColumns columns;
    if (!messages.bare && width >= kMiddleColumns) {
        columns.nick = width >= kWideColumns ? kNickColumns : kNickColumnsMiddle;
        columns.text = kTimeColumns + columns.nick + kRuleColumns;
    }
    columns.textWidth = std::max(1, width - columns.text);
    return columns;
}

// ---- the messages

bool MessageLayout::hasDay(size_t i) const {
    const int64_t time = room_.lines.at(i).time;
    if (time == 0) return false;
    for (size_t before = i; before-- > 0;) {
        const int64_t other = room_.lines.at(before).time;
        if (other != 0) return !sameDay(other, time);
    }
    return !sameDay(time, nowMs_);
}

bool MessageLayout::hasNew(size_t i) const {
    return room_.newFrom != 0 && room_.lines.at(i).id == room_.newFrom;
}

int MessageLayout::pixelRows(const Line& line) const {
    return line.picture ? line.picture->height / 2 : 0;
}

std::string MessageLayout::textOf(const Line& line) const {
    const bool named = columns_.nick == 0 && !line.from.empty();
    return named ? line.from.str() + ": " + line.text.str() : line.text.str();
}

const std::vector<Row>& MessageLayout::textRows(const Line& line) const {
    return room_.rows.rows(line.id, columns_.textWidth, columns_.nick == 0,
                           [&] { return textOf(line); });
}

bool MessageLayout::isLong(const Line& line) const {
    const bool isSaid = line.kind == Line::Kind::Message || line.kind == Line::Kind::Notice;
    return isSaid && textRows(line).size() > static_cast<size_t>(kUnfoldedRowsMax);
}

// Whoever wrote it knows it, and whoever went to it wants to see it.
bool MessageLayout::isFolded(const Line& line) const {
    return isLong(line) && line.id != room_.marked && line.own == (room_.turned.count(line.id) > 0);
}

int MessageLayout::hiddenRows(const Line& line) const {
    return isFolded(line) ? static_cast<int>(textRows(line).size()) - kFoldedRows : 0;
}

int MessageLayout::shownTextRows(const Line& line) const {
    const int rows = static_cast<int>(textRows(line).size());
    return rows > kUnfoldedRowsMax && isFolded(line) ? kFoldedRows + 1 : rows;
}

int MessageLayout::rowsOf(size_t i) const {
    const Line& line = room_.lines.at(i);
    return (hasDay(i) ? 1 : 0) + (hasNew(i) ? 1 : 0) + pixelRows(line) + shownTextRows(line);
}

int MessageLayout::rowAt(size_t i, size_t at) const {
    const Line& line = room_.lines.at(i);
    if (at == 0) return 0;
    // The same place in what is wrapped.
    const size_t inText = at + textOf(line).size() - line.text.view().size();
    const std::vector<Row>& rows = textRows(line);
    int row = 0;
    const int last = shownTextRows(line) - 1;
    while (row < last && rows[static_cast<size_t>(row) + 1].begin <= inText) ++row;
    return (hasDay(i) ? 1 : 0) + (hasNew(i) ? 1 : 0) + row;
}

MessageLayout::Piece MessageLayout::piece(Place place) const {
    int row = place.row;
    if (hasDay(place.line) && row-- == 0) return {What::Day, 0};
    if (hasNew(place.line) && row-- == 0) return {What::New, 0};
    const Line& line = room_.lines.at(place.line);
    const int rows = shownTextRows(line);
    const bool atFold = rows == kFoldedRows + 1 && row == kFoldedRows;
    if (atFold && isFolded(line)) return {What::Fold, row};
    return row < rows ? Piece{What::Text, row} : Piece{What::Pixels, row - rows};
}

std::optional<MessageLayout::Place> MessageLayout::bottom() const {
    const Scrollback& lines = room_.lines;
    if (lines.empty()) return {};
    if (room_.anchor) {
        const size_t line = lines.find(room_.anchor->line, room_.anchor->seq);
        if (line < lines.size()) {
            return Place{line, std::min(room_.anchor->row, rowsOf(line) - 1)};
        }
    }
    return Place{lines.size() - 1, rowsOf(lines.size() - 1) - 1};
}

MessageLayout::Place MessageLayout::up(Place from, int rows) const {
    while (rows > from.row && from.line > 0) {
        rows -= from.row + 1;
        --from.line;
        from.row = rowsOf(from.line) - 1;
    }
    return {from.line, std::max(0, from.row - rows)};
}

MessageLayout::Place MessageLayout::down(Place from, int rows) const {
    for (;;) {
        const int here = rowsOf(from.line);
        if (from.row + rows < here) return {from.line, from.row + rows};
        if (from.line + 1 == room_.lines.size()) return {from.line, here - 1};
        rows -= here - from.row;
        ++from.line;
        from.row = 0;
    }
}

std::vector<MessageLayout::Place> MessageLayout::visible(int height) const {
    std::vector<Place> places;
    const auto last = bottom();
    if (!last || height <= 0) return places;
    Place place = up(*last, height - 1);
    // Where there is less than a screen above the bottom, the rest is below it.
    for (const Place end{room_.lines.size() - 1, rowsOf(room_.lines.size() - 1) - 1};
         static_cast<int>(places.size()) < height;) {
        places.push_back(place);
        if (place == end) break;
        const bool endsThere = !room_.anchor || room_.anchor->still;
        if (endsThere && place == *last) break;
        place = down(place, 1);
    }
    return places;
}

// ---- scrolling

namespace {

// What of all that came since somebody looks at what was before is below the screen still.
void countBelow(RoomView& room, size_t bottom) {
    RoomView::Below& below = room.below;
    if (below.lines == 0) return;
    below.lines = below.mentions = 0;
    for (size_t i = room.lines.size(); i-- > bottom + 1;) {
        const Line& line = room.lines.at(i);
        if (line.seq != 0 && line.seq < below.fromSeq) return;
        const bool said = line.kind == Line::Kind::Message || line.kind == Line::Kind::File;
        if (!said || line.own || line.id < below.fromLine) continue;
        ++below.lines;
        if (line.mention) ++below.mentions;
    }
}

void lookAt(RoomView& room, const MessageLayout& layout, MessageLayout::Place to, int height) {
    const MessageLayout::Place first = layout.down({0, 0}, height - 1);
    const size_t last = room.lines.size() - 1;
    // The first row of all stays at the top of the screen.
    if (to.line < first.line || (to.line == first.line && to.row < first.row)) to = first;
    if (to == MessageLayout::Place{last, layout.rowsOf(last) - 1}) return room.toEnd();
    const Line& line = room.lines.at(to.line);
    room.anchor = RoomView::Anchor{line.id, line.seq, to.row};
    countBelow(room, to.line);
}

}  // namespace

void scroll(RoomView& room, const Area& messages, int rows, int64_t nowMs) {
    const MessageLayout layout(room, messages, nowMs);
    const auto from = layout.bottom();
    if (!from || messages.height <= 0) return;
    room.stopGoing();
    lookAt(room, layout, rows < 0 ? layout.up(*from, -rows) : layout.down(*from, rows),
           messages.height);
}

void showInMiddle(RoomView& room, const Area& messages, size_t line, size_t at, int64_t nowMs) {
    const MessageLayout layout(room, messages, nowMs);
    if (line >= room.lines.size() || messages.height <= 0) return;
    const MessageLayout::Place place{line, layout.rowAt(line, at)};
    lookAt(room, layout, layout.down(place, messages.height / 2), messages.height);
}

void showAtTop(RoomView& room, const Area& messages, size_t line, int64_t nowMs) {
    const MessageLayout layout(room, messages, nowMs);
    if (line >= room.lines.size() || messages.height <= 0) return;
    lookAt(room, layout, layout.down({line, 0}, messages.height - 1), messages.height);
}

bool isVisible(const RoomView& room, const Area& messages, uint64_t line, int64_t nowMs) {
    const MessageLayout layout(room, messages, nowMs);
    const auto places = layout.visible(messages.height);
    return std::any_of(places.begin(), places.end(), [&](const MessageLayout::Place& place) {
        return room.lines.at(place.line).id == line;
    });
}

bool openFold(RoomView& room, const Area& messages, int64_t nowMs) {
    const MessageLayout layout(room, messages, nowMs);
    const auto places = layout.visible(messages.height);
    for (size_t i = places.size(); i-- > 0;) {
        if (layout.piece(places[i]).what != MessageLayout::What::Fold) continue;
        setFolded(room, room.lines.at(places[i].line), false);
        // Its next row stands where the fold stood, and what is above it stays.
        const int below = messages.height - 1 - static_cast<int>(i);
        lookAt(room, layout, layout.down(places[i], below), messages.height);
        return true;
    }
    return false;
}

// The fold stands where the first row stood that it hides, as before it was opened.
bool closeFold(RoomView& room, const Area& messages, int64_t nowMs) {
    const MessageLayout layout(room, messages, nowMs);
    const auto places = layout.visible(messages.height);
    for (size_t i = places.size(); i-- > 0;) {
        const size_t at = places[i].line;
        const Line& line = room.lines.at(at);
        if (!layout.isLong(line) || layout.isFolded(line)) continue;
        const int rules = layout.rowsOf(at) - static_cast<int>(layout.textRows(line).size());
        const MessageLayout::Place fold{at, rules + MessageLayout::kFoldedRows};
        const auto stood = std::find(places.begin(), places.end(), fold);
        setFolded(room, line, true);
        const int row = stood == places.end() ? 0 : static_cast<int>(stood - places.begin());
        lookAt(room, layout, layout.down(fold, messages.height - 1 - row), messages.height);
        return true;
    }
    return false;
}

void holdStill(RoomView& room, const Area& messages, int64_t nowMs) {
    const MessageLayout layout(room, messages, nowMs);
    const auto bottom = layout.bottom();
    room.stopGoing();
    if (!bottom || room.anchor) return;
    const Line& line = room.lines.at(bottom->line);
    room.anchor = RoomView::Anchor{line.id, line.seq, bottom->row, true};
}

std::optional<Missing> missingAround(const RoomView& room, const Area& messages, int64_t nowMs) {
    const MessageLayout layout(room, messages, nowMs);
    const auto bottom = layout.bottom();
    if (!bottom || messages.height <= 0) return {};
    // A screen more than what is seen, so that it is there when somebody gets there.
    const size_t top = layout.up(*bottom, 2 * messages.height).line;
    for (size_t i = bottom->line + 1; i-- > top;) {
        const Line& line = room.lines.at(i);
        if (line.kind != Line::Kind::Hole) continue;
        const uint64_t count = std::min<uint64_t>(kPageEntries, line.last - line.seq + 1);
        // Who comes from above reads on at its beginning.
        const bool fromAbove = room.goesToTop || (i == bottom->line && line.seq > 1);
        const uint64_t before = fromAbove ? line.seq + count : line.last + 1;
        return Missing{before, static_cast<unsigned>(count)};
    }
    return {};
}

}  // namespace netchat::connect
