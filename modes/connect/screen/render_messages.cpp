// The messages: lines with their time, nick and text, and what stands between them.

#include <algorithm>
#include <ctime>

#include "modes/connect/formatter.h"
#include "modes/connect/screen/render_parts.h"
#include "modes/connect/screen/text/graphemes.h"
#include "modes/connect/screen/text/links.h"

namespace netchat::connect {

namespace {

using RowPlace = MessageLayout::Place;
using What = MessageLayout::What;

std::string timeText(int64_t unixMs, const char* format) {
    const std::time_t seconds = unixMs / 1000;
    std::tm then{};
    if (!::localtime_r(&seconds, &then)) return "--:--";
    char text[64];
    return {text, std::strftime(text, sizeof text, format, &then)};
}

// "── text ─────"
void drawRule(const Canvas& canvas, const Area& area, int y, std::string_view text,
              const Style& style) {
    int x = area.left;
    for (int i = 0; i < 2; ++i) x = canvas.grid.put(x, y, "─", style, area.right);
    x = canvas.grid.put(x + 1, y, text, style, area.right) + 1;
    while (x < area.right) {
        const int next = canvas.grid.put(x, y, "─", style, area.right);
        if (next == x) return;
        x = next;
    }
}

std::string holeText(const Line& hole, bool coming, bool connected) {
    const uint64_t count = hole.last - hole.seq + 1;
    const std::string what = std::to_string(count) + (hole.seq == 1 ? " earlier" : " more") +
                             (count == 1 ? " entry" : " entries");
    if (coming) return what + " …";
    return what + (connected ? ": PgUp" : ": when the server is back");
}

Style textStyle(const Line& line, const Theme& theme) {
    if (line.state == Line::State::Pending) return theme.pending;
    if (line.state == Line::State::Failed) return theme.failed;
    if (line.mention) return theme.mention;
    switch (line.kind) {
        case Line::Kind::Message:
            return theme.text;
        case Line::Kind::File:
            return theme.file;
        case Line::Kind::Trouble:
            return theme.trouble;
        case Line::Kind::Notice:
            return theme.notice;
        case Line::Kind::Note:
        case Line::Kind::Presence:
        case Line::Kind::Picture:
        case Line::Kind::Hole:
            return theme.note;
    }
    return theme.text;
}

// What stands where others have their nick.
std::string_view markOf(const Line& line) {
    switch (line.kind) {
        case Line::Kind::Trouble:
            return "!!";
        case Line::Kind::Notice:
            return "netchat";
        default:
            return line.from.empty() ? std::string_view("--") : line.from.view();
    }
}

Style markStyle(const Line& line, const Theme& theme) {
    if (line.from.empty()) return textStyle(line, theme);
    if (line.mention) return theme.mention;
    return line.own ? theme.own : theme.nick(line.from.view());
}

// At most so many columns, to the right.
void drawNick(const Canvas& canvas, int x, int columns, int y, const Line& line) {
    const RoomView& room = *canvas.state.rooms.current();
    const std::string mark =
        line.from.empty() ? std::string(markOf(line)) : room.nicks.of(line.from.view());
    const int start = x + columns - static_cast<int>(columnsOf(mark));
    canvas.grid.put(start, y, mark, markStyle(line, canvas.theme), x + columns);
}

// The time, the nick and the rule in front of a text's first row.
void drawFront(const Canvas& canvas, const Area& area, int y, const Line& line,
               const MessageColumns& columns) {
    const bool pending = line.state == Line::State::Pending;
    const std::string time = pending ? "  ..." : timeText(line.time, "%H:%M");
    const bool marked = line.id == canvas.state.rooms.current()->marked;
    canvas.grid.put(area.left, y, time, marked ? canvas.theme.chosen : canvas.theme.time,
                    area.right);
    drawNick(canvas, area.left + 6, columns.nick, y, line);
}

// Where there are no columns for it, the nick begins the text.
void drawNickInText(const Canvas& canvas, const Area& area, int y, const Line& line,
                    std::string_view row) {
    const std::string_view nick = line.from.view();
    if (nick.empty() || !row.starts_with(nick)) return;
    canvas.grid.put(area.left, y, nick, markStyle(line, canvas.theme), area.right);
}

// What is looked for stands out.
void drawFound(const Canvas& canvas, const Area& area, int x, int y, std::string_view text,
               const Row& row) {
    const FoldedText folded(text, FoldedText::Accents::Strip);
    for (const FoldedText::Part& part : canvas.state.finding.sought.partsOf(folded)) {
        const size_t begin = std::max(part.begin, row.begin), end = std::min(part.end, row.end);
        if (begin >= end) continue;
        const auto before = text.substr(row.begin, begin - row.begin);
        canvas.grid.put(x + static_cast<int>(columnsOf(before)), y, text.substr(begin, end - begin),
                        canvas.theme.chosen, area.right);
    }
}

// A row of a text, of which the parts that are in an address lead to the whole of it.
void putWithLinks(const Canvas& canvas, Point at, std::string_view text, const Row& row,
                  const Style& style, int endX) {
    const size_t end = std::min(row.end, text.size());
    size_t done = std::min(row.begin, end);
    int x = at.x;
    const auto putUpTo = [&](size_t to, const Style& as) {
        x = canvas.grid.put(x, at.y, text.substr(done, to - done), as, endX);
        done = to;
    };
    for (const Link& link : linksAround(text, done, end)) {
        putUpTo(std::max(link.begin, done), style);
        Style leading = style;
        leading.link = canvas.grid.addLink(addressOf(text, link));
        putUpTo(std::min(link.end, end), leading);
    }
    putUpTo(end, style);
}

void drawText(const Canvas& canvas, const Area& area, int y, const Line& line,
              const MessageLayout& layout, int row) {
    const MessageColumns& columns = layout.columns();
    const std::string text = layout.textOf(line);
    const Row& range = layout.textRows(line)[static_cast<size_t>(row)];
    const auto part =
        std::string_view(text).substr(std::min(range.begin, text.size()), range.end - range.begin);
    if (columns.nick > 0) {
        if (row == 0) drawFront(canvas, area, y, line, columns);
        canvas.grid.put(area.left + columns.text - 2, y, "│", canvas.theme.rule, area.right);
    }
    putWithLinks(canvas, {area.left + columns.text, y}, text, range, textStyle(line, canvas.theme),
                 area.right);
    const auto& rows = layout.textRows(line);
    const auto next = static_cast<size_t>(row) + 1;
    const bool whole = area.bare && static_cast<int>(columnsOf(part)) == canvas.grid.width();
    // A word that is longer than a row, such as an address, is selected as one.
    const bool goesOn = whole && next < rows.size() && rows[next].begin == range.end;
    if (goesOn && y + 1 < area.top + area.height) canvas.grid.goOnBelow(y);
    if (columns.nick == 0 && row == 0) drawNickInText(canvas, area, y, line, part);
    const bool said = line.kind == Line::Kind::Message || line.kind == Line::Kind::File;
    if (said && canvas.state.finding.isIn(*canvas.state.rooms.current())) {
        drawFound(canvas, area, area.left + columns.text, y, text, range);
    }
}

int brightness(Color color) {
    const int r = color.value >> 16 & 0xFF, g = color.value >> 8 & 0xFF, b = color.value & 0xFF;
    return (2 * r + 5 * g + b) / 8;
}

void drawPixels(const Canvas& canvas, const Area& area, int y, const Line& line,
                const MessageLayout& layout, int row) {
    static constexpr std::string_view kRamp = " .:-=+*#%@";
    const Picture& picture = *line.picture;
    int x = area.left + layout.columns().text;
    if (layout.columns().nick > 0) {
        canvas.grid.put(x - 2, y, "│", canvas.theme.rule, area.right);
    }
    for (int i = 0; i < picture.width && x < area.right; ++i, ++x) {
        const Color upper = picture.at(i, 2 * row), lower = picture.at(i, 2 * row + 1);
        if (canvas.theme.color) {
            Style style;
            style.foreground = upper;
            style.background = lower;
            canvas.grid.put(x, y, "▀", style, area.right);
        } else {
            const int light = (brightness(upper) + brightness(lower)) / 2;
            const auto step = static_cast<size_t>(light) * kRamp.size() / 256;
            canvas.grid.put(x, y, kRamp.substr(step, 1), {}, area.right);
        }
    }
}

void drawFold(const Canvas& canvas, const Area& area, int y, const Line& line,
              const MessageLayout& layout) {
    const MessageColumns& columns = layout.columns();
    if (columns.nick > 0) {
        canvas.grid.put(area.left + columns.text - 2, y, "│", canvas.theme.rule, area.right);
    }
    const std::string text =
        "… " + std::to_string(layout.hiddenRows(line)) + " more rows: M-o opens";
    canvas.grid.put(area.left + columns.text, y, text, canvas.theme.note, area.right);
}

void drawHole(const Canvas& canvas, const Area& area, int y, const Line& hole) {
    const RoomView& room = *canvas.state.rooms.current();
    const bool connected = canvas.state.connection == ScreenState::Connection::Connected;
    drawRule(canvas, area, y, holeText(hole, room.asked.has_value(), connected), canvas.theme.note);
}

}  // namespace

void drawMessages(const Canvas& canvas, const Area& area) {
    if (area.height <= 0 || area.width() <= 0) return;
    const RoomView& room = *canvas.state.rooms.current();
    const MessageLayout layout(room, area, canvas.state.now.wallMs);
    room.nicks.begin(layout.columns().nick);
    const auto places = layout.visible(area.height);
    // A conversation that is short yet stands at the bottom, near to what is typed.
    int y = area.top + area.height - static_cast<int>(places.size());
    for (const RowPlace& place : places) {
        const Line& line = room.lines.at(place.line);
        const MessageLayout::Piece piece = layout.piece(place);
        if (piece.what == What::Day) {
            drawRule(canvas, area, y, timeText(line.time, "%A, %e %B %Y"), canvas.theme.day);
        } else if (piece.what == What::New) {
            drawRule(canvas, area, y, "new since you looked", canvas.theme.fresh);
        } else if (line.kind == Line::Kind::Hole) {
            drawHole(canvas, area, y, line);
        } else if (piece.what == What::Fold) {
            drawFold(canvas, area, y, line, layout);
        } else if (piece.what == What::Text) {
            drawText(canvas, area, y, line, layout, piece.row);
        } else {
            drawPixels(canvas, area, y, line, layout, piece.row);
        }
        ++y;
    }
}

void drawRoster(const Canvas& canvas, const Area& area) {
    if (area.width() <= 0 || area.height <= 0) return;
    const RoomView& room = *canvas.state.rooms.current();
    const int bottom = area.top + area.height;
    for (int y = area.top; y < bottom; ++y) {
        canvas.grid.put(area.left, y, "│", canvas.theme.rule, area.right);
    }
    const int x = area.left + 2;
    canvas.grid.put(x, area.top, std::to_string(room.members) + " here", canvas.theme.note,
                    area.right);
    int y = area.top + 1;
    room.listedNicks.begin(area.right - x);
    for (const Person& person : room.people) {
        const bool last = y + 1 == bottom && &person != &room.people.back();
        if (last || y >= bottom) break;
        const bool us = person.nick == canvas.state.nick;
        canvas.grid.put(x, y++, room.listedNicks.of(person.shown.view()),
                        us ? canvas.theme.own : canvas.theme.nick(person.shown.view()), area.right);
    }
    const auto drawn = static_cast<uint64_t>(y - area.top - 1);
    if (drawn < room.members && y < bottom) {
        canvas.grid.put(x, y, "+" + std::to_string(room.members - drawn) + " more",
                        canvas.theme.note, area.right);
    }
}

}  // namespace netchat::connect
