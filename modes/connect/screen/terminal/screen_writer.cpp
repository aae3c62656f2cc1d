#include "modes/connect/screen/terminal/screen_writer.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "modes/connect/screen/terminal/palette.h"
#include "modes/connect/screen/text/graphemes.h"

namespace netchat::connect {

namespace {

std::string trueColor(int ground, Color color) {
    const auto part = [&](int shift) { return std::to_string(color.value >> shift & 0xFF); };
    return "\x1b[" + std::to_string(ground) + ";2;" + part(16) + ";" + part(8) + ";" + part(0) +
           "m";
}

std::string_view firstCodePoint(std::string_view text) {
    const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    size_t size = 1;
    while (size < text.size() && continues(text[size])) ++size;
    return text.substr(0, size);
}

// The bytes of one update as they grow. It knows where the terminal's cursor is and in what style
// it draws, and leaves out what changes neither.
class Pen {
  public:
    using Links = std::map<std::string, uint32_t, std::less<>>;

    Pen(const Capabilities& terminal, std::optional<Point> at, const Links& links)
        : terminal_(terminal), at_(at) {
        for (const auto& [address, number] : links) addresses_[number] = address;
    }

    std::optional<Point> at() const { return at_; }
    size_t spots() const { return spots_; }
    std::string takeBytes() { return std::move(bytes_); }

    void clearScreen() {
        bytes_ += terminal_.plain() + terminal_.clearScreen();
        at_ = {0, 0};
        ++spots_;
    }
    void moveTo(Point to) {
        if (at_ == to) return;
        bytes_ += terminal_.moveTo(to);
        at_ = to;
        moved_ = true;
    }
    void draw(const Cell& cell) { draw(cell, cell.text); }
    void draw(const Cell& cell, std::string_view text);  // this text in its place
    void blanks(int columns, const Style& style) {
        for (; columns > 0; --columns) draw({.style = style});
    }
    void wrap(bool on) { bytes_ += terminal_.wrap(on); }
    // The terminal is at the right edge, and goes on in this row by itself.
    void goesOnIn(int y) { at_ = {0, y}; }
    void clearToLineEnd() {
        use({});
        bytes_ += terminal_.clearToLineEnd();
        countSpot();
    }
    // Whether a cell of this style is drawn without another byte than its text.
    bool draws(const Style& style) { return style_ == possible(style); }
    void use(const Style& style);

  private:
    Style possible(const Style& style);
    Color possible(Color color) const;
    void useColors(const Style& style);
    void useLink(uint32_t link);
    void countSpot() {
        if (moved_ || spots_ == 0) ++spots_;
        moved_ = false;
    }

