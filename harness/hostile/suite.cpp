#include "harness/hostile/suite.h"

#include <algorithm>
#include <thread>

#include "harness/hostile/expectation_failed.h"
#include "modes/net/clock.h"

namespace netchat::harness::hostile {

namespace {

using State = AttackResult::State;

constexpr int64_t kSettleMs = 3'000;
constexpr int64_t kCameBackMs = (kSanitizerBytes > 0 ? 5 : 1) * 6'000;
// The index of what was said is made behind all else, also by a machine that is busy.
constexpr int64_t kRestMs = 15'000;

class Suite {
  public:
    Suite(Target& target, const SuiteOptions& options) : target_(target), options_(options) {}

    // Empty, or why nobody is let in.
    std::string assemble() {
        if (bystanders_ && bystanders_->whole()) return {};
        bystanders_.reset();
        auto bystanders = Bystanders::enter(target_, options_.bystanders);
        if (!bystanders) return bystanders.error().text;
        bystanders_ = std::move(*bystanders);
        if (!watch_) watch_ = std::make_unique<HealthWatch>(options_.process);
        const BystanderNews news = bystanders_->settle(kSettleMs);
        if (bystanders_->whole()) return {};
        return news.troubles.empty() ? "the crowd lost messages" : news.troubles.front();
    }

    // Slow ones wait most of the time: they do it together.
    void run(std::vector<AttackResult*> together) {
        for (auto& each : together) {
            if (each->attack->against == Against::Child && !target_.own()) {
                each->state = State::Skipped;
                each->findings = {"needs a server that was started for the run"};
                each = nullptr;
            }
        }
        std::erase(together, nullptr);
        if (together.empty()) return;
        if (noBystanders_.empty()) noBystanders_ = assemble();
        if (!noBystanders_.empty()) {
            for (auto* each : together) {
                fail(*each, "not tried: the server does no longer serve anyone: " + noBystanders_);
            }
            return;
        }
        std::vector<std::thread> threads;
        for (auto* each : together) threads.emplace_back([this, each] { tryOne(*each); });
        for (auto& thread : threads) thread.join();
        const BystanderNews news = bystanders_->settle(kSettleMs);
        delivered_ += news.delivered;
        const std::string held = watch_->cameBack(kCameBackMs);
        for (auto* each : together) {
            judgeBystanders(*each, news);
            if (!held.empty()) fail(*each, held);
            each->health = healthOf(options_.process);
        }
    }

    void rest(AttackResult& last) {
        if (!watch_ || !noBystanders_.empty()) return;
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
            result.attack->tryOn(target_);
        } catch (const ExpectationFailed& otherwise) {
            fail(result, otherwise.what());
        }
        result.seconds = static_cast<double>(net::monotonicNs() - start) / 1e9;
    }

    void judgeBystanders(AttackResult& result, const BystanderNews& news) const {
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

    Target& target_;
    const SuiteOptions& options_;
    std::unique_ptr<Bystanders> bystanders_;
    std::unique_ptr<HealthWatch> watch_;
    uint64_t delivered_ = 0;
    std::string noBystanders_;  // why there can be none any more
};

}  // namespace

size_t SuiteResult::count(State state) const {
    return static_cast<size_t>(std::ranges::count(results, state, &AttackResult::state));
}

SuiteResult runPack(Target& target, const SuiteOptions& options,
                    const std::function<void(const AttackResult&)>& told) {
    SuiteResult out;
    Suite suite(target, options);
    out.noBystanders = suite.assemble();
    if (!out.noBystanders.empty()) return out;
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
            suite.run(std::exchange(together, {}));
            if (each + 1 == next) suite.rest(*each);
            if (kind != Kind::Slow) told(*each);
        }
        if (kind == Kind::Slow) std::for_each(it, next, told);
        it = next;
    }
    out.delivered = suite.delivered();
    return out;
}

}  // namespace netchat::harness::hostile
