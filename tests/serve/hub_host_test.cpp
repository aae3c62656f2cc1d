// The hub with its threads, and a log that answers when a test says so: in the only loop, and on a
// thread of its own.

#include "modes/serve/host/hub_host.h"

#include <chrono>
#include <future>
#include <thread>

#include "tests/serve/late_log_fixture.h"

namespace netchat::serve::testing {
namespace {

class HubHostTest : public ::testing::TestWithParam<size_t> {
  protected:
    HubHostTest() : classic_(10, charset_), hub_(log_, options()), time_({}, report_) {
        for (size_t i = 0; i < GetParam(); ++i) {
            loops_.push_back(std::make_unique<net::EventLoop>());
            ShardOptions shard;
            shard.index = i;
            hosts_.push_back(std::make_unique<LoopHost>(
                *loops_[i], shard, std::make_unique<Utf8Charset>(), files_, report_,
                [this](size_t from, CommandBatch batch) {
                    host_->submit(from, std::move(batch));
                }));
        }
        host_ = std::make_unique<HubHost>(hub_, hosts_, time_);
        for (const auto& loop : loops_) threads_.emplace_back([&loop] { loop->run(); });
        log_.isLate = true;
    }
    ~HubHostTest() override {
        host_->stop();
        for (const auto& loop : loops_) loop->stop();
        for (auto& thread : threads_) thread.join();
    }

    HubOptions options() {
        HubOptions options;
        options.encoders = {&classic_, &v2_};
        options.makeSecret = [] { return Key{1}; };
        options.shards = GetParam();
        options.logPort = &port_;
        return options;
    }

    // On the hub's thread; waits for it.
    template <class Do>
    auto onHub(Do work) {
        std::promise<decltype(work())> done;
        host_->run([&] { done.set_value(work()); });
        return done.get_future().get();
    }
    template <class... Commands>
    void post(Commands... commands) {
        CommandBatch batch;
        (batch.commands.push_back(std::move(commands)), ...);
        host_->post(std::move(batch));
    }
    template <class C>
    bool answer(C command) {
        CommandBatch batch;
        batch.commands.push_back(std::move(command));
        host_->answer(std::move(batch));
        return hub_.isAppending();
    }
    void comesAndSays() {
        post(Greet{kSession, Dialect::V2, "alice", {}}, Join{kSession, "lobby", {}},
             Say{kSession, "lobby", "1", "hello"});
    }
    bool appended() {
        log_.isLate = false;
        auto outcome = log_.append(port_.batches.front()->drafts);
        log_.isLate = true;
        port_.batches.pop_front();
        return answer(LogAnswered{std::move(outcome)});
    }

    static constexpr SessionId kSession = makeSessionId(0, 1, 0);

    Utf8Charset charset_;
    ClassicEncoder classic_;
    V2Encoder v2_;
    WatchedLog log_{store::MemoryLimits{}};
    FakeFiles files_;
    FakeLog report_;
    HeldPort port_;
    Hub hub_;
    TimeKeeper time_;
    std::vector<std::unique_ptr<net::EventLoop>> loops_;
    std::vector<std::unique_ptr<LoopHost>> hosts_;
    std::unique_ptr<HubHost> host_;
    std::vector<std::thread> threads_;
};

TEST_P(HubHostTest, SettlesWhenTheLogHasAnsweredAndWhatWaitedForItToo) {
    comesAndSays();
    EXPECT_FALSE(host_->settle());
    post(Say{kSession, "lobby", "2", "waits for the first"});
    EXPECT_FALSE(host_->settle());
    onHub([this] { return appended(); });
    EXPECT_FALSE(host_->settle());
    onHub([this] { return appended(); });
    EXPECT_TRUE(host_->settle());
    EXPECT_EQ(log_.said["lobby"].size(), 2u);
}

TEST_P(HubHostTest, AppliesAnAnswerInTheTaskThatBringsIt) {
    comesAndSays();
    EXPECT_FALSE(host_->settle());
    EXPECT_FALSE(onHub([this] { return appended(); })) << "it is concluded when answer() returns";
}

TEST_P(HubHostTest, AsksAgainForWhatCouldNotBeRead) {
    comesAndSays();
    EXPECT_FALSE(host_->settle());
    onHub([this] { return appended(); });
    post(CatchUp{kSession, 1, 1});
    EXPECT_FALSE(host_->settle());
    std::promise<void> again;
    onHub([&] {
        const uint64_t ticket = port_.reads.front().first;
        port_.reads.clear();
        port_.onRead = [&again] { again.set_value(); };
        return answer(LogRead{ticket, Error{ErrorCode::Timeout, "it is away"}});
    });
    EXPECT_FALSE(host_->settle());
    EXPECT_EQ(again.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

INSTANTIATE_TEST_SUITE_P(Loops, HubHostTest, ::testing::Values(size_t{1}, size_t{2}));

}  // namespace
}  // namespace netchat::serve::testing
