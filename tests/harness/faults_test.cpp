// Each fault by itself: what it lets pass when, and through the proxy what both sides notice of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocket.h>

#include <future>
#include <set>

#include "harness/faults/catalogue.h"
#include "harness/faults/meter.h"
#include "harness/faults/proxy.h"
#include "protocol/message.h"

namespace netchat::harness {
namespace {

using Poco::Net::StreamSocket;
using After = Fault::After;

// ---- rulings

FaultStep step(const FaultType& type, uint64_t bytes = 0, int64_t forMs = 1000,
               int64_t amountMs = 0) {
    return {.type = &type, .bytes = bytes, .amountMs = amountMs, .forMs = forMs, .seed = 5};
}

// Begun at 0.
std::unique_ptr<Fault> begin(const FaultType& type, uint64_t bytes = 0, int64_t forMs = 1000,
                             int64_t amountMs = 0) {
    return type.begin(step(type, bytes, forMs, amountMs), 0);
}

TEST(Delay, LetsEachByteLeaveAfterItsTime) {
    const auto delay = begin(faults::kDelay, 0, 1000, 100);
    delay->arrived(10, 0);
    delay->arrived(5, 60);
    EXPECT_EQ(delay->rule(15, 99).pass, 0U);
    EXPECT_EQ(delay->rule(15, 99).againInMs, 1);
    EXPECT_EQ(delay->rule(15, 100).pass, 10U);
    delay->passed(10);
    EXPECT_EQ(delay->rule(5, 159).pass, 0U);
    EXPECT_EQ(delay->rule(5, 160).pass, 5U);
}

TEST(Delay, IsOverAtItsEnd) {
    const auto delay = begin(faults::kDelay, 0, 50, 100);
    delay->arrived(10, 20);
    EXPECT_EQ(delay->rule(10, 30).againInMs, 20);
    EXPECT_EQ(delay->rule(10, 50).act, After::Over);
}

TEST(Jitter, ChangesTheLatenessAndKeepsTheOrder) {
    const auto jitter = begin(faults::kJitter, 0, 100'000, 50);
    for (int i = 0; i < 50; ++i) jitter->arrived(1, i);
    std::set<int64_t> when;
    size_t left = 50;
    for (int64_t now = 0; now <= 100; ++now) {
        const size_t pass = jitter->rule(left, now).pass;
        jitter->passed(pass);
        left -= pass;
        if (pass > 0) when.insert(now);
    }
    EXPECT_EQ(left, 0U);
    EXPECT_GT(when.size(), 1U);
}

TEST(Throttle, LetsSoManyBytesPassEachSecond) {
    const auto throttle = begin(faults::kThrottle, 10'000, 2000);
    size_t passed = 0;
    for (int64_t now = 0; now < 1000; now += 5) {
        const size_t pass = throttle->rule(100'000, now).pass;
        throttle->passed(pass);
        passed += pass;
    }
    EXPECT_GT(passed, 9'000U);
    EXPECT_LE(passed, 10'000U);
    EXPECT_EQ(throttle->rule(1, 2000).act, After::Over);
}

TEST(Throttle, DoesNotSaveUpForABurst) {
    const auto throttle = begin(faults::kThrottle, 10'000, 5000);
    EXPECT_LE(throttle->rule(100'000, 3000).pass, 110U);
}

TEST(Slice, LetsOneBytePassATime) {
    const auto slice = begin(faults::kSlice, 3);
    EXPECT_EQ(slice->rule(10, 1).pass, 1U);
    slice->passed(1);
    EXPECT_EQ(slice->rule(9, 1).pass, 0U);
    EXPECT_EQ(slice->rule(9, 2).pass, 1U);
    slice->passed(2);
    EXPECT_EQ(slice->rule(7, 3).act, After::Over);
}

TEST(Endings, LetTheirBytesPassFirst) {
    for (const auto& [type, act] : {std::pair{&faults::kCut, After::Close},
                                    {&faults::kReset, After::Reset},
                                    {&faults::kHalfOpen, After::Swallow}}) {
        const auto ending = begin(*type, 7);
        EXPECT_EQ(ending->rule(10, 0).pass, 7U);
        EXPECT_EQ(ending->rule(10, 0).act, After::Pass);
        ending->passed(7);
        EXPECT_EQ(ending->rule(3, 0).act, act);
        EXPECT_EQ(ending->rule(3, 0).pass, 0U);
    }
}

TEST(Endings, DoNotWaitForBytesThatDoNotCome) {
    const auto cut = begin(faults::kCut, 7, 200);
    EXPECT_EQ(cut->rule(0, 50).againInMs, 150);
    EXPECT_EQ(cut->rule(0, 200).act, After::Close);
}

TEST(Stall, ReadsNothingForAWhile) {
    const auto stall = begin(faults::kStall, 0, 300);
    EXPECT_FALSE(stall->rule(10, 0).reading);
    EXPECT_EQ(stall->rule(10, 0).pass, 0U);
    EXPECT_EQ(stall->rule(10, 300).act, After::Over);
}

// ---- through the proxy: a bot on one side, a server on the other, the loop between them

class ThroughTheProxy : public testing::Test {
  protected:
    ThroughTheProxy() : listener_(Poco::Net::SocketAddress("127.0.0.1", 0)) {
        onLoop([this] {
            proxy_ = std::move(
                *Proxy::create(loop_.loop(), 1, {"127.0.0.1", listener_.address().port()}, false));
            address_ = proxy_->address(0);
        });
        connect();
    }
    ~ThroughTheProxy() override {
        onLoop([this] { proxy_.reset(); });
    }
    void connect() {
        bot_ = StreamSocket(Poco::Net::SocketAddress(address_.host, address_.port));
        server_ = listener_.acceptConnection();
        for (StreamSocket* socket : {&bot_, &server_}) {
            socket->setReceiveTimeout(Poco::Timespan(10, 0));
            socket->setNoDelay(true);
        }
    }
    template <class Task>
    void onLoop(Task task) {
        std::promise<void> done;
        loop_.loop().post([&] {
            task();
            done.set_value();
        });
        done.get_future().wait();
    }
    void apply(const FaultType& type, uint64_t bytes, Direction direction = Direction::Up,
               int64_t forMs = 60'000) {
        FaultStep one = step(type, bytes, forMs, 20);
        one.direction = direction;
        onLoop([&] { proxy_->apply(one); });
    }
    static std::string read(StreamSocket& from, size_t size) {
        std::string out(size, '\0');
        size_t have = 0;
        while (have < size) {
            const int got = from.receiveBytes(out.data() + have, static_cast<int>(size - have));
            if (got <= 0) break;
            have += static_cast<size_t>(got);
        }
        out.resize(have);
        return out;
    }
    static void write(StreamSocket& to, const std::string& bytes) {
        to.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
    }
    // There and back again.
    std::string echo(const std::string& bytes) {
        write(bot_, bytes);
        write(server_, read(server_, bytes.size()));
        return read(bot_, bytes.size());
    }

    net::LoopThread loop_;
    Poco::Net::ServerSocket listener_;
    std::unique_ptr<Proxy> proxy_;
    net::HostPort address_;
    StreamSocket bot_, server_;
};

TEST_F(ThroughTheProxy, EverythingPasses) {
    const std::string bytes(100'000, 'x');
    EXPECT_EQ(echo(bytes), bytes);
    bot_.shutdownSend();
    EXPECT_EQ(read(server_, 1), "");
    write(server_, "last words");
    server_.shutdownSend();
    EXPECT_EQ(read(bot_, 100), "last words");
}

TEST_F(ThroughTheProxy, WhatIsOnlyLateComesWholeAndInOrder) {
    for (const FaultType* type : {&faults::kDelay, &faults::kJitter, &faults::kSlice}) {
        for (const Direction direction : {Direction::Up, Direction::Down}) {
            apply(*type, 50, direction);
            EXPECT_EQ(echo("one two three"), "one two three");
            onLoop([this] { proxy_->clear(); });
        }
    }
    apply(faults::kThrottle, 100'000, Direction::Up, 50);
    EXPECT_EQ(echo(std::string(5'000, 'y')), std::string(5'000, 'y'));
}

TEST_F(ThroughTheProxy, ACutEndsBothSidesAfterSoManyBytes) {
    apply(faults::kCut, 4);
    write(bot_, "12345678");
    EXPECT_EQ(read(server_, 100), "1234");
    EXPECT_EQ(read(bot_, 1), "");
    connect();
    EXPECT_EQ(echo("again"), "again");
}

TEST_F(ThroughTheProxy, AResetIsOneOnBothSides) {
    apply(faults::kReset, 4, Direction::Down);
    write(server_, "12345678");
    EXPECT_THROW(
        {
            read(bot_, 100);
            read(bot_, 1);
        },
        Poco::Net::ConnectionResetException);
    EXPECT_THROW(read(server_, 1), Poco::Net::ConnectionResetException);
}

TEST_F(ThroughTheProxy, HalfOpenTellsNobody) {
    apply(faults::kHalfOpen, 4);
    write(bot_, "12345678");
    EXPECT_EQ(read(server_, 4), "1234");
    write(server_, "nobody hears this");
    write(bot_, "nor this");
    StreamSocket deadBot = bot_, deadServer = server_;
    connect();
    EXPECT_EQ(echo("a new connection works"), "a new connection works");
    deadBot.setReceiveTimeout(Poco::Timespan(0, 20'000));
    deadServer.setReceiveTimeout(Poco::Timespan(0, 20'000));
    EXPECT_THROW(read(deadBot, 1), Poco::TimeoutException);
    deadBot.close();
    EXPECT_THROW(read(deadServer, 1), Poco::TimeoutException);
}

TEST_F(ThroughTheProxy, AStallMakesTheSenderWait) {
    apply(faults::kStall, 0, Direction::Down);
    const std::string piece(1 << 20, 'z');
    size_t sent = 0;
    for (ssize_t got = 0; (got = ::send(server_.impl()->sockfd(), piece.data(), piece.size(),
                                        MSG_DONTWAIT | MSG_NOSIGNAL)) > 0;) {
        sent += static_cast<size_t>(got);
        ASSERT_LT(sent, 100U << 20) << "nobody stops the sender";
    }
    EXPECT_EQ(bot_.available(), 0);
    onLoop([this] { proxy_->clear(); });
    EXPECT_EQ(read(bot_, sent).size(), sent);
}

TEST_F(ThroughTheProxy, AStepWaitsForTheNextConnection) {
    bot_.close();
    EXPECT_EQ(read(server_, 1), "");
    server_.close();
    // The link is gone when both are.
    for (bool gone = false; !gone;) onLoop([&] { gone = !proxy_->hasConnection(0); });
    apply(faults::kCut, 4);
    connect();
    write(bot_, "12345678");
    EXPECT_EQ(read(server_, 100), "1234");
}

TEST_F(ThroughTheProxy, WithoutAServerTheConnectionEnds) {
    listener_.close();
    StreamSocket bot(Poco::Net::SocketAddress(address_.host, address_.port));
    bot.setReceiveTimeout(Poco::Timespan(10, 0));
    EXPECT_THROW(read(bot, 1), Poco::Net::ConnectionResetException);
}

TEST_F(ThroughTheProxy, AStepThatWaitsIsForgottenWhenAllFaultsAreOver) {
    bot_.close();
    EXPECT_EQ(read(server_, 1), "");
    server_.close();
    for (bool gone = false; !gone;) onLoop([&] { gone = !proxy_->hasConnection(0); });
    apply(faults::kCut, 4);
    onLoop([this] { proxy_->clear(); });
    connect();
    EXPECT_EQ(echo("12345678"), "12345678");
}

TEST_F(ThroughTheProxy, SaysWhichFaultsBegin) {
    std::vector<std::string> begun;
    onLoop([&] {
        proxy_->onApplied([&](const FaultStep& one) { begun.emplace_back(one.type->name); });
    });
    apply(faults::kSlice, 1);
    apply(faults::kCut, 4, Direction::Down);
    EXPECT_THAT(begun, testing::ElementsAre("slice", "cut"));
}

// Whoever ends a connection by a reset means the other side, too.
TEST_F(ThroughTheProxy, AResetOfOneSidePasses) {
    EXPECT_EQ(echo("both sides are there"), "both sides are there");
    bot_.setLinger(true, 0);
    bot_.close();
    EXPECT_THROW(read(server_, 1), Poco::Net::ConnectionResetException);
}

TEST_F(ThroughTheProxy, TheStrictestOfItsFaultsCounts) {
    apply(faults::kCut, 6);
    apply(faults::kSlice, 400);
    write(bot_, "12345678");
    EXPECT_EQ(read(server_, 100), "123456");
    EXPECT_EQ(read(bot_, 1), "");
}

TEST_F(ThroughTheProxy, OnlyAMeteredOneLooksAtFiles) {
    std::string frame;
    v2::encode(frame, v2::Data{.sha256 = std::string(64, 'a'), .off = 0, .bytes = "12345"});
    EXPECT_EQ(echo(frame), frame);
    onLoop([this] { EXPECT_TRUE(proxy_->meter(0).transfers().empty()); });
    onLoop([this] {
        proxy_ = std::move(
            *Proxy::create(loop_.loop(), 1, {"127.0.0.1", listener_.address().port()}, true));
        address_ = proxy_->address(0);
    });
    for (int times = 1; times <= 2; ++times) {
        connect();
        EXPECT_EQ(echo(frame), frame);
        onLoop([&] {
            const auto& transfers = proxy_->meter(0).transfers();
            ASSERT_EQ(transfers.size(), 1U);
            EXPECT_EQ(transfers.begin()->second.reached, 5U);
            EXPECT_EQ(transfers.begin()->second.connections, static_cast<unsigned>(times));
        });
    }
}

// ---- the meter

struct Metered : testing::Test {
    void up(const std::string& bytes) { meter.bytes(Direction::Up, bytes); }
    void down(const std::string& bytes) { meter.bytes(Direction::Down, bytes); }
    void offer() {
        meter.connectionBegins();
        std::string frame;
        v2::encode(frame,
                   v2::Offer{.room = "r", .id = "5", .name = "f", .size = 100, .sha256 = sha});
        up(frame);
    }
    void accept(uint64_t transfer, uint64_t at) {
        std::string frame;
        v2::encode(frame, v2::Accept{.id = "5", .transfer = transfer, .at = at});
        down(frame);
    }
    std::string data(uint64_t transfer, uint64_t off, size_t size) {
        std::string frame;
        const std::string bytes(size, 'b');
        v2::encode(frame, v2::Data{.transfer = transfer, .off = off, .bytes = bytes});
        return frame;
    }
    const std::string sha = std::string(64, 'a');
    Meter meter;
};

TEST_F(Metered, CountsWhatIsSentAgain) {
    offer();
    accept(1, 0);
    up(data(1, 0, 40) + data(1, 40, 20));
    offer();
    accept(2, 50);
    const std::string rest = data(2, 50, 50);
    up(rest.substr(0, 3));
    up(rest.substr(3));
    const auto& transfer = meter.transfers().at({sha, Direction::Up});
    EXPECT_EQ(transfer.reached, 100U);
    EXPECT_EQ(transfer.again, 10U);
    EXPECT_EQ(transfer.connections, 2U);
}

}  // namespace
}  // namespace netchat::harness
