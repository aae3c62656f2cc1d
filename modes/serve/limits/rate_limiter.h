#pragma once

// How much one user has asked for lately: a token bucket for each kind of thing. A message is taken
// in any case, and what follows it waits; anything else is refused when there was too much of it.
// Pure; the session's loop only. (Token buckets: Turner, "New directions in communications", 1986.)

#include <array>
#include <cstdint>
#include <optional>

#include "modes/serve/limits/limits.h"
#include "protocol/result.h"

namespace netchat::serve {

// So many at once, and so many a second in the long run.
class TokenBucket {
  public:
    TokenBucket(double perSecond, double burst, int64_t nowMs)
        : perSecond_(perSecond), burst_(burst), tokens_(burst), atMs_(nowMs) {}

    // Takes them also where it goes into debt.
    void take(double tokens, int64_t nowMs);
    // Takes them, or nothing.
    bool tryTake(double tokens, int64_t nowMs);
    bool has(double tokens, int64_t nowMs);
    // Until a debt is paid; 0: there is none.
    int64_t debtMs(int64_t nowMs);
    bool isFull(int64_t nowMs);
    // Another rate from now on; what was saved up stays the same part of what can be,
    // and a debt takes no longer to be paid than it did.
    void change(double perSecond, double burst, int64_t nowMs);

  private:
    void fill(int64_t nowMs);

    double perSecond_, burst_, tokens_;
    int64_t atMs_;
};

class RateLimiter {
  public:
    enum class Action { Request, Join, Nick, Offer };

    RateLimiter(const Limits& limits, int64_t nowMs);

    // In how many milliseconds more may be read; 0: at once.
    int64_t said(size_t bytes, int64_t nowMs);
    // TooFast, saying how many are allowed.
    Status ask(Action act, int64_t nowMs);
    // A file of a user who has no number of his own in the log. NoRoom.
    Status store(uint64_t bytes, int64_t wallMs);
    // The limits that it was made with have other values now.
    void limitsChanged(int64_t nowMs);
    // Whether it should be told that it is too fast: once for a while.
    bool tellNow(int64_t nowMs);

  private:
    struct Allowance {
        std::string_view what;
        double count, seconds;
    };
    static constexpr size_t kActions = 4;
    static std::array<Allowance, kActions> allowances(const Limits& limits);

    const Limits& limits_;
    TokenBucket messages_, bytes_;
    std::array<std::optional<TokenBucket>, kActions> acts_;
    int64_t toldMs_ = 0;
    int64_t day_ = 0;
    uint64_t storedBytes_ = 0;  // on that day
};

// "you have sent …": the answer to a file beyond the day's quota.
Error tooMuchStored(uint64_t most);

}  // namespace netchat::serve
