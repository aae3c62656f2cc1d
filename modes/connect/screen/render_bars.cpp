// The rows around the messages: rooms, transfers, candidates, status and input.

#include <algorithm>
#include <utility>

#include "modes/connect/screen/render_parts.h"
#include "modes/connect/screen/text/graphemes.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

using Connection = ScreenState::Connection;

int columns(std::string_view text) {
    return static_cast<int>(columnsOf(text));
}

// ---- a row of things of which one is at hand, moved so that this one is seen

struct Item {
    std::string text;
    Style style;
};

// The first that is drawn so that `chosen` fits, too.
size_t firstShown(const std::vector<Item>& items, size_t chosen, int width) {
    size_t first = chosen;
    int used = items.empty() ? 0 : columns(items[chosen].text);
    while (first > 0 && used + columns(items[first - 1].text) + 2 <= width) {
        used += columns(items[--first].text);
    }
    return first;
}

// From the first to before the last that is seen whole.
struct ItemRange {
    size_t first = 0, last = 0;
};

ItemRange drawItems(const Canvas& canvas, const Area& area, const std::vector<Item>& items,
                    size_t chosen, const Style& style) {
    canvas.grid.fill(area.left, area.top, area.right, style);
    const size_t first = firstShown(items, chosen, area.width());
    int x = area.left;
    if (first > 0) x = canvas.grid.put(x, area.top, "<", style, area.right);
    for (size_t i = first; i < items.size(); ++i) {
        const bool fits = x + columns(items[i].text) <= area.right;
        if (!fits && i > first) {
            canvas.grid.put(area.right - 1, area.top, ">", style, area.right);
            return {first, i};
        }
        x = canvas.grid.put(x, area.top, items[i].text, items[i].style, area.right);
    }
    return {first, items.size()};
}

Item barItem(const Canvas& canvas, size_t i) {
    const Rooms& rooms = canvas.state.rooms;
    const RoomView& room = rooms.at(i);
    std::string text = " " + std::to_string(i + 1) + " " + room.shown.str();
    if (room.unread > 0) text += " " + std::to_string(room.unread);
    if (room.mentions > 0) text += "!";
    // In private each message is meant for us.
    const bool some = room.mentions > 0 && room.kind == RoomView::Kind::Public;
    if (some) text += std::to_string(room.mentions);
    if (room.hasTrouble) text += " *";
    const Style style = i == rooms.currentIndex() ? canvas.theme.barCurrent
                        : room.mentions > 0       ? canvas.theme.barMention
                        : room.unread > 0         ? canvas.theme.barUnread
                                                  : canvas.theme.bar;
    return {text + " ", style};
}

// ---- rooms that are not seen in the bar, and where somebody was mentioned

// "12!2 15! +3!" in at most so many columns; empty: there are none.
std::string mentionsText(const Canvas& canvas, const std::vector<size_t>& rooms, int width) {
    std::string text;
    for (size_t i = 0; i < rooms.size(); ++i) {
        const size_t more = rooms.size() - i;
        const std::string rest = " +" + std::to_string(more) + "!";
        std::string next = " " + std::to_string(rooms[i] + 1) + "!";
        const RoomView& room = canvas.state.rooms.at(rooms[i]);
        if (room.kind == RoomView::Kind::Public) next += std::to_string(room.mentions);
        const bool isLast = more == 1;
        const int needed = columns(text) + columns(next) + (isLast ? 0 : columns(rest));
        if (needed > width) return columns(text + rest) <= width ? text + rest : text;
        text += next;
    }
    return text;
}

// The bar where not all of it fits: what is at hand, and then the rooms with mentions beyond it.
void drawCrowdedBar(const Canvas& canvas, const Area& area, const std::vector<Item>& items) {
    const Rooms& rooms = canvas.state.rooms;
    const Style& style = canvas.theme.bar;
    const auto mentioned = [&](size_t first, size_t last) {
        std::vector<size_t> found;
        for (size_t i = 0; i < rooms.size(); ++i) {
            const bool seen = i >= first && i < last;
            if (!seen && i != rooms.currentIndex() && rooms.at(i).mentions > 0) found.push_back(i);
        }
        return found;
    };
    const int tail = columns(mentionsText(canvas, mentioned(0, 0), area.width() / 2));
    Area shown = area;
    shown.right -= tail;
    const ItemRange range = drawItems(canvas, shown, items, rooms.currentIndex(), style);
    canvas.grid.fill(shown.right, area.top, area.right, style);
    canvas.grid.put(shown.right, area.top,
                    mentionsText(canvas, mentioned(range.first, range.last), tail),
                    canvas.theme.barMention, area.right);
}

// ---- the status

