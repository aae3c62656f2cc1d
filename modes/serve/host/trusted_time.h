#pragma once

// The time by which messages are forgotten, and bans, mutes and the leases of nicks end. A wall
// clock can be set, by mistake or by an attacker of its time server; what was deleted by it does
// not come back. So this time goes on with the machine's own clock, which only counts:
//
//     wall clock   ----------.        .------------      it jumps, and comes back
//                             `------'
//     trusted time ---------------------------------     is not impressed
//
// A jump is believed when it has lasted for kBelieveAfterMs. After a start the same holds: what is
// known is when the server was last at work, and that no less time has passed since than the
// machine's clock has counted. Only where the wall clock says much more is it doubted.

#include <cstdint>
#include <optional>

namespace netchat::serve {

// Pure. One thread.
class TrustedTime {
  public:
    static constexpr int64_t kBelieveAfterMs = 3'600'000;
    // Less is how clocks are corrected all the time.
    static constexpr int64_t kJumpMs = 10'000;

    // Both clocks at one moment: Unix time, and the machine's own, which counts from the start of
    // the machine, suspended or not.
    struct Moment {
        int64_t wallMs = 0, machineMs = 0;
    };
    // What outlives the process.
    struct Kept {
        int64_t trustedMs = 0, machineMs = 0;  // of one moment
        int64_t doubtedFromMs = 0;             // 0: the clocks agreed then
    };

    // Believes the wall clock.
    explicit TrustedTime(Moment now) : aheadMs_(now.wallMs - now.machineMs) {}
    // Goes on from where an earlier process was.
    TrustedTime(const Kept& kept, Moment now);

    // The trusted time at this moment, the first of which was the constructor's.
    int64_t at(Moment now);

    struct News {
        enum class Kind {
            Jumped,    // the wall clock is `byMs` ahead of the trusted time, and doubted
            Returned,  // it is right again
            Believed,  // the trusted time has gone forward by `byMs`: what is to last for a time
                       // and began after `sinceMs` lasts so much longer
        };
        Kind kind;
        int64_t byMs;
        int64_t sinceMs = 0;
    };
    // What has happened, once.
    std::optional<News> takeNews();

    Kept keep(Moment now) const { return {trusted(now), now.machineMs, doubt_.fromMs}; }
    bool doubts() const { return doubt_.fromMs != 0; }
    // Of the trusted time before the machine's.
    int64_t aheadMs() const { return aheadMs_; }

  private:
    struct Doubt {
        int64_t fromMs = 0;     // the trusted time when it began; 0: there is none
        int64_t byMs = 0;       // how far the wall clock is ahead
        int64_t machineMs = 0;  // since when it is there
    };
    int64_t trusted(Moment now) const { return now.machineMs + aheadMs_; }
    void doubt(Moment now, int64_t byMs);

    int64_t aheadMs_;
    Doubt doubt_;
    std::optional<News> news_;
};

}  // namespace netchat::serve
