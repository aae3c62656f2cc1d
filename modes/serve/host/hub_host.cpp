#include "modes/serve/host/hub_host.h"

#include <future>

namespace netchat::serve {

namespace {

// Within this time after there is something new.
constexpr int64_t kUpkeepMs = 1000;

// How often a log is asked that does not know what it has.
constexpr int64_t kFindOutMs = 200;
// How often it is seen whether a log takes long to answer.
constexpr int64_t kLookAtSlowLogMs = 500;
// How often a log is asked for what it could not read.
constexpr int64_t kAskAgainMs = 500;

}  // namespace

HubHost::HubHost(Hub& hub, const std::vector<std::unique_ptr<LoopHost>>& hosts, TimeKeeper& time)
    : hub_(hub), time_(time), hosts_(hosts) {
    if (hosts.size() < 2) return;
    thread_ = std::make_unique<net::LoopThread>();
    // Whatever came in one turn, from all loops, goes to the log at once.
    thread_->loop().post([this] { thread_->loop().onTurnEnd([this] { commit(); }); });
}

HubHost::~HubHost() {
    stop();
}

void HubHost::stop() {
    // It stays: loops may still submit, to nobody.
    if (thread_) thread_->stop();
}

net::EventLoop& HubHost::loop() {
    return thread_ ? thread_->loop() : hosts_[0]->loop();
}

Hub::Now HubHost::now() {
    const TimeKeeper::Turn turn = time_.turn();
    if (turn.believed) {
        hub_.timeBelieved(turn.believed->sinceMs, turn.believed->byMs);
        upkeepSoon();
    }
    return {turn.wallMs, turn.trustedMs};
}

void HubHost::setUpkeep(Upkeep work) {
    loop().post([this, work = std::move(work)]() mutable {
        upkeep_ = std::move(work);
        upkeepSoon();
    });
}

void HubHost::upkeepSoon() {
    if (!upkeep_) return;
    if (upkeepTimer_ != 0 && upkeepDueMs_ <= loop().nowMs() + kUpkeepMs) return;
    loop().cancel(upkeepTimer_);
    armUpkeep(kUpkeepMs);
}

void HubHost::workSoon() {
    if (!upkeep_) return;
    loop().cancel(upkeepTimer_);
    armUpkeep(1);
}

void HubHost::armUpkeep(int64_t ms) {
    upkeepDueMs_ = loop().nowMs() + ms;
    upkeepTimer_ = loop().after(ms, [this] {
        upkeepTimer_ = 0;
        hub_.setNow(now());  // an idle server learns of the time, too
        if (!upkeep_) return;
        const auto next = upkeep_();
        if (next && upkeepTimer_ == 0) armUpkeep(*next);
    });
}

void HubHost::submit(size_t shard, CommandBatch batch) {
    if (!thread_) {
        hub_.apply(std::move(batch), now());
        hub_.commit();
        check();
        hosts_[shard]->applyNow(hub_.take(shard));
        lookAtTheLog();
        return;
    }
    // A task must be copyable, which a batch is not.
    auto shared = std::make_shared<CommandBatch>(std::move(batch));
    thread_->loop().post([this, shared] { hub_.apply(std::move(*shared), now()); });
}

void HubHost::post(CommandBatch batch) {
    if (thread_) return submit(0, std::move(batch));
    auto shared = std::make_shared<CommandBatch>(std::move(batch));
    hosts_[0]->loop().post([this, shared] { submit(0, std::move(*shared)); });
}

void HubHost::answer(CommandBatch batch) {
    if (!thread_) return submit(0, std::move(batch));
    hub_.apply(std::move(batch), now());
}

void HubHost::check() {
    if constexpr (kChecksInvariants) {
        if (checkPace_.due(hub_.users())) mustHold("the hub", hub_.checkInvariants());
    }
}

void HubHost::commit() {
    hub_.commit();
    check();
    for (size_t shard = 0; shard < hosts_.size(); ++shard) {
        auto effects = hub_.take(shard);
        if (!effects.empty()) hosts_[shard]->apply(std::move(effects));
    }
    lookAtTheLog();
}

void HubHost::lookAtTheLog() {
    if (hub_.isUnsure()) findOutSoon();
    if (hub_.mustAskAgain()) askAgainSoon();
    if (hub_.isAppending() || hub_.isReading()) lookAtSlowLogSoon();
}

void HubHost::findOutSoon() {
    if (findOutTimer_ != 0) return;
    findOutTimer_ = loop().after(kFindOutMs, [this] {
        findOutTimer_ = 0;
        hub_.findOut();
        commit();
    });
}

void HubHost::askAgainSoon() {
    if (askAgainTimer_ != 0) return;
    askAgainTimer_ = loop().after(kAskAgainMs, [this] {
        askAgainTimer_ = 0;
        hub_.setNow(now());
        hub_.askAgain();
        commit();
    });
}

void HubHost::lookAtSlowLogSoon() {
    if (slowLogTimer_ != 0) return;
    slowLogTimer_ = loop().after(kLookAtSlowLogMs, [this] {
        slowLogTimer_ = 0;
        hub_.setNow(now());
        hub_.lookAtSlowLog();
        commit();
    });
}

bool HubHost::settle() {
    std::promise<bool> done;
    // Two turns: the first commits, and only then does the second run.
    loop().post([this, &done] {
        loop().post([this, &done] { done.set_value(!hub_.isAppending() && !hub_.isReading()); });
    });
    return done.get_future().get();
}

}  // namespace netchat::serve
