#include "harness/hostile/raw_connection.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "harness/hostile/expectation_failed.h"
#include "modes/net/clock.h"
#include "modes/net/os_error.h"

namespace netchat::harness::hostile {

namespace {

// False at the deadline.
bool waitFor(int fd, short events, int64_t patienceMs) {
    pollfd waiting{fd, events, 0};
    return ::poll(&waiting, 1, static_cast<int>(std::max<int64_t>(patienceMs, 0))) > 0;
}

const net::TlsContext& tlsContext() {
    static const auto context = net::TlsContext::ofClient({});
    require(static_cast<bool>(context), "no TLS on this side");
    return **context;
}

}  // namespace

RawConnection::RawConnection(const Poco::Net::SocketAddress& server, int64_t patienceMs,
                             const Options& options)
    : patienceMs_(patienceMs) {
    try {
        connect(server, options);
    } catch (...) {
        close();
        throw;
    }
}

RawConnection::RawConnection(RawConnection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      patienceMs_(other.patienceMs_),
      tls_(std::move(other.tls_)),
      sealed_(std::move(other.sealed_)) {
}

void RawConnection::connect(const Poco::Net::SocketAddress& server, const Options& options) {
    fd_ = ::socket(server.af(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    require(fd_ >= 0, "no socket: " + net::osErrorText(errno));
    const int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (options.receiveBytes > 0) {
        setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &options.receiveBytes, sizeof(int));
    }
    if (!options.from.empty()) {
        const Poco::Net::SocketAddress own(options.from, 0);
        require(::bind(fd_, own.addr(), own.length()) == 0, "no address " + options.from);
    }
    if (::connect(fd_, server.addr(), server.length()) != 0) {
        require(errno == EINPROGRESS, "no connection: " + net::osErrorText(errno));
        require(waitFor(fd_, POLLOUT, patienceMs_), "no connection in time");
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
        require(error == 0, "no connection: " + net::osErrorText(error));
    }
    if (!options.tls) return;
    tls_ = net::TlsChannel::ofClient(tlsContext(), server.host().toString());
    std::string connection, plain;
    tls_->begin(connection);
    while (sendBare(connection), !tls_->ready()) {
        const std::string bytes = readBare(patienceMs_);
        require(!bytes.empty(), "the connection ended within the TLS handshake");
        connection.clear();
        require(static_cast<bool>(tls_->receive(bytes, plain, connection)), "no TLS handshake");
    }
}

bool RawConnection::send(std::string_view bytes) {
    if (!tls_) return sendBare(bytes);
    std::string connection;
    return tls_->send(bytes, connection) && sendBare(connection);
}

bool RawConnection::sendBare(std::string_view bytes) {
    const int64_t deadline = net::monotonicMs() + patienceMs_;
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<size_t>(sent));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return false;
        if (!waitFor(fd_, POLLOUT, deadline - net::monotonicMs())) return false;
    }
    return true;
}

bool RawConnection::readable(int64_t patienceMs) const {
    return waitFor(fd_, POLLIN, patienceMs);
}

std::string RawConnection::readBare(int64_t patienceMs) {
    std::array<char, 16 * 1024> buffer{};
    const int64_t deadline = net::monotonicMs() + patienceMs;
    for (;;) {
        const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (got >= 0) return {buffer.data(), static_cast<size_t>(got)};
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return {};
        require(waitFor(fd_, POLLIN, deadline - net::monotonicMs()),
                "nothing came within " + std::to_string(patienceMs) + " ms");
    }
}

std::string RawConnection::read(int64_t patienceMs) {
    if (!tls_) return readBare(patienceMs);
    for (std::string plain, answer;;) {
        const std::string bytes = readBare(patienceMs);
        if (bytes.empty() || tls_->ended()) return {};
        if (!tls_->receive(bytes, plain, answer)) return {};
        if (!answer.empty()) sendBare(std::exchange(answer, {}));
        if (!plain.empty()) return plain;
    }
}

size_t RawConnection::sendSome(std::string_view bytes) {
    const auto push = [this](std::string_view what) {
        const ssize_t sent = ::send(fd_, what.data(), what.size(), MSG_NOSIGNAL);
        return static_cast<size_t>(std::max<ssize_t>(sent, 0));
    };
    if (!tls_) return push(bytes);
    const bool taken = sealed_.empty() && tls_->send(bytes, sealed_);
    sealed_.erase(0, push(sealed_));
    return taken ? bytes.size() : 0;
}

std::string RawConnection::readSome(bool& ended) {
    std::string plain, answer;
    for (std::array<char, 16 * 1024> buffer{}; !ended;) {
        const ssize_t got = ::recv(fd_, buffer.data(), buffer.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
        ended = got <= 0;
        const std::string_view bytes(buffer.data(), static_cast<size_t>(std::max<ssize_t>(got, 0)));
        if (!tls_) {
            plain += bytes;
        } else if (!ended) {
            ended = !tls_->receive(bytes, plain, answer) || tls_->ended();
        }
    }
    return plain;
}

bool RawConnection::hasEnded() {
    bool ended = false;
    readSome(ended);
    return ended;
}

std::optional<std::string> RawConnection::readToEnd(int64_t patienceMs) {
    const int64_t deadline = net::monotonicMs() + patienceMs;
    std::string all;
    for (;;) {
        const int64_t left = deadline - net::monotonicMs();
        if (left <= 0) return {};
        if (!readable(left)) continue;
        const std::string bytes = readBare(left);
        if (bytes.empty()) return all;
        if (!tls_) {
            all += bytes;
            continue;
        }
        std::string answer;
        if (!tls_->receive(bytes, all, answer) || tls_->ended()) return all;
    }
}

void RawConnection::finish() {
    std::string last;
    if (tls_) tls_->end(last);
    if (!last.empty()) sendBare(last);
    ::shutdown(fd_, SHUT_WR);
}

void RawConnection::reset() {
    const linger hard{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    close();
}

void RawConnection::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

std::string proxyHeader() {
    static constexpr char kBytes[] =
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C\x7F\0\0\x63\x7F\0\0\1\x9C\xB0\x17\xE9";
    return {kBytes, sizeof kBytes - 1};
}

std::string tlsHello() {
    std::string connection;
    net::TlsChannel::ofClient(tlsContext(), "localhost")->begin(connection);
    return connection;
}

}  // namespace netchat::harness::hostile
