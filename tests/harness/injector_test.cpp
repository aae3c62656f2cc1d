// Steps are carried out when they are due, and what is not a connection only while all is whole.

#include "harness/run/injector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "harness/faults/proxy.h"
#include "harness/plan/workload.h"
#include "harness/run/recorder.h"

namespace netchat::harness {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// What is struck stays broken until the test mends it.
struct Glass final : Breakable {
    void strike(const FaultStep& step) override {
        EXPECT_TRUE(whole);
        struck.push_back(step.afterSaid);
        whole = false;
    }
    bool isWhole() const override { return whole; }

    std::vector<uint64_t> struck;
    bool whole = true;
};

FaultStep stepAt(const FaultType& type, uint64_t afterSaid) {
    return {.type = &type, .afterSaid = afterSaid, .bytes = 1};
}

constexpr uint64_t kMessages = 1000;

class Injecting : public testing::Test {
  protected:
    Injector injector(std::vector<FaultStep> steps) {
        return {std::move(steps),
                kMessages,
                {.recorder = recorder_,
                 .proxy = *proxy_,
                 .breakables = {{FaultTarget::Server, &server_}, {FaultTarget::Bots, &bots_}}}};
    }
    std::vector<std::string> noted() const {
        std::vector<std::string> texts;
        for (const Record& record : journal_.records()) {
            if (record.kind == Kind::Fault) texts.emplace_back(journal_.text(record));
        }
        return texts;
    }

    net::EventLoop loop_;
    const std::unique_ptr<Proxy> proxy_ =
        std::move(*Proxy::create(loop_, 1, {"127.0.0.1", 9}, false));
    const Workload workload_ = *plan({.seed = 1, .bots = 1});
    Journal journal_;
    Recorder recorder_{journal_, workload_, {}};
    Glass server_, bots_;
};

TEST_F(Injecting, StrikesWhatTheFaultActsOn) {
    Injector injector = this->injector({stepAt(faults::kKillServer, 10)});
    injector.advance(9, true, 0);
    EXPECT_THAT(server_.struck, IsEmpty());
    injector.advance(20, true, 0);
    EXPECT_THAT(server_.struck, ElementsAre(10));
    EXPECT_THAT(bots_.struck, IsEmpty());
    EXPECT_THAT(noted(), ElementsAre("kill-server"));
}

TEST_F(Injecting, WaitsUntilTheLastOneIsBackAndBotsTalkAgain) {
    Injector injector =
        this->injector({stepAt(faults::kKillServer, 30), stepAt(faults::kKillBots, 31)});
    injector.advance(30, true, 0);
    injector.advance(100, true, 10);
    EXPECT_THAT(bots_.struck, IsEmpty());
    EXPECT_EQ(injector.sayUntil(), 31U) << "bots must not use up what is to be said at the next";
    server_.whole = true;
    injector.advance(100, true, 20);
    EXPECT_THAT(bots_.struck, IsEmpty()) << "nothing is under way yet";
    EXPECT_EQ(injector.sayUntil(), 120U);
    injector.advance(120, true, 30);
    EXPECT_THAT(bots_.struck, ElementsAre(31));
    EXPECT_FALSE(injector.exhausted());
    bots_.whole = true;
    EXPECT_TRUE(injector.exhausted());
}

TEST_F(Injecting, WaitsForBotsToReconnectButNotForEver) {
    Injector injector =
        this->injector({stepAt(faults::kKillServer, 30), stepAt(faults::kKillServer, 60)});
    injector.advance(30, true, 0);
    server_.whole = true;
    injector.advance(90, false, 3'000);
    EXPECT_THAT(server_.struck, ElementsAre(30));
    injector.advance(110, false, 3'001);
    EXPECT_THAT(server_.struck, ElementsAre(30, 60));
}

TEST_F(Injecting, StrikesAtTheLastMessageAtTheLatest) {
    Injector injector =
        this->injector({stepAt(faults::kKillServer, 900), stepAt(faults::kKillBots, 910)});
    injector.advance(990, true, 0);
    injector.advance(995, true, 1);
    server_.whole = true;
    injector.advance(kMessages, true, 2);
    EXPECT_THAT(bots_.struck, ElementsAre(910));
}

// A connection that is not there yet is struck when it is, so nothing is noted before.
TEST_F(Injecting, FaultsOfConnectionsWaitForNobody) {
    Injector injector = this->injector(
        {stepAt(faults::kKillServer, 30), stepAt(faults::kCut, 31), stepAt(faults::kCut, 32)});
    injector.advance(30, true, 0);
    injector.advance(32, false, 1);
    EXPECT_FALSE(injector.exhausted());
    server_.whole = true;
    EXPECT_TRUE(injector.exhausted());
    EXPECT_THAT(noted(), ElementsAre("kill-server"));
}

}  // namespace
}  // namespace netchat::harness