    const Capabilities& terminal_;
    std::optional<Point> at_;
    Style style_ = {};                                // as the terminal has it
    std::map<uint32_t, std::string_view> addresses_;  // of links
    std::pair<Style, Style> lastPossible_ = {};       // a style, and what the terminal can of it
    std::string bytes_;
    size_t spots_ = 0;  // runs of cells drawn, with a move before each
    bool moved_ = false;
};

// Behind the last column, terminals differ in where the cursor is; to move it from there is needed
// in any case.
void Pen::draw(const Cell& cell, std::string_view text) {
    use(cell.style);
    bytes_ += text;
    countSpot();
    if (at_) at_->x += cell.columns;
    if (!cell.certain) at_.reset();
}

void Pen::use(const Style& style) {
    const Style next = possible(style);
    if (next == style_) return;
    const auto lost = [](Color was, Color is) { return !was.isDefault() && is.isDefault(); };
    const bool dropped =
        (style_.bold && !next.bold) || (style_.dim && !next.dim) ||
        (style_.underline && !next.underline) || (style_.reverse && !next.reverse) ||
        lost(style_.foreground, next.foreground) || lost(style_.background, next.background);
    if (dropped) {
        bytes_ += terminal_.plain();
        const uint32_t link = style_.link;
        style_ = {};
        style_.link = link;
    }
    if (next.bold && !style_.bold) bytes_ += terminal_.bold();
    if (next.dim && !style_.dim) bytes_ += terminal_.dim();
    if (next.underline && !style_.underline) bytes_ += terminal_.underline();
    if (next.reverse && !style_.reverse) bytes_ += terminal_.reverse();
    useColors(next);
    useLink(next.link);
    style_ = next;
}

void Pen::useLink(uint32_t link) {
    if (link == style_.link) return;
    const auto address = addresses_.find(link);
    bytes_ += terminal_.linkTo(address == addresses_.end() ? "" : address->second, link);
}

void Pen::useColors(const Style& next) {
    const Color front = next.foreground, back = next.background;
    if (front != style_.foreground) {
        bytes_ += front.isRgb() ? trueColor(38, front) : terminal_.foreground(front.value);
    }
    if (back != style_.background) {
        bytes_ += back.isRgb() ? trueColor(48, back) : terminal_.background(back.value);
    }
}

// Runs of cells have one style, so the last answer is kept.
Style Pen::possible(const Style& style) {
    auto& [asked, answer] = lastPossible_;
    if (asked == style) return answer;
    asked = answer = style;
    answer.foreground = possible(style.foreground);
    answer.background = possible(style.background);
    answer.bold = style.bold && !terminal_.bold().empty();
    answer.dim = style.dim && !terminal_.dim().empty();
    answer.underline = style.underline && !terminal_.underline().empty();
    answer.reverse = style.reverse && !terminal_.reverse().empty();
    return answer;
}

Color Pen::possible(Color color) const {
    const int colors = terminal_.colors();
    if (color.isDefault() || colors == 0) return {};
    if (color.isRgb()) return terminal_.trueColor() ? color : nearestColor(color, colors);
    return color.value < colors ? color : nearestColor(rgbOf(color), colors);
}

// One update: which cells are drawn, and how the cursor gets there.
class Painter {
  public:
    Painter(const Capabilities& terminal, const Grid& shown, const Grid& next, Pen& pen)
        : terminal_(terminal), shown_(shown), next_(next), pen_(pen) {}

    void paint() {
        for (int y = 0; y < next_.height();) {
            const int last = terminal_.canWrap() ? lastOfWrapped(y) : y;
            if (last > y && wrappedChanged(y, last)) paintWrapped(y, last);
            paintRow(last);
            y = last + 1;
        }
        pen_.use({});
    }

  private:
    int lastOfWrapped(int y) const;
    bool wrappedChanged(int first, int last) const;
    void paintWrapped(int first, int last);
    void paintRow(int y);
    void paintWhole(int y);
    void paintChanges(int y);
    void drawAt(Point to);
    std::string_view textFor(const Cell& cell, int room) const;
    int columnsOfParts(std::string_view cluster) const;
    void blankFrom(Point from);
    void reach(Point to);
    bool cheaperToRewrite(Point from, int endX, size_t bytesMax);
    bool worthClearing(Point from) const;

    // A cluster's first cell says all about its second.
    bool changedAt(int x, int y) const { return shown_.at(x, y) != next_.at(x, y); }
    // The columns that may be drawn: not the last cell where that would scroll.
    int drawnEnd(int y) const {
        const bool scrolls = terminal_.wrapsAtEdge() && y == next_.height() - 1;
        return next_.width() - (scrolls ? 1 : 0);
    }
    int roomAt(Point at) const { return drawnEnd(at.y) - at.x; }
    // Where the blanks of no style begin that reach to the row's end.
    int blankTail(int y) const {
        static const Cell kBlank;
        int x = next_.width();
        while (x > 0 && next_.at(x - 1, y) == kBlank) --x;
        return x;
    }

