#pragma once

// A terminal to look at: libvterm's, fed with bytes. It has no dim, and its own mind about emoji.

#include <vterm.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "modes/connect/screen/terminal/grid.h"

namespace netchat::connect {

class VtermScreen {
  public:
    struct Cell {
        std::u32string text;  // a blank is " "; empty: the second half of the one before
        int columns = 0;
        Style style = {};
    };

    VtermScreen(int width, int height) : vterm_(vterm_new(height, width)) {
        vterm_set_utf8(vterm_, 1);
        screen_ = vterm_obtain_screen(vterm_);
        state_ = vterm_obtain_state(vterm_);
        static const VTermScreenCallbacks kCallbacks = {.damage = nullptr,
                                                        .moverect = nullptr,
                                                        .movecursor = nullptr,
                                                        .settermprop = onProperty,
                                                        .bell = nullptr,
                                                        .resize = nullptr,
                                                        .sb_pushline = onScroll,
                                                        .sb_popline = nullptr};
        vterm_screen_set_callbacks(screen_, &kCallbacks, this);
        vterm_screen_enable_altscreen(screen_, 1);
        vterm_screen_reset(screen_, 1);
    }
    ~VtermScreen() { vterm_free(vterm_); }
    VtermScreen(const VtermScreen&) = delete;
    VtermScreen& operator=(const VtermScreen&) = delete;

    void feed(std::string_view bytes) { vterm_input_write(vterm_, bytes.data(), bytes.size()); }
    void resize(int width, int height) { vterm_set_size(vterm_, height, width); }

    Cell at(int x, int y) const {
        VTermScreenCell cell = {};
        vterm_screen_get_cell(screen_, {.row = y, .col = x}, &cell);
        return {textOf(cell), cell.width, styleOf(cell)};
    }
    Point cursor() const {
        VTermPos position = {};
        vterm_state_get_cursorpos(state_, &position);
        return {position.col, position.row};
    }
    bool cursorShown() const { return cursorShown_; }
    bool alternate() const { return alternate_; }
    const std::string& title() const { return title_; }
    size_t scrolledLines() const { return scrolledLines_; }

    // What would be drawn next has neither attributes nor colours.
    bool plain() const {
        const auto value = [&](VTermAttr attribute) {
            VTermValue is = {};
            vterm_state_get_penattr(state_, attribute, &is);
            return is;
        };
        return !value(VTERM_ATTR_BOLD).boolean && value(VTERM_ATTR_UNDERLINE).number == 0 &&
               !value(VTERM_ATTR_REVERSE).boolean && value(VTERM_ATTR_FONT).number == 0 &&
               colorOf(value(VTERM_ATTR_FOREGROUND).color).isDefault() &&
               colorOf(value(VTERM_ATTR_BACKGROUND).color).isDefault();
    }

  private:
    static std::u32string textOf(const VTermScreenCell& cell) {
        if (cell.chars[0] == static_cast<uint32_t>(-1)) return {};
        std::u32string text;
        for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; ++i) {
            text += static_cast<char32_t>(cell.chars[i]);
        }
        return text.empty() ? U" " : text;
    }
    static Color colorOf(const VTermColor& color) {
        if ((color.type & VTERM_COLOR_DEFAULT_MASK) != 0) return {};
        if (VTERM_COLOR_IS_INDEXED(&color)) return {color.indexed.idx};
        return Color::rgb(color.rgb.red, color.rgb.green, color.rgb.blue);
    }
    static Style styleOf(const VTermScreenCell& cell) {
        return {.foreground = colorOf(cell.fg),
                .background = colorOf(cell.bg),
                .bold = cell.attrs.bold != 0,
                .underline = cell.attrs.underline != 0,
                .reverse = cell.attrs.reverse != 0};
    }
    static int onProperty(VTermProp property, VTermValue* value, void* self) {
        auto& screen = *static_cast<VtermScreen*>(self);
        if (property == VTERM_PROP_CURSORVISIBLE) screen.cursorShown_ = value->boolean != 0;
        if (property == VTERM_PROP_ALTSCREEN) screen.alternate_ = value->boolean != 0;
        if (property == VTERM_PROP_TITLE) screen.title_ = value->string;
        return 1;
    }
    static int onScroll(int, const VTermScreenCell*, void* self) {
        ++static_cast<VtermScreen*>(self)->scrolledLines_;
        return 1;
    }

    VTerm* vterm_;
    VTermScreen* screen_ = nullptr;
    VTermState* state_ = nullptr;
    bool cursorShown_ = true, alternate_ = false;
    std::string title_;
    size_t scrolledLines_ = 0;
};

}  // namespace netchat::connect