struct BarPart {
    std::string text;
    int weight;  // the lightest go first where there is no room
    Style style;
};

std::string connectionText(const ScreenState& state) {
    switch (state.connection) {
        case Connection::Connecting:
            return "connecting";
        case Connection::Connected:
            return "connected";
        case Connection::Away: {
            const int64_t ms = state.retryAtMs - state.now.monoMs;
            if (ms <= 0) return "lost, trying again now";
            return "lost, trying again in " + std::to_string((ms + 999) / 1000) + " s";
        }
        case Connection::Ended:
            return "lost";
        case Connection::Leaving:
            return "leaving";
        case Connection::Left:
            return "left";
    }
    return "";
}

// What is looked for in the room.
std::string findingHint(const ScreenState& state) {
    const Finding& finding = state.finding;
    if (!finding.isIn(*state.rooms.current())) return "";
    const std::string words = "'" + forLog(finding.words, 30) + "'";
    if (finding.waiting) return "looking further back for " + words + " …";
    const bool typing = finding.state == Finding::State::InputHandler;
    if (finding.failed && typing) return "search " + words + ": not here; Enter asks the server";
    if (typing) return "search " + words;
    return words + ": C-s older, C-r newer, Esc ends";
}

// What came while somebody looks at what was before.
std::string belowText(const RoomView::Below& below) {
    if (below.lines == 0) return "PgDn: more below";
    const std::string some =
        below.mentions == 0 ? "" : ", " + std::to_string(below.mentions) + " for you";
    return "PgDn: " + std::to_string(below.lines) + " new" + some;
}

// What is to be known of the input before Enter.
std::string inputHint(const RoomView& room) {
    const LineEditor& editor = room.editor;
    if (const auto search = editor.search()) {
        return (search->failed ? "no match for '" : "search '") + forLog(search->pattern, 20) + "'";
    }
    const auto lines = std::count(editor.text().begin(), editor.text().end(), '\n') + 1;
    if (room.longPaste && room.longPaste->asked) {
        return "Enter sends all " + std::to_string(lines) + " lines, C-c drops them";
    }
    if (lines > 1) return std::to_string(lines) + " lines, one message";
    const bool likeCommand = editor.text().starts_with('!') || editor.text().starts_with('/');
    if (editor.beginsPasted() && likeCommand) return "pasted: sent as text";
    return "";
}

// What comes in one go is taken for text while the rest of a paste may still come.
std::string pasteHint(const ScreenState& state, const RoomView& room) {
    if (state.paste == Keyboard::Paste::Coming) return "pasting";
    const std::string hint = inputHint(room);
    if (state.paste == Keyboard::Paste::None) return hint;
    return "incomplete paste" + (hint.empty() ? "" : ": " + hint);
}

void addPart(std::vector<BarPart>& parts, std::string text, int weight, const Style& style) {
    if (!text.empty()) parts.push_back({std::move(text), weight, style});
}

std::vector<BarPart> statusParts(const Canvas& canvas, size_t pending) {
    const ScreenState& state = canvas.state;
    const Theme& theme = canvas.theme;
    const RoomView& room = *state.rooms.current();
    const bool bad = state.connection == Connection::Away || state.connection == Connection::Ended;
    std::vector<BarPart> parts;
    addPart(parts, findingHint(state), 95, theme.statusTrouble);
    addPart(parts, pasteHint(state, room), 90, theme.statusTrouble);
    addPart(parts, connectionText(state), bad ? 100 : 50, bad ? theme.statusTrouble : theme.status);
    if (pending > 0) addPart(parts, std::to_string(pending) + " waiting", 80, theme.statusTrouble);
    addPart(parts, SafeText(state.nick + "@" + state.options.server).str(), 40, theme.status);
    if (state.latencyMs >= 0) {
        const std::string ms = state.latencyMs == 0 ? "<1" : std::to_string(state.latencyMs);
        addPart(parts, ms + " ms", 30, theme.status);
    }
    if (room.anchor) addPart(parts, belowText(room.below), 85, theme.statusTrouble);
    if (state.latencyMs >= 0 || !bad) addPart(parts, "F1 help", 10, theme.status);
    return parts;
}

int widthOf(const std::vector<BarPart>& parts) {
    int width = -1;
    for (const BarPart& part : parts) width += 2 + columns(part.text);
    return width;
}

size_t pendingOf(const ScreenState& state) {
    size_t pending = 0;
    for (size_t i = 0; i < state.rooms.size(); ++i) {
        pending += state.rooms.at(i).lines.pending().size();
    }
    return pending;
}

// ---- what is under way

