#include "modes/serve/limits/rate_limiter.h"

#include <algorithm>
#include <cmath>

#include "protocol/size_text.h"

namespace netchat::serve {

namespace {

using limits::kSavedSeconds;
constexpr int64_t kTellAgainMs = 60'000;
constexpr int64_t kDayMs = 24LL * 3600 * 1000;

std::string numberText(double number) {
    std::string text = std::to_string(number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

}  // namespace

// ---- one bucket

void TokenBucket::fill(int64_t nowMs) {
    // The clock is monotonic, but callers' moments are those of their turns.
    const int64_t passed = std::max<int64_t>(0, nowMs - atMs_);
    tokens_ = std::min(burst_, tokens_ + perSecond_ * static_cast<double>(passed) / 1000);
    atMs_ += passed;
}

void TokenBucket::take(double tokens, int64_t nowMs) {
    fill(nowMs);
    tokens_ -= tokens;
}

bool TokenBucket::tryTake(double tokens, int64_t nowMs) {
    fill(nowMs);
    if (tokens_ < tokens) return false;
    tokens_ -= tokens;
    return true;
}

bool TokenBucket::has(double tokens, int64_t nowMs) {
    fill(nowMs);
    return tokens_ >= tokens;
}

int64_t TokenBucket::debtMs(int64_t nowMs) {
    fill(nowMs);
    return tokens_ >= 0 ? 0 : static_cast<int64_t>(std::ceil(-tokens_ / perSecond_ * 1000));
}

bool TokenBucket::isFull(int64_t nowMs) {
    fill(nowMs);
    return tokens_ >= burst_;
}

void TokenBucket::change(double perSecond, double burst, int64_t nowMs) {
    fill(nowMs);
    // A debt takes no longer to be paid than it did, whichever way the rate changes.
    if (burst_ > 0) {
        const double samePart = tokens_ * burst / burst_;
        tokens_ = tokens_ > 0 ? samePart : std::max(tokens_, samePart);
    }
    perSecond_ = perSecond;
    burst_ = burst;
}

// ---- all of a user's

RateLimiter::RateLimiter(const Limits& limits, int64_t nowMs)
    : limits_(limits),
      messages_(limits.messagesPerSecond, limits.messagesPerSecond * kSavedSeconds, nowMs),
      bytes_(limits.bytesPerSecond, limits.bytesPerSecond * kSavedSeconds, nowMs) {
}

std::array<RateLimiter::Allowance, RateLimiter::kActions> RateLimiter::allowances(
    const Limits& limits) {
    return {{{"requests", limits.requestsPerSecond * kSavedSeconds, kSavedSeconds},
             {"joins", limits.joinsPerMinute, 60},
             {"nick changes", limits.nicksPerMinute, 60},
             {"files", limits.offersPerMinute, 60}}};
}

void RateLimiter::limitsChanged(int64_t nowMs) {
    const auto byTheSecond = [nowMs](TokenBucket& bucket, double perSecond) {
        bucket.change(perSecond, perSecond * kSavedSeconds, nowMs);
    };
    byTheSecond(messages_, limits_.messagesPerSecond);
    byTheSecond(bytes_, limits_.bytesPerSecond);
    const auto allowed = allowances(limits_);
    for (size_t i = 0; i < kActions; ++i) {
        if (!acts_[i]) continue;
        acts_[i]->change(allowed[i].count / allowed[i].seconds, std::max(1.0, allowed[i].count),
                         nowMs);
    }
}

int64_t RateLimiter::said(size_t bytes, int64_t nowMs) {
    messages_.take(1, nowMs);
    bytes_.take(static_cast<double>(bytes), nowMs);
    return std::max(messages_.debtMs(nowMs), bytes_.debtMs(nowMs));
}

Status RateLimiter::ask(Action act, int64_t nowMs) {
    const auto index = static_cast<size_t>(act);
    const Allowance allowed = allowances(limits_)[index];
    auto& bucket = acts_[index];
    // At least one at a time, however slow it is.
    if (!bucket) {
        bucket.emplace(allowed.count / allowed.seconds, std::max(1.0, allowed.count), nowMs);
    }
    if (bucket->tryTake(1, nowMs)) return Ok{};
    return Error{ErrorCode::TooFast, "at most " + numberText(allowed.count) + " " +
                                         std::string(allowed.what) + " in " +
                                         numberText(allowed.seconds) + " seconds; wait a moment"};
}

Status RateLimiter::store(uint64_t bytes, int64_t wallMs) {
    if (wallMs / kDayMs != day_) storedBytes_ = 0;
    day_ = wallMs / kDayMs;
    const uint64_t most = limits_.storedBytesPerDay;
    if (most > 0 && (bytes > most || storedBytes_ > most - bytes)) return tooMuchStored(most);
    storedBytes_ += bytes;
    return Ok{};
}

bool RateLimiter::tellNow(int64_t nowMs) {
    if (toldMs_ != 0 && nowMs - toldMs_ < kTellAgainMs) return false;
    toldMs_ = nowMs;
    return true;
}

Error tooMuchStored(uint64_t most) {
    return {ErrorCode::NoRoom,
            "at most " + sizeText(most) +
                " of files a day are accepted from one user; try again tomorrow"};
}

}  // namespace netchat::serve
