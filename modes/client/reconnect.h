#pragma once

// When a lost connection is made again: after a random part of a time that doubles, so that many
// who lost the same server do not come back at the same moment. Pure: the moment and the chance are
// given.
//
//     lost(..) -> wait -> lost(..) -> wait, longer -> ... -> connected(..) -> lost(..) -> ...

#include <cstdint>
#include <optional>
#include <string_view>

namespace netchat::client {

struct ReconnectOptions {
    enum class When {
        Never,
        OnceConnected,  // at first only where the server itself asks to come again
        Always,
    };
    When when = When::Never;
    int64_t forMs = 5 * 60'000;  // how long it is tried, from the loss on
    int64_t baseMs = 100;        // the first wait is up to this, each next up to twice as much
    int64_t maxMs = 10'000;      // but no longer than this
    int64_t stableMs = 1'000;    // a connection that has lasted so long starts all that anew
};

// One thread at a time.
class Reconnect {
  public:
    explicit Reconnect(const ReconnectOptions& options) : options_(options) {}

    // The greeting was accepted.
    void connected(int64_t nowMs);
    // The connection was lost or could not be made, with Disconnected's code: in how many
    // milliseconds to try again; none: never, this is the end.
    std::optional<int64_t> lost(std::string_view code, int64_t nowMs, uint64_t random);
    // How often it was lost or could not be made, since it was stable last.
    uint64_t attempt() const { return attempt_; }
    // Whether the last end came from having tried for long enough.
    bool timeIsUp() const { return timeIsUp_; }

  private:
    bool mayPass(std::string_view code) const;

    const ReconnectOptions options_;
    bool everConnected_ = false;
    bool timeIsUp_ = false;
    std::optional<int64_t> connectedMs_;  // while it lasts
    std::optional<int64_t> lostMs_;       // the beginning of the trouble
    uint64_t attempt_ = 0;
};

}  // namespace netchat::client