std::string offerText(const ScreenState& state) {
    if (state.offered.empty()) return "";
    const KnownFile* file = state.files.numbered(state.offered.back());
    if (file == nullptr) return "";
    const std::string more =
        state.offered.size() == 1 ? "" : " (+" + std::to_string(state.offered.size() - 1) + ")";
    return "M-g fetches " + SafeText(file->name).str() + " (" + sizeText(file->size) + ") from " +
           SafeText(file->from).str() + more + ", !cancel leaves it";
}

}  // namespace

void drawBar(const Canvas& canvas, const Area& area) {
    if (area.height <= 0) return;
    std::vector<Item> items;
    for (size_t i = 0; i < canvas.state.rooms.size(); ++i) items.push_back(barItem(canvas, i));
    int all = 0;
    for (const Item& item : items) all += columns(item.text);
    if (all > area.width()) return drawCrowdedBar(canvas, area, items);
    drawItems(canvas, area, items, canvas.state.rooms.currentIndex(), canvas.theme.bar);
}

// The first rows of what was answered; the rest is at the end of the room.
void drawAnswers(const Canvas& canvas, const Area& area) {
    if (area.height <= 0) return;
    const auto rows = answerRows(*canvas.state.rooms.current(), area.width());
    const auto height = static_cast<size_t>(area.height);
    for (size_t i = 0; i < height && i < rows.size(); ++i) {
        const int y = area.top + static_cast<int>(i);
        const bool cut = i + 1 == height && rows.size() > height;
        canvas.grid.fill(area.left, y, area.right, canvas.theme.chosen);
        canvas.grid.put(
            area.left, y,
            cut ? "   … " + std::to_string(rows.size() - i) + " more: M-> shows them" : rows[i],
            canvas.theme.chosen, area.right);
    }
}

void drawCandidates(const Canvas& canvas, const Area& area) {
    if (area.height <= 0) return;
    const Completion& completion = canvas.state.completion;
    std::vector<Item> items;
    for (const std::string& word : completion.candidates()) {
        const bool chosen = completion.chosen() == items.size();
        items.push_back(
            {" " + SafeText(word).str() + " ", chosen ? canvas.theme.chosen : canvas.theme.note});
    }
    drawItems(canvas, area, items, completion.chosen().value_or(0), {});
}

void drawWork(const Canvas& canvas, const Area& area) {
    if (area.height <= 0) return;
    const ScreenState& state = canvas.state;
    const std::string offer = offerText(state);
    int right = area.right;
    if (!offer.empty()) {
        const int width =
            std::min(columns(offer), state.transfers.empty() ? area.width() : area.width() / 2);
        right = area.right - width;
        const int x = state.transfers.empty() ? area.left : right;
        canvas.grid.put(x, area.top, prefixOfColumns(offer, static_cast<size_t>(width)),
                        canvas.theme.mention, area.right);
        right -= 2;
    }
    if (state.transfers.empty() || right <= area.left) return;
    const auto width = static_cast<size_t>(right - area.left);
    canvas.grid.put(area.left, area.top, state.transfers.line(width, state.now.monoMs),
                    canvas.theme.work, right);
}

void drawStatus(const Canvas& canvas, const Area& area) {
    if (area.height <= 0) return;
    canvas.grid.fill(area.left, area.top, area.right, canvas.theme.status);
    std::vector<BarPart> parts = statusParts(canvas, pendingOf(canvas.state));
    while (parts.size() > 1 && widthOf(parts) > area.width()) {
        parts.erase(std::min_element(
            parts.begin(), parts.end(),
            [](const BarPart& a, const BarPart& b) { return a.weight < b.weight; }));
    }
    int x = area.left + 1;
    for (const BarPart& part : parts) {
        x = canvas.grid.put(x, area.top, part.text, part.style, area.right) + 2;
    }
}

void drawInput(const Canvas& canvas, const Area& area) {
    if (area.height <= 0) return;
    const InputLayout& input = inputLayout(*canvas.state.rooms.current(), area.width());
    const auto height = static_cast<size_t>(area.height);
    const size_t first = input.cursorRow < height ? 0 : input.cursorRow - height + 1;
    for (size_t i = first; i < input.rows.size() && i < first + height; ++i) {
        const Row& row = input.rows[i];
        const int y = area.top + static_cast<int>(i - first);
        canvas.grid.put(area.left, y, i == 0 ? ">" : " ", canvas.theme.prompt, area.right);
        canvas.grid.put(area.left + kPromptColumns, y,
                        input.text.view().substr(row.begin, row.end - row.begin), {}, area.right);
    }
    const int x = area.left + kPromptColumns + input.cursorColumn;
    canvas.grid.cursor = Point{std::clamp(x, 0, std::max(0, area.width() - 1)),
                               area.top + static_cast<int>(input.cursorRow - first)};
}

}  // namespace netchat::connect
