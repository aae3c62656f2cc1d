#include "modes/net/tcp_options.h"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

namespace netchat::net {
namespace {

int optionOf(int fd, int option) {
    int value = -1;
    socklen_t size = sizeof value;
    EXPECT_EQ(::getsockopt(fd, IPPROTO_TCP, option, &value, &size), 0);
    return value;
}

class TcpOptions : public ::testing::Test {
  protected:
    TcpOptions() : listener_(Poco::Net::SocketAddress("127.0.0.1", 0)) {
        setTcpOptions(listener_.impl()->sockfd());
        giveUpWithin(listener_.impl()->sockfd(), 120'000);
        client_.connect(listener_.address());
        server_ = listener_.acceptConnection();
    }
    int fd() const { return server_.impl()->sockfd(); }

    Poco::Net::ServerSocket listener_;
    Poco::Net::StreamSocket client_, server_;
};

TEST_F(TcpOptions, AreHandedDownToThoseThatAreAccepted) {
    EXPECT_EQ(optionOf(fd(), TCP_USER_TIMEOUT), 60'000);
    EXPECT_EQ(optionOf(fd(), TCP_KEEPIDLE), 30);
    EXPECT_EQ(optionOf(fd(), TCP_KEEPINTVL), 10);
    EXPECT_EQ(optionOf(fd(), TCP_KEEPCNT), 4);
    EXPECT_EQ(optionOf(fd(), TCP_NODELAY), 1);
}

TEST_F(TcpOptions, APeerThatReadsNothingIsWaitedForWhileItsMachineAnswers) {
    EXPECT_TRUE(allDelivered(fd()));
    const std::string much(1 << 20, 'x');
    while (::send(fd(), much.data(), much.size(), MSG_DONTWAIT) > 0) {
    }
    EXPECT_FALSE(allDelivered(fd()));
    // The patience that is left is never less than three quarters of what it was.
    tcp_info info{};
    socklen_t size = sizeof info;
    while (info.tcpi_last_data_sent < 100) {
        ASSERT_EQ(::getsockopt(fd(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
        ::poll(nullptr, 0, 1);
    }
    excuseSlowPeer(fd(), 200);
    EXPECT_GE(optionOf(fd(), TCP_USER_TIMEOUT), 100);
    endExcuse(fd(), 120'000);
    EXPECT_EQ(optionOf(fd(), TCP_USER_TIMEOUT), 60'000);
}

}  // namespace
}  // namespace netchat::net
