#include "modes/net/acceptor.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <future>

#include "modes/net/address.h"

namespace netchat::net {
namespace {

using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;
using ::testing::HasSubstr;

// The sockets that an acceptor hands over, one after the other.
class Accepted {
  public:
    Acceptor::Handler handler() {
        return [this](StreamSocket socket) {
            const std::lock_guard lock(mutex_);
            sockets_.push_back(socket);
            changed_.notify_all();
        };
    }
    std::optional<StreamSocket> wait(size_t index = 0) {
        std::unique_lock lock(mutex_);
        const bool came = changed_.wait_for(lock, std::chrono::seconds(10),
                                            [&] { return sockets_.size() > index; });
        if (!came) return std::nullopt;
        return sockets_[index];
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<StreamSocket> sockets_;
};

std::unique_ptr<Acceptor> listenOn(const std::string& host, Accepted& accepted) {
    auto acceptor = Acceptor::bind(SocketAddress(host, 0), accepted.handler());
    if (!acceptor) return nullptr;
    (*acceptor)->start();
    return std::move(*acceptor);
}

TEST(Acceptor, HandsOverSocketsReadyForALoop) {
    Accepted accepted;
    const auto acceptor = listenOn("127.0.0.1", accepted);
    ASSERT_TRUE(acceptor);
    EXPECT_NE(acceptor->address().port(), 0);
    StreamSocket client(acceptor->address());
    auto socket = accepted.wait();
    ASSERT_TRUE(socket);
    const int fd = socket->impl()->sockfd();
    EXPECT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    EXPECT_TRUE(socket->getNoDelay());
    EXPECT_EQ(socket->peerAddress(), client.address());
}

TEST(Acceptor, ServesWhoConnectedBeforeItStarted) {
    Accepted accepted;
    auto acceptor = Acceptor::bind(SocketAddress("127.0.0.1", 0), accepted.handler());
    ASSERT_TRUE(acceptor);
    const StreamSocket client((*acceptor)->address());
    (*acceptor)->start();
    EXPECT_TRUE(accepted.wait());
}

TEST(Acceptor, SharesItsPortWithNobody) {
    Accepted accepted;
    const auto acceptor = listenOn("127.0.0.1", accepted);
    ASSERT_TRUE(acceptor);
    const auto second = Acceptor::bind(acceptor->address(), accepted.handler());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().text,
              "could not listen on " + toText(acceptor->address()) + ": address already in use");
}

TEST(Acceptor, SaysWhyAnAddressCannotBeUsed) {
    Accepted accepted;
    const auto foreign = Acceptor::bind(SocketAddress("192.0.2.1", 0), accepted.handler());
    ASSERT_FALSE(foreign);
    EXPECT_THAT(foreign.error().text, HasSubstr("could not listen on 192.0.2.1:0: cannot assign"));
}

TEST(Acceptor, FreesItsPortWhenStopped) {
    Accepted accepted;
    auto acceptor = listenOn("127.0.0.1", accepted);
    ASSERT_TRUE(acceptor);
    const StreamSocket client(acceptor->address());
    ASSERT_TRUE(accepted.wait());
    acceptor->stop();
    const auto again = Acceptor::bind(acceptor->address(), accepted.handler());
    EXPECT_TRUE(again) << again.error().text;
}

TEST(Acceptor, SharesItsPortWithNobodyOnIPv6) {
    Accepted accepted;
    const auto acceptor = listenOn("::1", accepted);
    if (!acceptor) GTEST_SKIP() << "no IPv6 here";
    const auto second = Acceptor::bind(acceptor->address(), accepted.handler());
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().text, HasSubstr("[::1]:"));
    const StreamSocket client(acceptor->address());
    auto socket = accepted.wait();
    ASSERT_TRUE(socket);
    EXPECT_THAT(toText(socket->peerAddress()), HasSubstr("[::1]:"));
}

TEST(Acceptor, TakesBothFamiliesOnTheIPv6Wildcard) {
    Accepted accepted;
    const auto acceptor = listenOn("::", accepted);
    if (!acceptor) GTEST_SKIP() << "no IPv6 here";
    const StreamSocket client(SocketAddress("127.0.0.1", acceptor->address().port()));
    auto socket = accepted.wait();
    ASSERT_TRUE(socket);
    EXPECT_EQ(toText(socket->peerAddress()), toText(client.address()));
}

TEST(Acceptor, GoesOnAfterDescriptorsRanOut) {
    Accepted accepted;
    const auto acceptor = listenOn("127.0.0.1", accepted);
    ASSERT_TRUE(acceptor);
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    rlimit few = before;
    few.rlim_cur = 200;
    StreamSocket client;
    client.connectNB(SocketAddress("192.0.2.1", 9));  // makes its descriptor
    client.close();
    setrlimit(RLIMIT_NOFILE, &few);
    std::vector<int> fillers;
    for (int fd = open("/dev/null", O_RDONLY); fd >= 0; fd = open("/dev/null", O_RDONLY)) {
        fillers.push_back(fd);
    }
    EXPECT_EQ(errno, EMFILE);
    close(fillers.back());
    fillers.pop_back();
    client.connect(acceptor->address());
    for (const int fd : fillers) close(fd);
    setrlimit(RLIMIT_NOFILE, &before);
    // That one was closed, or was early enough to be taken; whoever comes now is.
    const StreamSocket next(acceptor->address());
    EXPECT_TRUE(accepted.wait());
}

}  // namespace
}  // namespace netchat::net
