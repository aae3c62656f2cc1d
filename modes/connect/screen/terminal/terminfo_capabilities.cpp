#include "modes/connect/screen/terminal/terminfo_capabilities.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include "protocol/text_safety.h"

// Last, since these define macros with names as common as `lines` and `clear`.
#include <curses.h>
#include <term.h>

namespace netchat::connect {

namespace {

constexpr std::string_view kPlainWorks = "; --plain works anywhere";

Error cannotDraw(const std::string& why) {
    return {ErrorCode::BadState, why + std::string(kPlainWorks)};
}

// The delays of terminals on slow lines, "$<5>", are not for us.
std::string withoutPadding(std::string_view text) {
    std::string kept;
    while (true) {
        const size_t begin = text.find("$<");
        kept += text.substr(0, begin);
        if (begin == text.npos) return kept;
        const size_t end = text.find('>', begin);
        if (end == text.npos) return kept;
        text.remove_prefix(end + 1);
    }
}

// A capability of the terminal that is set up now; empty: it has none.
std::string stringOf(const char* capability) {
    const char* value = tigetstr(capability);
    const auto address = reinterpret_cast<intptr_t>(value);
    constexpr intptr_t kNone = 0, kNotAString = -1;
    return address == kNone || address == kNotAString ? std::string() : std::string(value);
}

std::string bytesOf(const char* capability) {
    return withoutPadding(stringOf(capability));
}

bool flagOf(const char* capability) {
    return tigetflag(capability) > 0;
}

bool startsWithOneOf(std::string_view text, std::initializer_list<std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(),
                       [&](std::string_view beginning) { return text.starts_with(beginning); });
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

std::string expanded(const std::string& format, int first, int second) {
    if (format.empty()) return {};
    const char* text = tparm(format.c_str(), first, second, 0, 0, 0, 0, 0, 0, 0);
    return text == nullptr ? std::string() : withoutPadding(text);
}

// The entry of terminfo, while it is read.
class Entry {
  public:
    explicit Entry(const std::string& name) {
        constexpr size_t kNameMax = 128;  // of one beyond 512, setupterm() says "no database"
        constexpr int kAnyFile = 1;       // setupterm() asks it for nothing that is used here
        if (name.size() > kNameMax) return;
        usable_ = setupterm(name.c_str(), kAnyFile, &outcome_) == OK;
        entry_.reset(cur_term);  // of a printing terminal, too, which is not usable
    }
    bool usable() const { return usable_; }
    bool noDatabase() const { return outcome_ < 0; }
    bool unknown() const { return outcome_ == 0; }