    const Capabilities& terminal_;
    const Grid& shown_;
    const Grid& next_;
    Pen& pen_;
};

// The row in which the text ends that goes on below this one; this one itself where none does, or
// where the columns of something in it are not certain.
int Painter::lastOfWrapped(int y) const {
    int last = y;
    for (; next_.goesOnBelow(last); ++last) {
        for (int x = 0; x < next_.width(); ++x) {
            if (!next_.at(x, last).certain) return y;
        }
        if (!next_.at(0, last + 1).certain) return y;
    }
    return last;
}

bool Painter::wrappedChanged(int first, int last) const {
    for (int y = first; y < last; ++y) {
        if (!shown_.goesOnBelow(y)) return true;
        for (int x = 0; x < next_.width(); ++x) {
            if (changedAt(x, y)) return true;
        }
    }
    return changedAt(0, last);
}

// In one go, so that the terminal knows that they are one: it wraps where the last column was
// drawn and another cell follows. What else is in the last row comes as ever.
void Painter::paintWrapped(int first, int last) {
    pen_.moveTo({0, first});
    pen_.wrap(true);
    for (int y = first; y < last; ++y) {
        for (int x = 0; x < next_.width(); x += std::max(next_.at(x, y).columns, 1)) {
            pen_.draw(next_.at(x, y));
        }
        pen_.goesOnIn(y + 1);
    }
    pen_.draw(next_.at(0, last));
    pen_.wrap(false);
}

void Painter::paintRow(int y) {
    bool changed = false, certain = true;
    for (int x = 0; x < next_.width(); ++x) {
        changed |= changedAt(x, y);
        certain &= shown_.at(x, y).certain && next_.at(x, y).certain;
    }
    if (!changed) return;
    if (certain) {
        paintChanges(y);
    } else {
        paintWhole(y);
    }
}

// From left to right, so that each cell is drawn after whatever could have spilled into it.
void Painter::paintWhole(int y) {
    const int tail = blankTail(y);
    for (int x = 0; x < std::min(tail, drawnEnd(y)); x += std::max(next_.at(x, y).columns, 1)) {
        pen_.moveTo({x, y});
        drawAt({x, y});
    }
    blankFrom({tail, y});
}

void Painter::paintChanges(int y) {
    const int tail = blankTail(y), end = drawnEnd(y);
    for (int x = 0; x < end; x += std::max(next_.at(x, y).columns, 1)) {
        if (!changedAt(x, y)) continue;
        reach({x, y});
        if (x >= tail && worthClearing({x, y})) return pen_.clearToLineEnd();
        drawAt({x, y});
    }
}

// Draws the cluster of this cell, at which the cursor is. A terminal may take a cluster of two
// columns for one of one: what was in the other must not stay.
void Painter::drawAt(Point to) {
    const Cell& cell = next_.at(to.x, to.y);
    if (!cell.certain && cell.columns == 2) {
        pen_.blanks(std::min(2, roomAt(to)), cell.style);
        pen_.moveTo(to);
    }
    pen_.draw(cell, textFor(cell, roomAt(to)));
}

// A terminal may draw the parts of a cluster one after another, and several wrap a part of two
// columns at the edge though they were told not to. Near the edge the first part stands for all.
std::string_view Painter::textFor(const Cell& cell, int room) const {
    if (cell.columns > room) return " ";
    if (cell.certain || columnsOfParts(cell.text) <= room) return cell.text;
    const std::string_view first = firstCodePoint(cell.text);
    return columnsOfParts(first) <= room ? first : "?";
}

int Painter::columnsOfParts(std::string_view cluster) const {
    int columns = 0;
    while (!cluster.empty()) {
        std::string_view part = firstCodePoint(cluster);
        cluster.remove_prefix(part.size());
        columns += terminal_.wrapsAtEdge() ? 2 : nextCluster(part).columns;
    }
    return columns;
}

// What is there is not known, and is to be blank to the end of the row.
void Painter::blankFrom(Point from) {
    const int columns = roomAt(from);
    if (columns <= 0) return;
    pen_.moveTo(from);
    const size_t clearing = terminal_.clearToLineEnd().size();
    if (clearing > 0 && static_cast<size_t>(columns) > clearing) return pen_.clearToLineEnd();
    pen_.blanks(columns, {});
}

// Brings the cursor to a cell, over the unchanged ones before it where that is cheaper.
void Painter::reach(Point to) {
    const auto at = pen_.at();
    if (at && at->y == to.y && at->x < to.x &&
        cheaperToRewrite(*at, to.x, terminal_.moveTo(to).size())) {
        for (int x = at->x; x < to.x; x += next_.at(x, to.y).columns) drawAt({x, to.y});
    }
    pen_.moveTo(to);
}

bool Painter::cheaperToRewrite(Point from, int endX, size_t bytesMax) {
    if (next_.at(from.x, from.y).columns == 0) return false;
    size_t bytes = 0;
    for (int x = from.x; x < endX && bytes <= bytesMax; ++x) {
        const Cell& cell = next_.at(x, from.y);
        if (!pen_.draws(cell.style)) return false;
        bytes += cell.text.size();
    }
    return bytes <= bytesMax;
}

bool Painter::worthClearing(Point from) const {
    const auto clearing = static_cast<int>(terminal_.clearToLineEnd().size());
    if (clearing == 0) return false;
    int last = next_.width() - 1;
    while (last > from.x && !changedAt(last, from.y)) --last;
    return last - from.x + 1 > clearing;
}

}  // namespace

std::string ScreenWriter::update(const Grid& next) {
    const bool sameSize =
        shown_ && shown_->width() == next.width() && shown_->height() == next.height();
    // What a terminal holds for one line is two again only when it is cleared.
    if (!sameSize || parts(next)) forget();
    Grid drawn = next;
    numberLinks(drawn);
    Pen pen(terminal_, at_, links_);
    if (!shown_) {
        pen.clearScreen();
        shown_ = Grid(next.width(), next.height());
    }
    Painter(terminal_, *shown_, drawn, pen).paint();
    const bool cursor = next.cursor && next.width() > 0 && next.height() > 0;
    if (cursor) {
        pen.moveTo({std::clamp(next.cursor->x, 0, next.width() - 1),
                    std::clamp(next.cursor->y, 0, next.height() - 1)});
    }
    at_ = pen.at();
    shown_ = std::move(drawn);
    return withCursor(pen.takeBytes(), pen.spots() > 1, cursor);
}

bool ScreenWriter::parts(const Grid& next) const {
    for (int y = 0; y < next.height(); ++y) {
        if (shown_->goesOnBelow(y) && !next.goesOnBelow(y)) return true;
    }
    return false;
}

// An address keeps its number from screen to screen: cells are the same where their numbers are.
void ScreenWriter::numberLinks(Grid& next) {
    if (next.links().empty()) return links_.clear();
    std::vector<uint32_t> numbers;
    std::map<std::string, uint32_t, std::less<>> links;
    for (const std::string& address : next.links()) {
        const auto known = links_.find(address);
        numbers.push_back(!hasLinks_ ? 0 : known != links_.end() ? known->second : ++lastLink_);
        links[address] = numbers.back();
    }
    next.renumberLinks(numbers);
    links_ = std::move(links);
}

void ScreenWriter::forget() {
    shown_.reset();
    at_.reset();
    cursorShown_.reset();
}

std::string ScreenWriter::withCursor(std::string drawn, bool severalSpots, bool wanted) {
    if (cursorShown_ != false && (severalSpots || !wanted)) {
        drawn.insert(0, terminal_.hideCursor());
        cursorShown_ = false;
    }
    if (wanted && cursorShown_ != true) {
        drawn += terminal_.showCursor();
        cursorShown_ = true;
    }
    return drawn;
}

}  // namespace netchat::connect
