#pragma once

// A terminal for tests: a tmux server of the test's own, with a shell in its only window that is
// seen. All that a test asks of it and all that the program puts out goes over one pipe in order
// (tmux's control mode), so that a test waits for output and never for time.
//
//     test --verbs--> tmux -C --pty--> sh --> netchat connect ...
//     test <--%output, screens-- tmux -C <--pty--

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {

// One thread. A deadline that passes is a std::runtime_error with the screen as it is. Ends with
// all that runs in it.
class Tmux {
  public:
    struct Options {
        int width = 80, height = 24;
        std::string term = "tmux-256color";
        std::map<std::string, std::string> environment = {};  // besides HOME, LANG, TZ, PATH
    };
    struct Cursor {
        int column = 0, row = 0;
        bool visible = false;
    };

    Tmux() : Tmux(Options{}) {}
    explicit Tmux(const Options& options);
    ~Tmux();
    Tmux(const Tmux&) = delete;
    Tmux& operator=(const Tmux&) = delete;

    // Has the shell run netchat with these arguments; once it has ended, the shell says "ended 0",
    // and "the mode is another" where the program left the terminal's mode changed.
    void runs(const std::vector<std::string>& arguments);
    // A signal to what is in the foreground.
    void signal(int number);

    // Bytes as a keyboard sends them.
    void types(std::string_view text);
    // Keys by tmux's names for them: "Enter", "PPage", "M-1".
    template <class... Keys>
    void keys(const Keys&... names) {
        (key(names), ...);
    }
    void line(std::string_view text) {
        types(text);
        key("Enter");
    }
    // As a paste, which the program can tell from typing if it has asked for that.
    void pastes(std::string_view text);
    // As terminals paste that cannot say so.
    void pastesUnmarked(std::string_view text);
    void resize(int width, int height);

    // What is seen now: a line for each row, without blanks at its end.
    std::string screen();
    std::vector<std::string> rows();
    // The same, where rows that the terminal wrapped are one line.
    std::string joined();
    // The same with the sequences that style it.
    std::string styled();
    Cursor cursor();
    // What a format of tmux says: "#{pane_title}".
    std::string value(std::string_view format);
    // What programs put into tmux's clipboard.
    std::string clipboard();

    // They wait until it is so, and return that screen.
    std::string sees(std::string_view text);
    std::string seesNot(std::string_view text);
    // A line of the screen in which this regular expression is found.
    std::string seesLine(const std::string& pattern);
    std::string seesThat(std::string_view what, const std::function<bool(const std::string&)>& is);
    void hasValue(std::string_view format, std::string_view value);

    const TempFolder& home() const { return home_; }

  private:
    Process::Options options(const Options& options) const;
    void key(std::string_view name);
    void paste(std::string_view text, bool marked);
    // What a command of tmux answers; one that it refuses is an error.
    std::string command(const std::string& line);
    // Until it holds; `look` is asked again after each output.
    void await(std::string_view what, const std::function<bool()>& look);
    std::string failure(const std::string& what);

    TempFolder home_;
    Process control_;
};

}  // namespace netchat::test