  private:
    struct Release {
        void operator()(TERMINAL* entry) const { del_curterm(entry); }
    };
    std::unique_ptr<TERMINAL, Release> entry_;
    int outcome_ = 0;
    bool usable_ = false;
};

Error cannotUse(const std::string& name, const Entry& entry) {
    const std::string quoted = "TERM is '" + forLog(name) + "', ";
    if (entry.noDatabase()) return cannotDraw(quoted + "but there is no terminfo database here");
    if (entry.unknown()) return cannotDraw(quoted + "which this machine knows no terminal by");
    return cannotDraw(quoted + "a terminal that can't draw a screen");
}

bool canDraw() {
    const bool paper = flagOf("hc") || flagOf("os");
    return !paper && !stringOf("cup").empty() && !stringOf("clear").empty();
}

}  // namespace

Result<TerminfoCapabilities> TerminfoCapabilities::load(const std::string& name,
                                                        const Hints& hints) {
    if (name.empty()) {
        return cannotDraw("TERM is not set, so it isn't known what this terminal understands");
    }
    const Entry entry(name);
    if (!entry.usable() || !canDraw()) return cannotUse(name, entry);
    TerminfoCapabilities made;
    made.readStrings();
    made.readColors(name, hints);
    made.readModes(name);
    return made;
}

void TerminfoCapabilities::readStrings() {
    moveTo_ = stringOf("cup");
    clearScreen_ = bytesOf("clear");
    clearToLineEnd_ = bytesOf("el");
    bell_ = bytesOf("bel");
    showCursor_ = bytesOf("cnorm");
    hideCursor_ = bytesOf("civis");
    // Entries add to these what concerns blinking and shapes, which is the person's own choice.
    constexpr std::string_view kShow = "\x1b[?25h", kHide = "\x1b[?25l";
    if (contains(showCursor_, kShow) && contains(hideCursor_, kHide)) {
        showCursor_ = kShow;
        hideCursor_ = kHide;
    }
    // An attribute that can't be ended is none, nor is one that takes a cell itself.
    plain_ = bytesOf("sgr0");
    if (plain_.empty() || tigetnum("xmc") > 0) return;
    bold_ = bytesOf("bold");
    dim_ = bytesOf("dim");
    underline_ = bytesOf("smul");
    reverse_ = bytesOf("rev");
}

void TerminfoCapabilities::readColors(const std::string& name, const Hints& hints) {
    foreground_ = stringOf("setaf");
    background_ = stringOf("setab");
    if (!hints.color || foreground_.empty() || background_.empty() || plain_.empty()) return;
    const int known = tigetnum("colors");
    for (int palette : {8, 16, 256}) {
        if (known >= palette) colors_ = palette;
    }
    // Entries of "direct" terminals have formats for RGB in place of those for the palette.
    if (known > 256) {
        foreground_ = "\x1b[38;5;%p1%dm";
        background_ = "\x1b[48;5;%p1%dm";
    }
    // GNU screen hands COLORTERM on from around it without understanding such colours.
    const bool promised = hints.colorTerm == "truecolor" || hints.colorTerm == "24bit";
    const bool believed = hints.insideTmux || !name.starts_with("screen");
    trueColor_ = colors_ > 0 && (flagOf("RGB") || flagOf("Tc") || (promised && believed));
}

void TerminfoCapabilities::readModes(const std::string& name) {
    const std::string alternate = bytesOf("smcup"), normal = bytesOf("rmcup");
    likeXterm_ = contains(alternate, "\x1b[?1049h") ||
                 startsWithOneOf(name, {"xterm", "rxvt", "tmux", "screen", "putty", "mlterm"});
    // Several entries leave these out of terminals that have them.
    const std::string noWrap = likeXterm_ ? "\x1b[?7l" : bytesOf("rmam");
    const std::string wrap = likeXterm_ ? "\x1b[?7h" : bytesOf("smam");
    wrapsAtEdge_ = flagOf("am") && noWrap.empty();
    const bool putsTitleAside = contains(alternate, "\x1b[22;");
    const std::string_view takeTitle = likeXterm_ && !putsTitleAside ? "\x1b[22;2t" : "";
    const std::string_view giveTitle = likeXterm_ && !putsTitleAside ? "\x1b[23;2t" : "";
    const std::string_view reportsOn = likeXterm_ ? "\x1b[?2004h\x1b[?1004h" : "";
    const std::string_view reportsOff = likeXterm_ ? "\x1b[?1004l\x1b[?2004l" : "";
    const std::string_view endOfString = likeXterm_ ? "\x1b\\" : "";  // of a title that was cut
    enter_.append(takeTitle).append(alternate).append(noWrap).append(reportsOn);
    leave_.append(endOfString).append(plain_).append(reportsOff).append(showCursor_).append(wrap);
    leave_.append(normal.empty() ? clearScreen_ : normal).append(giveTitle);
}

std::string TerminfoCapabilities::moveTo(Point to) const {
    return expanded(moveTo_, to.y, to.x);
}

std::string TerminfoCapabilities::foreground(int color) const {
    return expanded(foreground_, color, 0);
}

std::string TerminfoCapabilities::background(int color) const {
    return expanded(background_, color, 0);
}

std::string TerminfoCapabilities::title(std::string_view safe) const {
    return likeXterm_ ? "\x1b]2;" + std::string(safe) + "\x07" : std::string();
}

}  // namespace netchat::connect
