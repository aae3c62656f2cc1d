#include "harness/bench/bare_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "modes/net/address.h"
#include "modes/net/os_error.h"

namespace netchat::harness {

namespace {

constexpr size_t kPerSource = 5000;  // of the 28,000 ports that an address has
constexpr uint32_t kLoopbackNet = 127;
constexpr uint32_t kEvents = EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLET;

// 127.0.0.1, 127.0.0.2 and so on, towards 127.x.x.x.
bool bindToSource(int fd, const Poco::Net::SocketAddress& server, size_t number) {
    if (server.family() != Poco::Net::SocketAddress::IPv4) return true;
    const auto* const target = reinterpret_cast<const sockaddr_in*>(server.addr());
    if (ntohl(target->sin_addr.s_addr) >> 24 != kLoopbackNet) return true;
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<uint32_t>(number / kPerSource));
    const int one = 1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    return bind(fd, reinterpret_cast<sockaddr*>(&source), sizeof source) == 0;
}

}  // namespace

void BareSocket::connect(const Poco::Net::SocketAddress& server, size_t number) {
    state_ = State::Connecting;
    fd_ = socket(server.af(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int one = 1;
    const bool good = fd_ >= 0 &&
                      setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 &&
                      bindToSource(fd_, server, number) &&
                      (::connect(fd_, server.addr(), server.length()) == 0 || errno == EINPROGRESS);
    if (!good) {
        // Told from the loop, as every outcome is.
        loop_.post([this, error = errno] { fail(error); });
        return;
    }
    loop_.watch(fd_, kEvents, *this);
}

void BareSocket::connect(const Poco::Net::SocketAddress& server, size_t number,
                         const net::TlsContext& tls) {
    tls_ = net::TlsChannel::ofClient(tls, server.host().toString());
    connect(server, number);
}

void BareSocket::onReady(uint32_t events) {
    if (state_ == State::Connecting) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) return fail(error);
        state_ = tls_ ? State::Shaking : State::Open;
        tls_ ? tls_->begin(wire_) : handler_.onOpen();
    }
    if (events & ~uint32_t{EPOLLOUT}) read((events & EPOLLRDHUP) != 0);
    if ((events & EPOLLOUT) && flushWire() && state_ == State::Open) handler_.onWritable();
}

// One read for each time, so that no other waits, and the server finds room for much at a time. One
// that does not fill the buffer has emptied the socket, and what comes later is told again; the end
// is told once, perhaps together with bytes.
void BareSocket::read(bool toTheEnd) {
    auto& buffer = loop_.readBuffer();
    while (state_ == State::Open || state_ == State::Shaking) {
        const ssize_t got = recv(fd_, buffer.data(), buffer.size(), 0);
        if (got == 0) return fail(0);
        if (got < 0) return errno == EAGAIN || errno == EINTR ? void() : fail(errno);
        take({buffer.data(), static_cast<size_t>(got)});
        if (toTheEnd) continue;
        if (static_cast<size_t>(got) == buffer.size()) loop_.rewatch(fd_, kEvents);
        return;
    }
}

void BareSocket::take(std::string_view bytes) {
    tls_ ? decrypt(bytes) : handler_.onBytes(bytes);
}

void BareSocket::decrypt(std::string_view bytes) {
    std::string plain;
    const Status status = tls_->receive(bytes, plain, wire_);
    flushWire();
    if (!status) return fail(status.error().text);
    if (state_ == State::Shaking && tls_->ready()) {
        state_ = State::Open;
        handler_.onOpen();
    }
    if (!plain.empty()) handler_.onBytes(plain);
}

size_t BareSocket::write(std::string_view bytes) {
    if (state_ != State::Open) return 0;
    if (!tls_) return send(bytes);
    if (!flushWire()) return 0;
    if (const Status status = tls_->send(bytes, wire_); !status) {
        loop_.post([this, why = status.error().text] { fail(why); });
        return 0;
    }
    flushWire();
    return bytes.size();
}

// True when nothing waits.
bool BareSocket::flushWire() {
    if (!wire_.empty()) wire_.erase(0, send(wire_));
    return wire_.empty();
}

size_t BareSocket::send(std::string_view bytes) {
    if (fd_ < 0) return 0;
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        loop_.post([this, error = errno] { fail(error); });
    }
    return static_cast<size_t>(std::max<ssize_t>(sent, 0));
}

void BareSocket::fail(int error) {
    fail(error == 0 ? "the server ended the connection" : net::osErrorText(error));
}

void BareSocket::fail(const std::string& why) {
    if (state_ == State::Over) return;
    end();
    handler_.onEnd(why);
}

void BareSocket::end() {
    if (fd_ >= 0) {
        if (state_ != State::Over) loop_.unwatch(fd_);
        close(fd_);
    }
    fd_ = -1;
    state_ = State::Over;
}

}  // namespace netchat::harness
