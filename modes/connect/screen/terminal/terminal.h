#pragma once

// The terminal: the one place that knows termios and the descriptor. What bytes it understands, its
// TerminfoCapabilities know. It draws nothing by itself. UI thread only.
//
// From enter() to leave() the terminal is in raw mode, on its alternate screen, with bracketed
// paste, focus reports and no wrapping at the right edge. It is put back by leave(), by the
// destructor, and by TerminalRescue: at a fatal signal and at exit().

#include <memory>
#include <string>
#include <string_view>

#include "modes/connect/screen/terminal/capabilities.h"
#include "modes/connect/screen/terminal/grid.h"
#include "protocol/result.h"

namespace netchat::connect {

class Terminal {
  public:
    struct Options {
        bool color = true;  // false: NO_COLOR is set
        bool mouse = true;  // false: its wheel is to do nothing
    };

    // Of the terminal that stdin and stdout are. An Error with a text for a person where a screen
    // can't be drawn: no terminal, TERM unknown to terminfo or dumb, no cursor addressing.
    // The descriptor is one of its own (opened by name, non-blocking), so that the shell's keeps
    // its flags.
    static Result<std::unique_ptr<Terminal>> open(const Options& options);
    ~Terminal();

    void enter();
    void leave();  // may be called twice
    // leave(), then stops the job as C-z does, and enter() once it goes on. Where no shell could
    // ever continue it, it goes on at once.
    void suspend();

    int fd() const;  // for watching: reads keys, non-blocking
    // Puts into `bytes` what is there, at most some of a long paste; false: the terminal is gone.
    bool read(std::string& bytes);
    // Queues, and writes what fits. pending(): not all is written yet; call flush() when the
    // descriptor is writable, and draw nothing until then, so that the queue has at most one
    // screen. False: the terminal is gone.
    bool write(std::string_view bytes);
    bool flush();
    bool pending() const;

    struct Size {
        int width, height;
    };
    // Bounded; 80 by 24 where the terminal doesn't say.
    Size size() const;

    const Capabilities& capabilities() const;
    // For a person, where the terminal is taken for another one; else empty.
    const std::string& note() const;
    // What asks for reports of the mouse, or for none.
    std::string_view mouse(bool on) const;
    std::string bell() const;
    // Sets the window's title, where the terminal has one; `safe` holds no control characters.
    std::string title(std::string_view safe) const;

  private:
    struct Inside;
    explicit Terminal(std::unique_ptr<Inside> inside);
    std::unique_ptr<Inside> inside_;
};

}  // namespace netchat::connect
