#include "tests/support/proxy.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <vector>

#include "tests/support/raw_socket.h"

namespace netchat::test {

namespace {

constexpr int kTickMs = 2;  // how soon a hold that was lifted is noticed
constexpr size_t kProxyPieceBytes = 64 * 1024;

sockaddr_in here(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

}  // namespace

Proxy::Proxy(uint16_t server)
    : server_(server), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = here(0);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, generic, &size) != 0) {
        throw std::runtime_error("the proxy cannot listen");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
}

Proxy::~Proxy() {
    stopping_ = true;
    thread_.join();
    for (const Pair& pair : pairs_) ::close(pair.client), ::close(pair.server);
    ::close(listener_);
}

void Proxy::wait(const std::atomic<uint64_t>& count, uint64_t bytes) {
    for (int ms = 0; count < bytes; ++ms) {
        if (ms > kPatienceMs) {
            throw std::runtime_error("only " + std::to_string(count) + " of " +
                                     std::to_string(bytes) + " bytes came through the proxy");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void Proxy::accept() {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = here(server_);
    if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(client);
        ::close(server);
        return;
    }
    ::fcntl(server, F_SETFL, O_NONBLOCK);
    for (const int fd : {client, server}) {
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    pairs_.push_back({client, server});
}

// False: one of the two is gone.
bool Proxy::move(int from, int to, std::string& held, std::atomic<uint64_t>& count, uint64_t most) {
    if (held.empty() && count < most) {
        held.resize(std::min<uint64_t>(kProxyPieceBytes, most - count));
        const ssize_t n = ::recv(from, held.data(), held.size(), 0);
        const bool nothingYet = n < 0 && (errno == EAGAIN || errno == EINTR);
        held.resize(n > 0 ? static_cast<size_t>(n) : 0);
        count += held.size();
        if (n <= 0 && !nothingYet) return false;
    }
    if (held.empty()) return true;
    const ssize_t n = ::send(to, held.data(), held.size(), MSG_NOSIGNAL);
    if (n > 0) held.erase(0, static_cast<size_t>(n));
    return n > 0 || errno == EAGAIN || errno == EINTR;
}

void Proxy::run() {
    while (!stopping_) {
        std::vector<pollfd> wanted{{listener_, POLLIN, 0}};
        for (const Pair& pair : pairs_) {
            if (pair.dead) continue;
            if (pair.up.empty() && up_ < upMost_) wanted.push_back({pair.client, POLLIN, 0});
            if (pair.down.empty() && down_ < downMost_) wanted.push_back({pair.server, POLLIN, 0});
            if (!pair.up.empty()) wanted.push_back({pair.server, POLLOUT, 0});
            if (!pair.down.empty()) wanted.push_back({pair.client, POLLOUT, 0});
        }
        ::poll(wanted.data(), wanted.size(), kTickMs);
        if (swallow_.exchange(false)) {
            for (Pair& pair : pairs_) pair.dead = true;
        }
        const bool cut = cut_.exchange(false);
        if (wanted.front().revents != 0) accept();
        for (auto pair = pairs_.begin(); pair != pairs_.end();) {
            const bool stands =
                !cut &&
                (pair->dead || (move(pair->client, pair->server, pair->up, up_, upMost_) &&
                                move(pair->server, pair->client, pair->down, down_, downMost_)));
            if (stands) {
                ++pair;
                continue;
            }
            ::close(pair->client);
            ::close(pair->server);
            pair = pairs_.erase(pair);
        }
    }
}

}  // namespace netchat::test
