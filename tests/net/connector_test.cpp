#include "modes/net/connector.h"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <memory>
#include <optional>

#include "modes/net/address.h"
#include "tests/net/loop_testing.h"

namespace netchat::net {
namespace {

using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;
using testing::runUntil;

class ConnectorTest : public ::testing::Test {
  protected:
    void connectTo(const SocketAddress& address, int64_t timeoutMs = 5000) {
        connector_ = std::make_unique<Connector>(
            loop_, address, timeoutMs,
            [this](Result<StreamSocket> result) { outcome_ = std::move(result); });
    }
    bool finished() {
        return runUntil(loop_, [this] { return outcome_.has_value(); });
    }

    EventLoop loop_;
    std::optional<Result<StreamSocket>> outcome_;
    std::unique_ptr<Connector> connector_;
};

SocketAddress loopback(uint16_t port = 0) {
    return SocketAddress("127.0.0.1", port);
}

// An address on which nobody listens, at least for now.
SocketAddress deadAddress() {
    ServerSocket server(loopback());
    return server.address();
}

TEST_F(ConnectorTest, GivesASocketReadyForALoop) {
    ServerSocket server(loopback());
    connectTo(server.address());
    EXPECT_FALSE(outcome_);
    ASSERT_TRUE(finished());
    ASSERT_TRUE(*outcome_) << outcome_->error().text;
    auto& socket = **outcome_;
    const int fd = socket.impl()->sockfd();
    EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    EXPECT_TRUE(socket.getNoDelay());
    connector_.reset();
    StreamSocket accepted = server.acceptConnection();
    EXPECT_EQ(socket.sendBytes("x", 1), 1);
    char byte = 0;
    EXPECT_EQ(accepted.receiveBytes(&byte, 1), 1);
}

TEST_F(ConnectorTest, SaysThatItWasRefused) {
    const auto address = deadAddress();
    connectTo(address);
    EXPECT_FALSE(outcome_);
    ASSERT_TRUE(finished());
    ASSERT_FALSE(*outcome_);
    EXPECT_EQ(outcome_->error().text,
              "could not connect to " + toText(address) + ": connection refused");
}

TEST_F(ConnectorTest, TellsFromTheLoopWhatFailsAtOnce) {
    // Port 0 on a broadcast address: refused by the kernel before anything is sent.
    connectTo(SocketAddress("255.255.255.255", 1));
    EXPECT_FALSE(outcome_);
    ASSERT_TRUE(finished());
    EXPECT_FALSE(*outcome_);
}

// A listener whose queue is full lets connections wait.
class FullListener {
  public:
    FullListener() {
        server_.bind(loopback(), true, false);
        server_.listen(0);
        for (auto& socket : waiting_) socket.connectNB(server_.address());
    }
    SocketAddress address() const { return server_.address(); }

  private:
    ServerSocket server_;
    StreamSocket waiting_[4];
};

TEST_F(ConnectorTest, TimesOut) {
    const FullListener full;
    connectTo(full.address(), 30);
    ASSERT_TRUE(finished());
    ASSERT_FALSE(*outcome_);
    EXPECT_EQ(outcome_->error().code, ErrorCode::Timeout);
    EXPECT_EQ(outcome_->error().text,
              "could not connect to " + toText(full.address()) + ": connection timed out");
}

TEST_F(ConnectorTest, GivesUpSilentlyWhenDestroyed) {
    const FullListener full;
    connectTo(full.address(), 5);
    connector_.reset();
    EXPECT_LE(testing::turnsWhileIdle(loop_, 20), 3);
    EXPECT_FALSE(outcome_);
}

TEST_F(ConnectorTest, MayBeDestroyedInItsOwnCallback) {
    for (const auto& address : {deadAddress(), SocketAddress("255.255.255.255", 1)}) {
        bool called = false;
        connector_ = std::make_unique<Connector>(loop_, address, 5000, [&](const auto&) {
            connector_.reset();
            called = true;
        });
        ASSERT_TRUE(runUntil(loop_, [&] { return called; }));
    }
}

TEST_F(ConnectorTest, IsQuietAfterItsOutcome) {
    ServerSocket server(loopback());
    connectTo(server.address(), 10);
    ASSERT_TRUE(finished());
    ASSERT_TRUE(*outcome_);
    EXPECT_LE(testing::turnsWhileIdle(loop_, 30), 3);
    EXPECT_TRUE(*outcome_);
}

}  // namespace
}  // namespace netchat::net
