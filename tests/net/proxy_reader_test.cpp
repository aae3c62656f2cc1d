#include "modes/net/proxy_reader.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>

#include "tests/net/loop_testing.h"

namespace netchat::net {
namespace {

using ::testing::HasSubstr;
using testing::runUntil;
using testing::SocketPair;
using testing::turnsWhileIdle;

const std::string kHeader("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\xC0\0\2\7\xC0\0\2\1\x9C\xB0\x17\xE9",
                          28);

class ProxyReaderTest : public ::testing::Test {
  protected:
    void await(int64_t withinMs = testing::kPatienceMs) {
        reader_.await(pair_.ours, pair_.ours.peerAddress(), withinMs);
    }
    void send(const std::string& bytes) {
        pair_.theirs.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
    }
    bool waits(size_t count) {
        return runUntil(loop_, [&] { return reader_.waiting() == count; });
    }
    bool hasOutcome() {
        return runUntil(loop_, [&] { return outcome_.has_value(); });
    }
    std::string refusal() {
        EXPECT_TRUE(hasOutcome());
        return outcome_->header ? "" : outcome_->header.error().text;
    }

    EventLoop loop_;
    SocketPair pair_;
    std::optional<ProxyReader::Outcome> outcome_;
    ProxyReader reader_{loop_, [this](const ProxyReader::Outcome& outcome) { outcome_ = outcome; }};
};

TEST_F(ProxyReaderTest, TakesTheHeaderAndNothingBehindIt) {
    send(kHeader + "21        netchat/2");
    await();
    ASSERT_TRUE(hasOutcome());
    ASSERT_TRUE(outcome_->header);
    EXPECT_EQ(outcome_->header->client->toString(), "192.0.2.7:40112");
    EXPECT_EQ(outcome_->peer, pair_.ours.peerAddress());
    EXPECT_EQ(reader_.waiting(), 0U);
    char rest[64] = {};
    const int got = outcome_->socket.receiveBytes(rest, sizeof rest);
    EXPECT_EQ(std::string(rest, static_cast<size_t>(got)), "21        netchat/2");
}

TEST_F(ProxyReaderTest, WaitsForEachByteAndDoesNotSpin) {
    await();
    ASSERT_TRUE(waits(1));
    for (const char byte : kHeader) {
        EXPECT_FALSE(outcome_);
        send(std::string(1, byte));
        EXPECT_LE(turnsWhileIdle(loop_, 2), 6);
    }
    ASSERT_TRUE(hasOutcome());
    EXPECT_TRUE(outcome_->header);
}

TEST_F(ProxyReaderTest, RefusesAtTheFirstWrongByte) {
    await();
    send("2");
    EXPECT_THAT(refusal(), HasSubstr("no PROXY header"));
    EXPECT_FALSE(outcome_->silent);
    EXPECT_EQ(reader_.waiting(), 0U);
}

TEST_F(ProxyReaderTest, GivesAHeaderItsTimeAndNoMore) {
    await(20);
    send(kHeader.substr(0, 20));
    EXPECT_THAT(refusal(), HasSubstr("no complete PROXY header arrived within 1 seconds"));
    EXPECT_FALSE(outcome_->silent);
    EXPECT_EQ(reader_.waiting(), 0U);
}

TEST_F(ProxyReaderTest, WhoSaysNothingInTimeIsNotSilentlyDropped) {
    await(20);
    EXPECT_THAT(refusal(), HasSubstr("no complete PROXY header"));
    EXPECT_FALSE(outcome_->silent);
}

TEST_F(ProxyReaderTest, TellsWhoEndsInTheMiddleFromWhoOnlyLooks) {
    await();
    send(kHeader.substr(0, 5));
    pair_.theirs.shutdownSend();
    EXPECT_THAT(refusal(), HasSubstr("ended before its PROXY header was complete"));
    EXPECT_FALSE(outcome_->silent);

    SocketPair other;
    outcome_.reset();
    reader_.await(other.ours, other.ours.peerAddress(), testing::kPatienceMs);
    other.theirs.shutdownSend();
    EXPECT_THAT(refusal(), HasSubstr("ended before"));
    EXPECT_TRUE(outcome_->silent);
}

TEST_F(ProxyReaderTest, AResetIsAnEnd) {
    await();
    ASSERT_TRUE(waits(1));
    pair_.resetTheirs();
    EXPECT_THAT(refusal(), HasSubstr("reset"));
    EXPECT_TRUE(outcome_->silent);
}

TEST_F(ProxyReaderTest, ItsEndClosesThoseWhoWait) {
    std::optional<ProxyReader> reader;
    reader.emplace(loop_, [](const ProxyReader::Outcome&) { FAIL(); });
    reader->await(pair_.ours, pair_.ours.peerAddress(), testing::kPatienceMs);
    ASSERT_TRUE(runUntil(loop_, [&] { return reader->waiting() == 1; }));
    reader.reset();
    pair_.ours = Poco::Net::StreamSocket();
    EXPECT_EQ(pair_.receive(1), "");
}

}  // namespace
}  // namespace netchat::net
