#pragma once

// Somebody at the full screen of `netchat connect`, with a folder for downloads.

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temp_folder.h"
#include "tests/support/tmux.h"

namespace netchat::test {

// Of what a terminal shows.
inline std::string firstRow(const std::string& screen) {
    return screen.substr(0, screen.find('\n'));
}

class AtScreen {
  public:
    // Waits until the room is entered.
    AtScreen(const std::string& server, const std::string& nick,
             const std::vector<std::string>& arguments = {}, const Tmux::Options& options = {})
        : server_(server), nick_(nick), terminal_(options) {
        runsAgain(arguments);
    }
    // The next run in the same terminal: who was here comes back.
    void runsAgain(const std::vector<std::string>& arguments = {}) {
        std::vector<std::string> all = {"connect", server_,       "--nick",
                                        nick_,     "--downloads", downloads_.path().string()};
        all.insert(all.end(), arguments.begin(), arguments.end());
        terminal_.runs(all);
        terminal_.sees("you are in ");
    }

    void line(std::string_view text) { terminal_.line(text); }
    void types(std::string_view text) { terminal_.types(text); }
    template <class... Keys>
    void keys(const Keys&... names) {
        terminal_.keys(names...);
    }
    std::string sees(std::string_view text) { return terminal_.sees(text); }
    std::string seesNot(std::string_view text) { return terminal_.seesNot(text); }
    // What was said and is in the log stands there with its time: "14:36     alice │ hello".
    std::string hears(std::string_view nick, std::string_view text) {
        const std::string line = " " + std::string(nick) + " │ " + std::string(text);
        return terminal_.seesThat("'" + line + "' in the log", [&](const std::string& screen) {
            return timesSaid(screen, line) > 0;
        });
    }
    // The bottom of the screen, of one row or more, without the blanks at its end.
    void hasTyped(const std::string& input) {
        terminal_.seesThat("'" + input + "' in the input", [&](const std::string& screen) {
            return screen.ends_with("\n" + input + "\n");
        });
    }
    // The screen when all is drawn that was to be drawn before: a look may fall into the middle of
    // a frame, and what is typed is drawn in the next one. `input` was typed already.
    std::string settled(const std::string& input = "") {
        const std::string before = input.empty() ? ">" : "> " + input;
        hasTyped(before);
        types("~");
        hasTyped("> " + input + "~");
        keys("BSpace");
        hasTyped(before);
        return terminal_.screen();
    }
    // Presses a key, each time when what the one before did is seen, until this is seen. Nothing
    // else is typed.
    std::string pressesUntil(std::string_view key, std::string_view text) {
        for (int i = 0; i < kPressesMax; ++i) {
            if (settled().find(text) != std::string::npos) return settled();
            keys(key);
        }
        return sees(text);
    }
    // The screen on which the shell tells how it ended.
    std::string leaves() {
        line("!exit");
        return terminal_.seesLine("^ended [0-9]+$");
    }

    Tmux& terminal() { return terminal_; }
    const TempFolder& downloads() const { return downloads_; }

    // How many lines have a time in front and this, which ends there or before a blank.
    static int timesSaid(const std::string& screen, const std::string& part) {
        int times = 0;
        for (size_t at = 0; (at = screen.find(part, at)) != std::string::npos; at += part.size()) {
            const size_t begin = screen.rfind('\n', at) + 1;
            const bool ends =
                std::string_view(" \n").find(screen[at + part.size()]) != std::string_view::npos;
            if (ends && screen[begin] >= '0' && screen[begin] <= '9') ++times;
        }
        return times;
    }

  private:
    static constexpr int kPressesMax = 1000;

    const std::string server_, nick_;
    TempFolder downloads_;
    Tmux terminal_;
};

}  // namespace netchat::test
