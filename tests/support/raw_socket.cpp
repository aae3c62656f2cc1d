#include "tests/support/raw_socket.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <utility>

namespace netchat::test {

namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + (errno ? std::string(": ") + std::strerror(errno) : ""));
}

void wait(int fd, short events, const char* what) {
    pollfd poller{fd, events, 0};
    const int ready = ::poll(&poller, 1, kPatienceMs);
    if (ready > 0) return;
    errno = ready == 0 ? ETIMEDOUT : errno;
    fail(what);
}

sockaddr_in addressOf(const std::string& text, uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    if (::inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) fail("bad address " + text);
    return address;
}

}  // namespace

RawSocket RawSocket::connectTo(uint16_t port, const std::string& text, const std::string& from) {
    addrinfo wanted{};
    wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(text.c_str(), std::to_string(port).c_str(), &wanted, &found) != 0) {
        fail("read an address");
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address(found, ::freeaddrinfo);
    RawSocket made(::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!from.empty()) {
        const sockaddr_in own = addressOf(from, 0);
        if (::bind(made.fd_, reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0)
            fail("bind");
    }
    if (::connect(made.fd_, address->ai_addr, address->ai_addrlen) != 0) fail("connect");
    return made;
}

RawSocket::~RawSocket() {
    close();
}

RawSocket::RawSocket(RawSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {
}

void RawSocket::send(std::string_view bytes) {
    if (!sendUnlessEnded(bytes)) fail("send");
}

bool RawSocket::sendUnlessEnded(std::string_view bytes) {
    while (!bytes.empty()) {
        wait(fd_, POLLOUT, "the other side to read");
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return false;
        if (sent < 0) fail("send");
        bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
}

std::string RawSocket::readExactly(size_t size) {
    std::string bytes(size, '\0');
    for (size_t have = 0; have < size;) {
        wait(fd_, POLLIN, "bytes");
        const ssize_t got = ::recv(fd_, bytes.data() + have, size - have, 0);
        errno = got == 0 ? 0 : errno;
        if (got <= 0) fail("the connection ended after '" + bytes.substr(0, have) + "'");
        have += static_cast<size_t>(got);
    }
    return bytes;
}

std::string RawSocket::readToEnd() {
    std::string bytes;
    char piece[65536];
    for (;;) {
        wait(fd_, POLLIN, "the end of the connection");
        const ssize_t got = ::recv(fd_, piece, sizeof piece, 0);
        if (got <= 0) return bytes;
        bytes.append(piece, static_cast<size_t>(got));
    }
}

bool RawSocket::atEnd() {
    wait(fd_, POLLIN, "the end of the connection");
    char byte;
    return ::recv(fd_, &byte, 1, 0) <= 0;
}

std::string RawSocket::field(std::string_view bytes, size_t width) {
    std::string header = std::to_string(bytes.size());
    header.resize(width, ' ');
    return header + std::string(bytes);
}

void RawSocket::sendField(std::string_view bytes, size_t width) {
    send(field(bytes, width));
}

std::string RawSocket::readField(size_t width) {
    const std::string header = readExactly(width);
    if (header.find_first_not_of("0123456789 ") != std::string::npos) {
        throw std::runtime_error("this is no header: '" + header + "'");
    }
    return readExactly(std::stoul(header));
}

void RawSocket::finishSending() {
    ::shutdown(fd_, SHUT_WR);
}

// A filter that lets nothing through: the kernel drops what comes before it looks at it, and so
// acknowledges nothing.
static void dropAllThatComes(int fd) {
    sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    const sock_fprog program{1, &nothing};
    if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) {
        fail("cannot filter a socket: " + std::string(std::strerror(errno)));
    }
}

void RawSocket::losePower() {
    dropAllThatComes(fd_);
}

void losePowerOf(int pid) {
    const auto processFd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    if (processFd < 0) fail("cannot open the process");
    int filtered = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
        const int theirs = std::stoi(entry.path().filename().string());
        const auto fd = static_cast<int>(::syscall(SYS_pidfd_getfd, processFd, theirs, 0));
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        if (fd >= 0 && ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) == 0 &&
            peer.ss_family == AF_INET) {
            dropAllThatComes(fd);
            ++filtered;
        }
        if (fd >= 0) ::close(fd);
    }
    ::close(processFd);
    if (filtered == 0) fail("the process has no connection");
}

void RawSocket::reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
}

void RawSocket::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

RawListener::RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = addressOf("127.0.0.1", 0);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(fd_, any, size) != 0 || ::listen(fd_, 16) != 0) fail("listen");
    ::getsockname(fd_, any, &size);
    port_ = ntohs(address.sin_port);
}

RawListener::~RawListener() {
    ::close(fd_);
}

RawSocket RawListener::accept() {
    wait(fd_, POLLIN, "a connection");
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) fail("accept");
    return RawSocket(fd);
}

}  // namespace netchat::test
