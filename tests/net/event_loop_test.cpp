#include "modes/net/event_loop.h"

#include <gmock/gmock.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <future>

#include "modes/net/clock.h"
#include "tests/net/loop_testing.h"

namespace netchat::net {
namespace {

using ::testing::ElementsAre;
using testing::runUntil;

struct Pipe {
    int ends[2];
    Pipe() { EXPECT_EQ(pipe(ends), 0); }
    ~Pipe() { close(ends[0]), close(ends[1]); }
    int out() const { return ends[0]; }
    void put() const { EXPECT_EQ(write(ends[1], "x", 1), 1); }
};

class Called : public Watcher {
  public:
    explicit Called(std::function<void()> then = {}) : then_(std::move(then)) {}
    void onReady(uint32_t) override {
        ++times;
        if (then_) then_();
    }
    int times = 0;

  private:
    std::function<void()> then_;
};

TEST(EventLoop, RunsTasksInTheOrderOfPosting) {
    EventLoop loop;
    std::vector<int> seen;
    for (int i = 0; i < 3; ++i) loop.post([&seen, i] { seen.push_back(i); });
    ASSERT_TRUE(runUntil(loop, [&] { return seen.size() == 3; }));
    EXPECT_THAT(seen, ElementsAre(0, 1, 2));
}

TEST(EventLoop, LosesAndReordersNoTaskPostedFromOtherThreads) {
    constexpr int kThreads = 4, kTasks = 2000;
    EventLoop loop;
    std::vector<std::vector<int>> seen(kThreads);
    int total = 0;
    std::vector<std::thread> threads;
    for (size_t t = 0; t < kThreads; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kTasks; ++i)
                loop.post([&, t, i] { seen[t].push_back(i), ++total; });
        });
    }
    EXPECT_TRUE(runUntil(loop, [&] { return total == kThreads * kTasks; }));
    for (auto& thread : threads) thread.join();
    for (const auto& mine : seen) {
        EXPECT_EQ(mine.size(), size_t{kTasks});
        EXPECT_TRUE(std::is_sorted(mine.begin(), mine.end()));
    }
}

TEST(EventLoop, KeepsTheOrderOfATurn) {
    EventLoop loop;
    std::vector<std::string> seen;
    Pipe pipe;
    pipe.put();
    Called reader([&] { seen.emplace_back("ready"), loop.unwatch(pipe.out()); });
    loop.watch(pipe.out(), EPOLLIN, reader);
    loop.after(0, [&] { seen.emplace_back("timer"); });
    loop.post([&] { seen.emplace_back("posted"); });
    loop.onTurnEnd([&] { seen.emplace_back("end"), loop.stop(); });
    loop.run();
    EXPECT_THAT(seen, ElementsAre("ready", "posted", "timer", "end"));
}

TEST(EventLoop, ATaskPostedByATaskRunsInTheNextTurn) {
    EventLoop loop;
    int turns = 0, ranInTurn = -1;
    loop.post([&] { loop.post([&] { ranInTurn = turns; }); });
    loop.onTurnEnd([&] {
        if (++turns == 2) loop.stop();
    });
    loop.run();
    EXPECT_EQ(ranInTurn, 1);
}

TEST(EventLoop, RunsTimersInTheOrderOfTheirMoments) {
    EventLoop loop;
    std::vector<std::string> seen;
    loop.after(20, [&] { seen.emplace_back("20"); });
    loop.after(5, [&] { seen.emplace_back("5, asked first"); });
    loop.after(5, [&] { seen.emplace_back("5, asked second"); });
    ASSERT_TRUE(runUntil(loop, [&] { return seen.size() == 3; }));
    EXPECT_THAT(seen, ElementsAre("5, asked first", "5, asked second", "20"));
}

TEST(EventLoop, RunsNoTimerEarly) {
    EventLoop loop;
    const int64_t asked = loop.nowMs();
    int64_t ran = 0;
    loop.after(30, [&] { ran = loop.nowMs(); });
    ASSERT_TRUE(runUntil(loop, [&] { return ran != 0; }));
    EXPECT_GE(ran, asked + 30);
}

// Whoever holds up a turn for longer than a timer waits.
TEST(EventLoop, RunsATimerThatIsOverdueBeforeItSleeps) {
    EventLoop loop;
    bool ran = false;
    loop.post([&] {
        loop.after(1, [&] { ran = true, loop.stop(); });
        const int64_t until = monotonicMs() + 20;
        while (monotonicMs() < until) {
        }
    });
    // Wakes a loop that would sleep for ever.
    std::promise<void> over;
    std::thread watch([&] {
        if (over.get_future().wait_for(std::chrono::milliseconds(testing::kPatienceMs)) !=
            std::future_status::ready) {
            loop.post([&] { loop.stop(); });
        }
    });
    loop.run();
    EXPECT_TRUE(ran);
    over.set_value();
    watch.join();
}

