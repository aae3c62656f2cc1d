#pragma once

// What a terminal can be told, from terminfo: the one place that knows ncurses (of which it uses
// nothing else) and the escape sequences that terminfo has no name for. Reads the database when
// loaded; afterwards it is pure but for tparm()'s state. UI thread only.

#include <string>
#include <string_view>

#include "modes/connect/screen/terminal/capabilities.h"
#include "protocol/result.h"

namespace netchat::connect {

class TerminfoCapabilities : public Capabilities {
  public:
    // What is known of the terminal besides its name.
    struct Hints {
        bool color = true;                // false: none are wanted
        std::string_view colorTerm = {};  // the variable COLORTERM
        bool insideTmux = false;          // the variable TMUX is set
        bool mouse = true;                // false: its wheel is to do nothing
    };

    // An Error with a text for a person where a screen can't be drawn: no name, one that nobody
    // here knows, a terminal without cursor addressing or clearing. A terminal of xterm's kin that
    // terminfo doesn't know, as on a machine older than the terminal, is taken for an
    // xterm-256color, and note() says so.
    static Result<TerminfoCapabilities> load(const std::string& name, const Hints& hints);
    static Result<TerminfoCapabilities> load(const std::string& name) { return load(name, {}); }
    // Whether a terminal of this name can say where a paste begins and ends.
    static bool marksPastes(const std::string& name);

    std::string moveTo(Point to) const override;
    std::string foreground(int color) const override;
    std::string background(int color) const override;
    std::string plain() const override { return plain_; }
    std::string bold() const override { return bold_; }
    std::string dim() const override { return dim_; }
    std::string underline() const override { return underline_; }
    std::string reverse() const override { return reverse_; }
    std::string showCursor() const override { return showCursor_; }
    std::string hideCursor() const override { return hideCursor_; }
    std::string clearScreen() const override { return clearScreen_; }
    std::string clearToLineEnd() const override { return clearToLineEnd_; }
    std::string linkTo(std::string_view address, uint32_t number) const override;
    int colors() const override { return colors_; }
    bool trueColor() const override { return trueColor_; }
    bool wrapsAtEdge() const override { return wrapsAtEdge_; }
    bool canWrap() const override;
    std::string wrap(bool on) const override { return on ? wrapOn_ : wrapOff_; }

    // Takes the terminal for a program that draws its screen: the alternate screen and, where it is
    // of xterm's kin, bracketed paste, focus reports and the title put aside.
    const std::string& enter() const { return enter_; }
    // The opposite, whatever was being drawn, even where a sequence was cut short.
    const std::string& leave() const { return leave_; }
    // For a person, empty where terminfo knows the terminal.
    const std::string& note() const { return note_; }
    // Asks for reports of the mouse's wheel and buttons, or for none: the mouse then selects text.
    // Empty where it can't be asked.
    std::string_view mouse(bool on) const;
    const std::string& bell() const { return bell_; }
    // Empty where there is no title. `safe` holds no control characters.
    std::string title(std::string_view safe) const;

  private:
    TerminfoCapabilities() = default;
    static TerminfoCapabilities ofXterm(const std::string& name, const Hints& hints);
    bool takesLinks(std::string_view name, const Hints& hints) const;
    void readStrings();
    void readColors(const std::string& name, const Hints& hints);
    void readModes(const std::string& name, const Hints& hints);

    std::string moveTo_, foreground_, background_;  // formats for tparm()
    std::string plain_, bold_, dim_, underline_, reverse_;
    std::string showCursor_, hideCursor_, clearScreen_, clearToLineEnd_;
    void useModes(std::string_view alternate, std::string_view normal, const Hints& hints);

    std::string enter_, leave_, bell_, note_;
    std::string wrapOn_, wrapOff_;
    bool wraps_ = true;  // it can, by itself
    int colors_ = 0;
    bool trueColor_ = false, wrapsAtEdge_ = false, likeXterm_ = false, links_ = false;
};

}  // namespace netchat::connect
