#include "modes/net/acceptor.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <fcntl.h>

#include "modes/net/address.h"
#include "modes/net/os_error.h"

namespace netchat::net {

namespace {

using Poco::Net::StreamSocket;

// With the default of 64, a rush of clients is "connected" and unserved for seconds.
constexpr int kBacklog = 4096;

void closeOnExec(Poco::Net::Socket& socket) {
    const int fd = socket.impl()->sockfd();
    fcntl(fd, F_SETFD, fcntl(fd, F_GETFD) | FD_CLOEXEC);
}

// Takes every socket and lets TCPServer have none.
class TakeAll : public Poco::Net::TCPServerConnectionFilter {
  public:
    explicit TakeAll(Acceptor::Handler handler) : handler_(std::move(handler)) {}

    bool accept(const StreamSocket& accepted) override {
        try {
            StreamSocket socket(accepted);
            closeOnExec(socket);
            socket.setNoDelay(true);
            socket.setBlocking(false);
            handler_(socket);
        } catch (const Poco::Exception&) {
            // A peer that is gone already: its socket closes here.
        }
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
                                                 Handler handler) {
    try {
        Poco::Net::ServerSocket socket;
        // Never SO_REUSEPORT: with it a second server would share a live port without an error.
        if (address.family() == Poco::Net::AddressFamily::IPv6) {
            socket.bind6(address, true, false, false);
        } else {
            socket.bind(address, true, false);
        }
        socket.listen(kBacklog);
        closeOnExec(socket);
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

void Acceptor::start() {
    server_->start();
}

void Acceptor::stop() {
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
