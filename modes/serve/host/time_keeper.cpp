#include "modes/serve/host/time_keeper.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "modes/net/clock.h"
#include "modes/net/machine_clock.h"
#include "protocol/duration.h"

namespace netchat::serve {

namespace {

namespace fs = std::filesystem;

constexpr int64_t kKeepMs = 60'000;

TrustedTime::Moment clocks() {
    return {net::wallMs(), net::machineMs()};
}

// When this file was written last; 0: it is not there.
int64_t writtenMs(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return 0;
    return int64_t{status.st_mtim.tv_sec} * 1000 + status.st_mtim.tv_nsec / 1'000'000;
}

// What a server has left. One that kept no time has at least written its log.
std::optional<TrustedTime::Kept> keptIn(const fs::path& folder, int file, TrustedTime::Moment now) {
    std::array<char, 128> text{};
    TrustedTime::Kept kept;
    if (file >= 0 && ::pread(file, text.data(), text.size() - 1, 0) > 0 &&
        std::sscanf(text.data(), "netchat-time 1 %" SCNd64 " %" SCNd64 " %" SCNd64, &kept.trustedMs,
                    &kept.machineMs, &kept.doubtedFromMs) == 3 &&
        kept.trustedMs > 0 && kept.machineMs >= 0) {
        return kept;
    }
    const int64_t seenMs =
        std::max(writtenMs(folder / "log.sqlite"), writtenMs(folder / "log.sqlite-wal"));
    if (seenMs == 0) return {};
    return TrustedTime::Kept{std::min(seenMs, now.wallMs), now.machineMs, 0};
}

int openIn(const fs::path& folder) {
    if (folder.empty()) return -1;
    return ::open((folder / "clock").c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

TrustedTime begin(const fs::path& folder, int file) {
    const auto now = clocks();
    const auto kept = folder.empty() ? std::nullopt : keptIn(folder, file, now);
    return kept ? TrustedTime(*kept, now) : TrustedTime(now);
}

// To whole minutes, where it is more: nobody wants the rest.
std::string roughly(int64_t ms) {
    constexpr int64_t kMinute = 60'000, kHour = 60 * kMinute;
    const int64_t part = ms >= 48 * kHour ? kHour : ms >= 2 * kMinute ? kMinute : 1000;
    return durationText((ms + part / 2) / part * part);
}

}  // namespace

TimeKeeper::TimeKeeper(const fs::path& folder, Log& log)
    : log_(log), file_(openIn(folder)), time_(begin(folder, file_)), aheadMs_(time_.aheadMs()) {
    if (const auto news = time_.takeNews()) tell(*news);
}

TimeKeeper::~TimeKeeper() {
    if (file_ < 0) return;
    keep(clocks());
    ::close(file_);
}

TimeKeeper::Turn TimeKeeper::turn() {
    const auto now = clocks();
    Turn turn{now.wallMs, time_.at(now)};
    aheadMs_.store(time_.aheadMs(), std::memory_order_relaxed);
    const auto news = time_.takeNews();
    if (news) {
        tell(*news);
        if (news->kind == TrustedTime::News::Kind::Believed) turn.believed = news;
    }
    if (news || now.machineMs - keptMs_ >= kKeepMs) keep(now);
    return turn;
}

int64_t TimeKeeper::trustedMs() const {
    return net::machineMs() + aheadMs_.load(std::memory_order_relaxed);
}

// In its place, and always as long, so that a full disk has room for it. One that cannot be
// written is older than it could be, which costs an hour after the next start.
void TimeKeeper::keep(TrustedTime::Moment now) {
    keptMs_ = now.machineMs;
    if (file_ < 0) return;
    const TrustedTime::Kept kept = time_.keep(now);
    std::array<char, 128> text{};
    const int size = std::snprintf(text.data(), text.size(),
                                   "netchat-time 1 %020" PRId64 " %020" PRId64 " %020" PRId64 "\n",
                                   kept.trustedMs, kept.machineMs, kept.doubtedFromMs);
    (void)!::pwrite(file_, text.data(), static_cast<size_t>(size), 0);
}

void TimeKeeper::tell(const TrustedTime::News& news) const {
    using Kind = TrustedTime::News::Kind;
    const std::string by = roughly(std::abs(news.byMs)) + (news.byMs < 0 ? " back" : " ahead");
    if (news.kind == Kind::Jumped) {
        log_.notice("the clock has jumped " + by +
                    ", or the server was off that long; messages, bans, mutes and nicks expire by "
                    "elapsed time until the clock has been stable for " +
                    durationText(TrustedTime::kBelieveAfterMs));
    } else if (news.kind == Kind::Returned) {
        log_.notice("the clock is right again");
    } else {
        log_.notice("the new time (" + by + ") is used now: the clock has been stable for " +
                    durationText(TrustedTime::kBelieveAfterMs));
    }
}

}  // namespace netchat::serve
