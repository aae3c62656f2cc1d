#include "harness/hostile/suite.h"

#include <algorithm>
#include <thread>

#include "harness/hostile/expectation_failed.h"
#include "modes/net/clock.h"

namespace netchat::harness::hostile {

namespace {

using State = AttackResult::State;

constexpr int64_t kSettleMs = 3'000;
constexpr int64_t kCameBackMs = 6'000;
// The index of what was said is made behind all else, also by a machine that is busy.
constexpr int64_t kRestMs = 15'000;

class Pack {
  public:
    Pack(Site& site, const PackOptions& options) : site_(site), options_(options) {}

    // Empty, or why nobody is let in.
    std::string assemble() {
        if (crowd_ && crowd_->whole()) return {};
        crowd_.reset();
        auto crowd = Crowd::enter(site_, options_.crowd);
        if (!crowd) return crowd.error().text;
        crowd_ = std::move(*crowd);
        if (!watch_) watch_ = std::make_unique<HealthWatch>(options_.process);
        const CrowdNews news = crowd_->settle(kSettleMs);
        if (crowd_->whole()) return {};
        return news.troubles.empty() ? "the crowd lost messages" : news.troubles.front();
    }

    // Slow ones wait most of the time: they do it together.
    void run(std::vector<AttackResult*> together) {
        for (auto& each : together) {
            if (each->attack->against == Against::Child && !site_.own()) {
                each->state = State::Skipped;
                each->findings = {"needs a server that was started for the run"};
                each = nullptr;
            }
        }
        std::erase(together, nullptr);
        if (together.empty()) return;
        if (noCrowd_.empty()) noCrowd_ = assemble();
        if (!noCrowd_.empty()) {
            for (auto* each : together) {
                fail(*each, "not tried: the server does no longer serve anyone: " + noCrowd_);
            }
            return;
        }
        std::vector<std::thread> threads;
        for (auto* each : together) threads.emplace_back([this, each] { tryOne(*each); });
        for (auto& thread : threads) thread.join();
        const CrowdNews news = crowd_->settle(kSettleMs);
        delivered_ += news.delivered;
        const std::string held = watch_->cameBack(kCameBackMs);
        for (auto* each : together) {
            judgeCrowd(*each, news);
            if (!held.empty()) fail(*each, held);
            each->health = healthOf(options_.process);
        }
    }

    void rest(AttackResult& last) {
        if (!watch_ || !noCrowd_.empty()) return;
        const std::string burns = watch_->cameToRest(kRestMs);
        if (!burns.empty()) fail(last, burns);
    }

    uint64_t delivered() const { return delivered_; }

  private:
    static void fail(AttackResult& result, const std::string& text) {
        result.state = State::Failed;
        result.findings.push_back(text);
    }

    void tryOne(AttackResult& result) {
        const int64_t start = net::monotonicNs();
        try {
            result.attack->tryOn(site_);
        } catch (const NotHeld& otherwise) {
            fail(result, otherwise.what());
        }
        result.seconds = static_cast<double>(net::monotonicNs() - start) / 1e9;
    }

    void judgeCrowd(AttackResult& result, const CrowdNews& news) const {
        result.delivered = news.delivered;
        result.p99Ns = news.p99Ns;
        for (const std::string& trouble : news.troubles) fail(result, "the crowd: " + trouble);
        if (news.lost > 0)
            fail(result, "the crowd lost " + std::to_string(news.lost) + " messages");
        if (news.doubled > 0) {
            fail(result, "the crowd got " + std::to_string(news.doubled) + " messages twice");
        }
        if (news.p99Ns > static_cast<uint64_t>(options_.p99Ms) * 1'000'000) {
            fail(result, "the crowd's p99 was " + std::to_string(news.p99Ns / 1'000'000) +
                             " ms, above " + std::to_string(options_.p99Ms) + " ms");
        }
    }

    Site& site_;
    const PackOptions& options_;
    std::unique_ptr<Crowd> crowd_;
    std::unique_ptr<HealthWatch> watch_;
    uint64_t delivered_ = 0;
    std::string noCrowd_;  // why there can be none any more
};

}  // namespace

size_t PackResult::count(State state) const {
    return static_cast<size_t>(std::ranges::count(results, state, &AttackResult::state));
}

PackResult runPack(Site& site, const PackOptions& options,
                   const std::function<void(const AttackResult&)>& told) {
    PackResult out;
    Pack pack(site, options);
    out.noCrowd = pack.assemble();
    if (!out.noCrowd.empty()) return out;
    for (const Attack* attack : options.attacks) out.results.push_back({.attack = attack});
    const auto end = out.results.end();
    for (auto it = out.results.begin(); it != end;) {
        const Kind kind = it->attack->kind;
        const auto next = std::find_if(
            it, end, [&](const AttackResult& each) { return each.attack->kind != kind; });
        std::vector<AttackResult*> together;
        for (auto each = it; each != next; ++each) {
            together.push_back(&*each);
            if (kind == Kind::Slow && each + 1 != next) continue;
            pack.run(std::exchange(together, {}));
            if (each + 1 == next) pack.rest(*each);
            if (kind != Kind::Slow) told(*each);
        }
        if (kind == Kind::Slow) std::for_each(it, next, told);
        it = next;
    }
    out.delivered = pack.delivered();
    return out;
}

}  // namespace netchat::harness::hostile
