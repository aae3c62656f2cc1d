#pragma once

// The way back to the terminal as the shell had it, ready at any moment: for the end in good order
// as for a signal that ends the process, an exception that nobody catches, and exit(). All that it
// needs is prepared in static storage, and it does nothing that could fail or wait for
// long. The signal then does what it would have done, handlers of others (of sanitizers) included.
//
// One terminal at a time; armed and disarmed by the UI thread, whose stack may overflow, too.

#include <cstddef>
#include <string_view>

#include <termios.h>

namespace netchat::connect {

class TerminalRescue {
  public:
    static constexpr size_t kBytesMax = 512;

    // From now on there is a way back: to write `bytes` (at most kBytesMax) to `fd`, and to set its
    // mode. In a process forked off, nothing happens.
    static void arm(int fd, const termios& mode, std::string_view bytes);
    // Goes it, once, and takes back what arm() did. Without arm() before, does nothing.
    static void restore();
};

}  // namespace netchat::connect
