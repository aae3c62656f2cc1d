#include "tests/screens/emulator.h"

#include <vterm.h>

#include <utility>

#include "tests/screens/palette.h"

namespace netchat::test {

namespace {

// libvterm 0.1 knows no dim. Nobody here strikes a text through, so that stands for it.
constexpr std::string_view kDim = "\x1b[2m", kStrike = "\x1b[9m";

void appendUtf8(std::string& text, uint32_t c) {
    if (c < 0x80) {
        text += static_cast<char>(c);
        return;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    constexpr uint32_t kLead[] = {0, 0xC0, 0xE0, 0xF0};
    text += static_cast<char>(kLead[more] | c >> (6 * more));
    for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | (c >> (6 * i) & 0x3F));
}

std::optional<uint32_t> rgbOf(const VTermColor& color, bool usual) {
    if (usual) return std::nullopt;
    if (VTERM_COLOR_IS_INDEXED(&color)) return paletteColor(color.indexed.idx);
    return static_cast<uint32_t>(color.rgb.red) << 16 |
           static_cast<uint32_t>(color.rgb.green) << 8 | color.rgb.blue;
}

}  // namespace

struct Emulator::Inside {
    Inside(int width, int height)
        : terminal(vterm_new(height, width)), screen(vterm_obtain_screen(terminal)) {
        static constexpr VTermScreenCallbacks kCallbacks = [] {
            VTermScreenCallbacks callbacks{};
            callbacks.settermprop = [](VTermProp what, VTermValue* value, void* user) {
                static_cast<Inside*>(user)->property(what, *value);
                return 1;
            };
            return callbacks;
        }();
        vterm_set_utf8(terminal, 1);
        vterm_screen_set_callbacks(screen, &kCallbacks, this);
        vterm_screen_enable_altscreen(screen, 1);
        vterm_screen_reset(screen, 1);
        vterm_output_set_callback(
            terminal,
            [](const char* bytes, size_t size, void* user) {
                static_cast<Inside*>(user)->answers.append(bytes, size);
            },
            this);
    }
    ~Inside() { vterm_free(terminal); }
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

    void property(VTermProp what, const VTermValue& value) {
        if (what == VTERM_PROP_CURSORVISIBLE) cursorVisible = value.boolean != 0;
        if (what == VTERM_PROP_TITLE) title = value.string;
    }

    VTerm* terminal;
    VTermScreen* screen;
    std::string rest;  // what may be the beginning of kDim
    std::string answers, title;
    bool cursorVisible = true;
};

Emulator::Emulator(int width, int height) : inside_(std::make_unique<Inside>(width, height)) {
}

Emulator::~Emulator() = default;

void Emulator::feed(std::string_view bytes) {
    std::string all = std::exchange(inside_->rest, {}).append(bytes);
    for (size_t at = 0; (at = all.find(kDim, at)) != std::string::npos;) {
        all.replace(at, kDim.size(), kStrike);
    }
    for (size_t size = kDim.size() - 1; size > 0; --size) {
        if (!all.ends_with(kDim.substr(0, size))) continue;
        inside_->rest = kDim.substr(0, size);
        all.resize(all.size() - size);
        break;
    }
    vterm_input_write(inside_->terminal, all.data(), all.size());
}

void Emulator::resize(int width, int height) {
    vterm_set_size(inside_->terminal, height, width);
}

std::string Emulator::takeAnswers() {
    return std::exchange(inside_->answers, {});
}

int Emulator::width() const {
    int rows = 0, columns = 0;
    vterm_get_size(inside_->terminal, &rows, &columns);
    return columns;
}

int Emulator::height() const {
    int rows = 0, columns = 0;
    vterm_get_size(inside_->terminal, &rows, &columns);
    return rows;
}

Emulator::Cell Emulator::cell(int x, int y) const {
    VTermScreenCell shown{};
    Cell cell;
    if (vterm_screen_get_cell(inside_->screen, {y, x}, &shown) == 0) return cell;
    if (shown.chars[0] == UINT32_MAX) {
        cell.columns = 0;
        cell.text.clear();
    } else if (shown.chars[0] != 0) {
        cell.columns = static_cast<unsigned char>(shown.width);
        cell.text.clear();
        for (const uint32_t c : shown.chars) {
            if (c == 0) break;
            appendUtf8(cell.text, c);
        }
    }
    cell.foreground = rgbOf(shown.fg, VTERM_COLOR_IS_DEFAULT_FG(&shown.fg));
    cell.background = rgbOf(shown.bg, VTERM_COLOR_IS_DEFAULT_BG(&shown.bg));
    cell.bold = shown.attrs.bold != 0;
    cell.dim = shown.attrs.strike != 0;
    cell.underline = shown.attrs.underline != VTERM_UNDERLINE_OFF;
    cell.reverse = shown.attrs.reverse != 0;
    return cell;
}

Emulator::Cursor Emulator::cursor() const {
    VTermPos at{};
    vterm_state_get_cursorpos(vterm_obtain_state(inside_->terminal), &at);
    return {at.col, at.row, inside_->cursorVisible};
}

const std::string& Emulator::title() const {
    return inside_->title;
}

std::string Emulator::row(int y) const {
    std::string text;
    for (int x = 0; x < width(); ++x) text += cell(x, y).text;
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

std::string Emulator::text() const {
    std::string all;
    for (int y = 0; y < height(); ++y) all += row(y) + "\n";
    return all;
}

}  // namespace netchat::test
