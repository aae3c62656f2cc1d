#include "modes/client/reconnect.h"

#include <algorithm>
#include <utility>

namespace netchat::client {

namespace {

// What a server may answer otherwise a moment later. A refused nick or password it will refuse
// again, who was kicked or banned is not wanted, and a user who has connected elsewhere wants to be
// there.
constexpr std::string_view kPassing[] = {"unreachable", "lost",     "timeout",  "closing",
                                         "internal",    "too-many", "too-fast", "no-room"};
// What only a server says that is there and will have room: worth waiting for also at first.
constexpr std::string_view kLater[] = {"too-many", "too-fast", "closing"};
constexpr int kDoublingsMax = 30;

template <size_t n>
bool isIn(const std::string_view (&codes)[n], std::string_view code) {
    return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

}  // namespace

void Reconnect::connected(int64_t nowMs) {
    everConnected_ = true;
    connectedMs_ = nowMs;
}

bool Reconnect::mayPass(std::string_view code) const {
    // The server may not have noticed yet that our own connection is gone.
    if (code == "nick-in-use") return everConnected_;
    return isIn(kPassing, code);
}

std::optional<int64_t> Reconnect::lost(std::string_view code, int64_t nowMs, uint64_t random) {
    using When = ReconnectOptions::When;
    const auto since = std::exchange(connectedMs_, std::nullopt);
    timeIsUp_ = false;
    if (options_.when == When::Never || !mayPass(code)) return {};
    if (options_.when == When::OnceConnected && !everConnected_ && !isIn(kLater, code)) return {};
    if (since && nowMs - *since >= options_.stableMs) {
        attempt_ = 0;
        lostMs_.reset();
    }
    if (!lostMs_) lostMs_ = nowMs;
    timeIsUp_ = nowMs - *lostMs_ >= options_.forMs;
    if (timeIsUp_) return {};
    const auto doublings = static_cast<int>(std::min<uint64_t>(attempt_, kDoublingsMax));
    const int64_t most = std::min(options_.maxMs, options_.baseMs << doublings);
    ++attempt_;
    const auto wait = static_cast<int64_t>(random % static_cast<uint64_t>(most + 1));
    return std::min(wait, *lostMs_ + options_.forMs - nowMs);
}

}  // namespace netchat::client