TEST(EventLoop, DoesNotRunACancelledTimer) {
    EventLoop loop;
    bool cancelledRan = false, over = false;
    EventLoop::TimerId second = 0;
    const auto first = loop.after(1, [&] { loop.cancel(second); });
    second = loop.after(1, [&] { cancelledRan = true; });
    loop.after(2, [&] { loop.cancel(first), loop.cancel(0), over = true; });
    ASSERT_TRUE(runUntil(loop, [&] { return over; }));
    EXPECT_FALSE(cancelledRan);
}

TEST(EventLoop, ATimerThatRenewsItselfAtOnceHoldsUpNobody) {
    EventLoop loop;
    std::function<void()> again = [&] { loop.after(0, again); };
    again();
    bool posted = false;
    std::thread other([&] { loop.post([&] { posted = true; }); });
    EXPECT_TRUE(runUntil(loop, [&] { return posted; }));
    other.join();
}

TEST(EventLoop, DoesNotCallAWatcherThatWasEndedInTheSameTurn) {
    EventLoop loop;
    Pipe one, two;
    one.put(), two.put();
    Called first([&] { loop.unwatch(one.out()), loop.unwatch(two.out()); });
    Called second([&] { loop.unwatch(one.out()), loop.unwatch(two.out()); });
    loop.watch(one.out(), EPOLLIN, first);
    loop.watch(two.out(), EPOLLIN, second);
    ASSERT_TRUE(runUntil(loop, [&] { return first.times + second.times > 0; }));
    EXPECT_EQ(first.times + second.times, 1);
}

TEST(EventLoop, GivesNoEventOfAFormerDescriptorToItsSuccessor) {
    EventLoop loop;
    Pipe one, two, quiet;
    one.put(), two.put();
    Called successor;
    // Whichever is called first replaces the other by a descriptor of the same number.
    const auto replace = [&](int self, int other) {
        loop.unwatch(self), loop.unwatch(other);
        ASSERT_EQ(dup2(quiet.out(), other), other);
        loop.watch(other, EPOLLIN, successor);
    };
    Called first([&] { replace(one.out(), two.out()); });
    Called second([&] { replace(two.out(), one.out()); });
    loop.watch(one.out(), EPOLLIN, first);
    loop.watch(two.out(), EPOLLIN, second);
    ASSERT_TRUE(runUntil(loop, [&] { return first.times + second.times > 0; }));
    EXPECT_EQ(first.times + second.times, 1);
    EXPECT_EQ(successor.times, 0);
    quiet.put();
    ASSERT_TRUE(runUntil(loop, [&] { return successor.times > 0; }));
}

TEST(EventLoop, ReportsOnlyWhatIsWatchedFor) {
    EventLoop loop;
    Pipe pipe;
    pipe.put();
    Called reader([&] { loop.unwatch(pipe.out()); });
    loop.watch(pipe.out(), 0, reader);
    EXPECT_LE(testing::turnsWhileIdle(loop, 20), 3);
    EXPECT_EQ(reader.times, 0);
    loop.rewatch(pipe.out(), EPOLLIN);
    ASSERT_TRUE(runUntil(loop, [&] { return reader.times > 0; }));
}

TEST(EventLoop, WhoReadsLateInATurnThatHasReadMuchReadsLittle) {
    EventLoop loop;
    std::vector<size_t> shares;
    loop.post([&] {
        shares.push_back(loop.readShare());
        loop.countRead(1 << 20);
        shares.push_back(loop.readShare());
        loop.post([&] {
            shares.push_back(loop.readShare());
            loop.stop();
        });
    });
    loop.run();
    EXPECT_THAT(shares, ElementsAre(256 << 10, 16 << 10, 256 << 10));
}

TEST(EventLoop, SleepsWhileNothingHappens) {
    EventLoop loop;
    EXPECT_LE(testing::turnsWhileIdle(loop), 3);
}

TEST(EventLoop, ReturnsAtOnceWhenStoppedBeforehandAndRunsAgain) {
    EventLoop loop;
    loop.stop();
    loop.run();
    bool ran = false;
    loop.post([&] { ran = true; });
    EXPECT_TRUE(runUntil(loop, [&] { return ran; }));
}

TEST(EventLoop, FinishesTheTurnInWhichItIsStopped) {
    EventLoop loop;
    bool hook = false;
    loop.onTurnEnd([&] { hook = true; });
    loop.post([&] { loop.stop(); });
    loop.run();
    EXPECT_TRUE(hook);
}

TEST(LoopThread, RunsTasksOnItsOwnThreadOnly) {
    LoopThread thread;
    std::promise<std::pair<std::thread::id, bool>> promise;
    thread.loop().post([&] {
        promise.set_value({std::this_thread::get_id(), thread.loop().inLoopThread()});
    });
    const auto [id, inside] = promise.get_future().get();
    EXPECT_NE(id, std::this_thread::get_id());
    EXPECT_TRUE(inside);
    EXPECT_FALSE(thread.loop().inLoopThread());
}

TEST(LoopThread, StopsWithoutEverHavingWorked) {
    for (int i = 0; i < 50; ++i) LoopThread thread;
}

}  // namespace
}  // namespace netchat::net
