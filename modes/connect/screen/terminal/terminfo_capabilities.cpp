#include "modes/connect/screen/terminal/terminfo_capabilities.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>

#include "protocol/text_safety.h"

// Last, since these define macros with names as common as `lines` and `clear`.
#include <curses.h>
#include <term.h>

namespace netchat::connect {

namespace {

constexpr std::string_view kShowCursor = "\x1b[?25h", kHideCursor = "\x1b[?25l";
constexpr std::string_view kPlainWorks = "; use --plain";

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

bool isTrueColor(std::string_view colorTerm) {
    return colorTerm == "truecolor" || colorTerm == "24bit";
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
    if (entry.unknown()) return cannotDraw(quoted + "which this machine does not know");
    return cannotDraw(quoted + "a terminal that cannot show a full screen");
}

// Terminals that understand what an xterm does, by the first part of their names: "foot-extra".
bool isOfXtermsKin(std::string_view name) {
    static constexpr std::string_view kKin[] = {
        "xterm",  "alacritty", "contour", "foot",   "ghostty", "gnome", "iterm2",
        "kitty",  "konsole",   "mintty",  "mlterm", "rio",     "rxvt",  "st",
        "screen", "tmux",      "vscode",  "vte",    "wezterm"};
    const std::string_view family = name.substr(0, name.find_first_of("-+."));
    return std::find(std::begin(kKin), std::end(kKin), family) != std::end(kKin);
}

bool canDraw() {
    const bool paper = flagOf("hc") || flagOf("os");
    return !paper && !stringOf("cup").empty() && !stringOf("clear").empty();
}

}  // namespace

Result<TerminfoCapabilities> TerminfoCapabilities::load(const std::string& name,
                                                        const Hints& hints) {
    if (name.empty()) {
        return cannotDraw("TERM is not set, so the type of this terminal is unknown");
    }
    const Entry entry(name);
    if (!entry.usable() && isOfXtermsKin(name)) {
        TerminfoCapabilities made = ofXterm(name, hints);
        made.note_ = "terminfo does not know TERM '" + forLog(name) +
                     "': it is treated as an xterm-256color";
        return made;
    }
    if (!entry.usable() || !canDraw()) return cannotUse(name, entry);
    TerminfoCapabilities made;
    made.readStrings();
    made.readColors(name, hints);
    made.readModes(name, hints);
    return made;
}

bool TerminfoCapabilities::marksPastes(const std::string& name) {
    const auto known = load(name);
    return known && known->likeXterm_;
}

// What terminfo has of an xterm-256color, for machines that have no entry of it either.
TerminfoCapabilities TerminfoCapabilities::ofXterm(const std::string& name, const Hints& hints) {
    TerminfoCapabilities made;
    made.moveTo_ = "\x1b[%i%p1%d;%p2%dH";
    made.foreground_ = "\x1b[38;5;%p1%dm";
    made.background_ = "\x1b[48;5;%p1%dm";
    made.plain_ = "\x1b(B\x1b[m";
    made.bold_ = "\x1b[1m";
    made.dim_ = "\x1b[2m";
    made.underline_ = "\x1b[4m";
    made.reverse_ = "\x1b[7m";
    made.showCursor_ = kShowCursor;
    made.hideCursor_ = kHideCursor;
    made.clearScreen_ = "\x1b[H\x1b[2J";
    made.clearToLineEnd_ = "\x1b[K";
    made.bell_ = "\a";
    made.colors_ = hints.color ? 256 : 0;
    made.trueColor_ = hints.color && isTrueColor(hints.colorTerm);
    made.likeXterm_ = true;
    made.links_ = made.takesLinks(name, hints);
    made.useModes("\x1b[?1049h", "\x1b[?1049l", hints);
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
    if (contains(showCursor_, kShowCursor) && contains(hideCursor_, kHideCursor)) {
        showCursor_ = kShowCursor;
        hideCursor_ = kHideCursor;
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
    const bool promised = isTrueColor(hints.colorTerm);
    const bool believed = hints.insideTmux || !name.starts_with("screen");
    trueColor_ = colors_ > 0 && (flagOf("RGB") || flagOf("Tc") || (promised && believed));
}

void TerminfoCapabilities::readModes(const std::string& name, const Hints& hints) {
    const std::string alternate = bytesOf("smcup"), normal = bytesOf("rmcup");
    likeXterm_ = contains(alternate, "\x1b[?1049h") ||
                 startsWithOneOf(name, {"xterm", "rxvt", "tmux", "screen", "putty", "mlterm"});
    links_ = takesLinks(name, hints);
    wraps_ = flagOf("am");
    wrapsAtEdge_ = wraps_ && !likeXterm_ && bytesOf("rmam").empty();
    useModes(alternate, normal, hints);
}

// Terminals that know no links pass over them, but GNU screen shows what is long of one.
bool TerminfoCapabilities::takesLinks(std::string_view name, const Hints& hints) const {
    return likeXterm_ && (hints.insideTmux || !name.starts_with("screen"));
}

// What is set at the beginning and taken back at the end.
void TerminfoCapabilities::useModes(std::string_view alternate, std::string_view normal,
                                    const Hints& hints) {
    // Several entries leave these out of terminals that have them.
    wrapOff_ = likeXterm_ ? "\x1b[?7l" : bytesOf("rmam");
    wrapOn_ = likeXterm_ ? "\x1b[?7h" : bytesOf("smam");
    const bool putsTitleAside = contains(alternate, "\x1b[22;");
    const std::string_view takeTitle = likeXterm_ && !putsTitleAside ? "\x1b[22;2t" : "";
    const std::string_view giveTitle = likeXterm_ && !putsTitleAside ? "\x1b[23;2t" : "";
    const std::string_view reportsOn = likeXterm_ ? "\x1b[?2004h\x1b[?1004h" : "";
    const std::string_view reportsOff = likeXterm_ ? "\x1b[?1004l\x1b[?2004l" : "";
    // A terminal that does not report its wheel may send arrows for it (1007), and arrows are keys.
    // Those that cannot restore a mode (r) have this one on from the beginning (h).
    const bool wheelIsArrows = likeXterm_ && !hints.mouse;
    const std::string_view arrowsOff = wheelIsArrows ? "\x1b[?1007s\x1b[?1007l" : "";
    const std::string_view arrowsBack = wheelIsArrows ? "\x1b[?1007h\x1b[?1007r" : "";
    const std::string_view endOfString = likeXterm_ ? "\x1b\\" : "";  // of a title that was cut
    enter_.append(takeTitle).append(alternate).append(wrapOff_).append(reportsOn).append(arrowsOff);
    leave_.append(endOfString)
        .append(linkTo({}, 0))
        .append(plain_)
        .append(mouse(false))
        .append(reportsOff);
    leave_.append(arrowsBack).append(showCursor_).append(wrapOn_);
    leave_.append(normal.empty() ? clearScreen_ : normal).append(giveTitle);
}

bool TerminfoCapabilities::canWrap() const {
    return wraps_ && (wrapsAtEdge_ || (!wrapOn_.empty() && !wrapOff_.empty()));
}

std::string_view TerminfoCapabilities::mouse(bool on) const {
    if (!likeXterm_) return "";
    return on ? "\x1b[?1000h\x1b[?1006h" : "\x1b[?1006l\x1b[?1000l";
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

std::string TerminfoCapabilities::linkTo(std::string_view address, uint32_t number) const {
    if (!links_) return {};
    const std::string id = address.empty() ? "" : "id=" + std::to_string(number);
    return "\x1b]8;" + id + ";" + std::string(address) + "\x1b\\";
}

std::string TerminfoCapabilities::title(std::string_view safe) const {
    return likeXterm_ ? "\x1b]2;" + std::string(safe) + "\x07" : std::string();
}

}  // namespace netchat::connect
