#pragma once

// A program in a terminal that is looked at and typed into as a person would, with deadlines.
//
//     program ─pty─▶ PtyChild ─bytes─▶ Emulator ─cells─▶ waitFor(), svgOf()
//             ◀──────────────── type() ◀─ answers ─┘

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "tests/screens/emulator.h"
#include "tests/screens/pty_child.h"

namespace netchat::test {

// Of the steady clock.
int64_t nowUs();

// One thread. A deadline that passes is a std::runtime_error with all that is on the screen.
class EmulatedTerminal {
  public:
    explicit EmulatedTerminal(const PtyChild::Options& options)
        : screen_(options.width, options.height), child_(options) {}

    void type(std::string_view bytes) { child_.write(bytes); }
    void resize(int width, int height);
    // Takes what comes within so long at most; false: nothing came.
    bool pump(int64_t timeoutUs);
    // Takes all that comes in so long.
    void watch(int64_t durationUs);
    void waitUntil(const std::string& what, const std::function<bool(const Emulator&)>& seen);
    // Until a row has this.
    void waitFor(std::string_view text);
    // Until nothing came for so long.
    void waitForQuiet(int64_t quietUs);
    void stop() { child_.stop(); }

    const Emulator& screen() const { return screen_; }
    uint64_t bytesSeen() const { return bytesSeen_; }
    pid_t pid() const { return child_.pid(); }

  private:
    Emulator screen_;
    PtyChild child_;
    uint64_t bytesSeen_ = 0;
};

}  // namespace netchat::test
