#include "modes/net/acceptor.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/ServerSocketImpl.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "modes/net/address.h"
#include "modes/net/clock.h"
#include "modes/net/os_error.h"
#include "modes/net/tcp_options.h"

namespace netchat::net {

namespace {

using Poco::Net::StreamSocket;

// With the default of 64, a rush of clients is "connected" and unserved for seconds.
constexpr int kBacklog = 4096;

// While not even the spare descriptor is to be had, it is looked again after so long.
constexpr int kFullMs = 50;
// It is over when there were descriptors for so long.
constexpr int kOverMs = 1000;

bool lacksDescriptors(int error) {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

// What TCPServer accepts by: a connection costs one call while there are more of them, a listener
// at rest costs nothing. (SocketImpl's poll() makes and drops an epoll instance each time, and
// TCPServer looks four times a second whether it was stopped.)
class ListeningSocketImpl : public Poco::Net::ServerSocketImpl {
  public:
    explicit ListeningSocketImpl(Acceptor::OnFull onFull)
        : onFull_(std::move(onFull)), stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
        if (stop_ < 0) throw Poco::IOException("no descriptor is left to stop listening by");
        takeSpare();
    }

    void stop() const {
        const uint64_t one = 1;
        [[maybe_unused]] const auto written = write(stop_, &one, sizeof one);
    }

    // True when a connection was taken; false, whatever the timeout, only after stop().
    bool poll(const Poco::Timespan&, int) override {
        for (;;) {
            pollfd watched[] = {{stop_, POLLIN, 0}, {sockfd(), POLLIN, 0}};
            taken_ = accept4(sockfd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            const bool full = taken_ < 0 && lacksDescriptors(errno);
            full ? wasFull() : lookWhetherOver();
            if (taken_ >= 0) return true;
            if (full && refuseOne()) continue;
            ::poll(watched, full ? 1 : 2, full ? kFullMs : fullAtMs_ != 0 ? kOverMs : -1);
            if (watched[0].revents != 0) return false;
        }
    }
    Poco::Net::SocketImpl* acceptConnection(Poco::Net::SocketAddress&) override {
        return new Poco::Net::StreamSocketImpl(std::exchange(taken_, -1));
    }

  protected:
    ~ListeningSocketImpl() override {
        if (taken_ >= 0) ::close(taken_);
        if (spare_ >= 0) ::close(spare_);
        ::close(stop_);
    }

  private:
    void tell(Acceptor::Full what) {
        if (onFull_) onFull_(what);
    }
    void wasFull() {
        if (std::exchange(fullAtMs_, monotonicMs()) == 0) tell(Acceptor::Full::Begins);
    }
    void lookWhetherOver() {
        if (fullAtMs_ == 0 || monotonicMs() - fullAtMs_ < kOverMs) return;
        if (spare_ < 0) takeSpare();
        if (spare_ < 0) return;
        fullAtMs_ = 0;
        tell(Acceptor::Full::Over);
    }

    void takeSpare() { spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

    // Whoever waits is better told at once than left to wait: the spare descriptor is for that.
    bool refuseOne() {
        if (spare_ < 0) {
            takeSpare();
            return false;
        }
        ::close(std::exchange(spare_, -1));
        const int refused = accept4(sockfd(), nullptr, nullptr, SOCK_CLOEXEC);
        if (refused >= 0) ::close(refused);
        takeSpare();
        if (refused >= 0) tell(Acceptor::Full::Closed);
        return refused >= 0;
    }

    Acceptor::OnFull onFull_;
    int64_t fullAtMs_ = 0;  // when there was none last; 0: that is over
    int stop_;
    int spare_ = -1;
    int taken_ = -1;
};

class ListeningSocket : public Poco::Net::ServerSocket {
  public:
    explicit ListeningSocket(Acceptor::OnFull onFull)
        : ServerSocket(new ListeningSocketImpl(std::move(onFull)), true) {}
};

void makeReady(int fd) {
    fcntl(fd, F_SETFD, fcntl(fd, F_GETFD) | FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setTcpOptions(fd);
}

// Takes every socket and lets TCPServer have none.
class TakeAll : public Poco::Net::TCPServerConnectionFilter {
  public:
    explicit TakeAll(Acceptor::Handler handler) : handler_(std::move(handler)) {}

    bool accept(const StreamSocket& accepted) override {
        handler_(accepted);
        return false;
    }

  private:
    Acceptor::Handler handler_;
};

// TCPServer wants a factory; with the filter above it never uses it.
class NoConnections : public Poco::Net::TCPServerConnectionFactory {
  public:
    Poco::Net::TCPServerConnection* createConnection(const StreamSocket&) override {
        return nullptr;
    }
};

}  // namespace

Result<std::unique_ptr<Acceptor>> Acceptor::bind(const Poco::Net::SocketAddress& address,
                                                 Handler handler, OnFull onFull,
                                                 Listening listening) {
    try {
        ListeningSocket socket(std::move(onFull));
        // Never SO_REUSEPORT: with it a second server would share a live port without an error.
        if (address.family() == Poco::Net::AddressFamily::IPv6) {
            socket.bind6(address, true, false, false);
        } else {
            socket.bind(address, true, false);
        }
        if (listening == Listening::AtOnce) socket.listen(kBacklog);
        makeReady(socket.impl()->sockfd());
        return std::unique_ptr<Acceptor>(new Acceptor(socket, std::move(handler)));
    } catch (const Poco::Exception& exception) {
        return osError("could not listen on " + toText(address), exception);
    }
}

Acceptor::Acceptor(const Poco::Net::ServerSocket& socket, Handler handler)
    : socket_(socket),
      address_(socket.address()),
      server_(std::make_unique<Poco::Net::TCPServer>(new NoConnections, socket)) {
    server_->setConnectionFilter(new TakeAll(std::move(handler)));
}

Acceptor::~Acceptor() {
    stop();
}

Status Acceptor::listen() {
    try {
        socket_.listen(kBacklog);
        return Ok{};
    } catch (const Poco::Exception& exception) {
        return osError("could not listen on " + toText(address_), exception);
    }
}

void Acceptor::giveUpWithin(int64_t ms) {
    net::giveUpWithin(socket_.impl()->sockfd(), ms);
}

void Acceptor::start() {
    server_->start();
}

void Acceptor::stop() {
    static_cast<ListeningSocketImpl*>(socket_.impl())->stop();
    server_->stop();
    socket_.close();
}

Poco::Net::SocketAddress Acceptor::address() const {
    return address_;
}

}  // namespace netchat::net

#ifdef __SANITIZE_THREAD__
// The acceptor's thread may be the last to release a socket that a loop has closed. POCO counts
// references atomically, but in a library that ThreadSanitizer does not see into.
extern "C" const char* __tsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
const char* __tsan_default_suppressions() {            // NOLINT(bugprone-reserved-identifier)
    return "race:Poco::Net::TCPServer::run\n";
}
#endif
