#include "modes/net/connection.h"

#include <Poco/Net/NetException.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "modes/net/address.h"
#include "modes/net/os_error.h"
#include "modes/net/tcp_options.h"

namespace netchat::net {

namespace {

size_t totalOf(std::span<const iovec> pieces) {
    size_t total = 0;
    for (const iovec& piece : pieces) total += piece.iov_len;
    return total;
}

// The kernel takes a single piece with less ado.
ssize_t sendOnce(int fd, std::span<const iovec> pieces, int flags) {
    if (pieces.size() == 1) return ::send(fd, pieces[0].iov_base, pieces[0].iov_len, flags);
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces.data());
    message.msg_iovlen = std::min<size_t>(pieces.size(), IOV_MAX);
    return ::sendmsg(fd, &message, flags);
}

// What is encrypted before the kernel is asked: few enough calls, and little to keep when it is
// full.
constexpr size_t kEncryptedAtOnce = 32 * size_t{1024};

bool wouldBlock(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

// What sendfile reports of the file it reads, rather than of the socket it writes to.
bool isOfTheFile(int error) {
    constexpr int kErrors[] = {EBADF, EINVAL,    EIO,    EISDIR, ENOMEM,
                               ENXIO, EOVERFLOW, ESPIPE, ESTALE};
    return std::find(std::begin(kErrors), std::end(kErrors), error) != std::end(kErrors);
}

}  // namespace

Connection::Connection(EventLoop& loop, const Poco::Net::StreamSocket& socket, Handler& handler)
    : loop_(loop),
      socket_(socket.impl(), true),
      handler_(handler),
      fd_(socket_->sockfd()),
      peer_(peerOf(socket)) {
    updateWatch();
}

Connection::Connection(EventLoop& loop, const Poco::Net::StreamSocket& socket, Handler& handler,
                       std::unique_ptr<TlsChannel> channel)
    : Connection(loop, socket, handler) {
    fresh_ = false;
    secure_ = std::make_unique<Secure>(Secure{std::move(channel)});
    std::string& wire = loop_.wireBuffer();
    wire.clear();
    secure_->channel->begin(wire);
    sendWire(wire);
}

Connection::~Connection() {
    if (destroyed_) *destroyed_ = true;
    loop_.cancel(failure_);
    endWatch();
    socket_->close();
}

Connection::Peer Connection::peerOf(const Poco::Net::StreamSocket& socket) {
    try {
        return peerAt(socket.peerAddress());
    } catch (const Poco::Exception&) {
        return {};  // it is gone already
    }
}

Connection::Peer Connection::peerAt(const Poco::Net::SocketAddress& address) {
    Peer peer;
    const auto host = address.host();
    std::memcpy(peer.host.data(), host.addr(), std::min<size_t>(host.length(), peer.host.size()));
    peer.port = address.port();
    peer.family = static_cast<sa_family_t>(address.af());
    return peer;
}

std::string Connection::peer() const {
    if (peer_.family == AF_UNSPEC) return "a peer that is gone";
    const socklen_t size = peer_.family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr);
    return toText({Poco::Net::IPAddress(peer_.host.data(), size), peer_.port});
}

// Calls back; false when the callback destroyed this object.
template <class Call>
bool Connection::survives(Call call) {
    bool destroyed = false;
    bool* const outer = std::exchange(destroyed_, &destroyed);
    call();
    if (destroyed) {
        if (outer) *outer = true;
        return false;
    }
    destroyed_ = outer;
    return true;
}

// ---- what the loop is asked to watch

void Connection::updateWatch() {
    const uint32_t events = (state_ == State::Open && reading_ ? uint32_t{EPOLLIN} : 0U) |
                            (wantsWritable_ ? uint32_t{EPOLLOUT} : 0U);
    // epoll reports errors and hang-ups unasked, and again and again: where nobody waits for
    // anything the descriptor leaves the loop.
    if (state_ == State::Failed || events == 0) return endWatch();
    if (!inLoop_) {
        loop_.watch(fd_, events, *this);
    } else if (events != watched_) {
        loop_.rewatch(fd_, events);
    }
    inLoop_ = true;
    static_assert((EPOLLIN | EPOLLOUT) <= UINT8_MAX);
    watched_ = static_cast<uint8_t>(events);
}

void Connection::endWatch() {
    if (inLoop_) loop_.unwatch(fd_);
    inLoop_ = false;
}

void Connection::setReading(bool on) {
    reading_ = on;
    updateWatch();
}

void Connection::writeRoom(bool wanted) {
    if (wantsWritable_ == wanted) return;
    wantsWritable_ = wanted;
    updateWatch();
}

void Connection::onReady(uint32_t events) {
    const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
    // Reading comes first and finds what is broken, so that a peer's last words are heard.
    if (state_ == State::Open && reading_ && (broken || (events & EPOLLIN))) {
        if (!survives([this] { onReadable(); })) return;
    }
    if (state_ != State::Failed && wantsWritable_ && (broken || (events & EPOLLOUT))) {
        writeRoom(false);
        if (secure_ && (!flushWire() || !secure_->channel->ready())) return;
        handler_.onWritable();
    }
}

// ---- reading

// Hands over what one call gives, and returns as recv() does, with -errno for an error.
// This object may be gone when it has given bytes.
ssize_t Connection::readOnce() {
    if (fresh_ && !mayBegin()) return -EAGAIN;
    auto& buffer = loop_.readBuffer();
    ssize_t got = 0;
    do {
        got = ::recv(fd_, buffer.data(), loop_.readShare(), MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    if (got == 0) return 0;
    loop_.countRead(static_cast<size_t>(got));
    const std::string_view bytes(buffer.data(), static_cast<size_t>(got));
    if (std::exchange(fresh_, false) && bytes[0] == TlsChannel::kFirstByte) {
        if (const TlsContext* const context = handler_.tls()) {
            secure_ = std::make_unique<Secure>(Secure{TlsChannel::ofServer(*context)});
        }
    }
    if (secure_) return readSecure(bytes);
    handler_.onBytes(bytes);
    return got;
}

// Whether the first bytes may be read in this turn: those of a handshake wait while it has had
// many.
bool Connection::mayBegin() {
    if (!handler_.tls() || loop_.claimCostly()) return true;
    char first = 0;
    return ::recv(fd_, &first, 1, MSG_DONTWAIT | MSG_PEEK) != 1 || first != TlsChannel::kFirstByte;
}

// As readOnce(); 0 also when the peer has said its last word, -EPROTO for a fault in TLS.
ssize_t Connection::readSecure(std::string_view bytes) {
    TlsChannel& channel = *secure_->channel;
    std::string& plain = loop_.plainBuffer();
    std::string& wire = loop_.wireBuffer();
    plain.clear();
    wire.clear();
    const bool wasReady = channel.ready();
    const Status status = channel.receive(bytes, plain, wire);
    if (!wire.empty()) sendWire(wire);
    if (!status) secure_->fault = status.error().text;
    const ssize_t result = !status ? -EPROTO : channel.ended() ? 0 : 1;
    const auto secured = [&] { handler_.onSecured(channel); };
    if (channel.ready() && !wasReady && !survives(secured)) return 1;
    if (!plain.empty() && !survives([&] { handler_.onBytes(plain); })) return 1;
    return result;
}

std::string Connection::endReason(int error) const {
    return error == EPROTO && secure_ ? secure_->fault : osErrorText(error);
}

// One read per readiness, so that no peer keeps the others waiting.
void Connection::onReadable() {
    const ssize_t got = readOnce();
    if (got > 0 || wouldBlock(static_cast<int>(-got))) return;
    state_ = got == 0 ? State::Ended : State::Failed;
    updateWatch();
    handler_.onEnd(got == 0 ? std::string() : endReason(static_cast<int>(-got)));
}

// A write that failed is told from the loop. What the peer said before it went is read first.
void Connection::failLater(int error) {
    const bool unread = state_ == State::Open;
    state_ = State::Failed;
    updateWatch();
    failure_ = loop_.after(0, [this, error, unread] {
        ssize_t got = unread ? 1 : 0;
        while (got > 0 && reading_) {
            if (!survives([&] { got = readOnce(); })) return;
        }
        handler_.onEnd(endReason(error));
    });
}

// ---- writing

size_t Connection::write(std::span<const iovec> pieces, bool more) {
    const size_t offered = totalOf(pieces);
    if (state_ == State::Failed || offered == 0) return 0;
    if (secure_) return writeSecure(pieces);
    const size_t taken = sendSome(pieces, more ? MSG_MORE : 0);
    if (state_ != State::Failed) writeRoom(taken < offered);
    return taken;
}

// What the kernel takes; 0 also when the connection fails with it.
size_t Connection::sendSome(std::span<const iovec> pieces, int flags) {
    ssize_t sent = 0;
    do {
        sent = sendOnce(fd_, pieces, flags | MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0 && !wouldBlock(errno)) failLater(errno);
    return static_cast<size_t>(std::max<ssize_t>(sent, 0));
}

// ---- writing in TLS: what was encrypted once is taken, since its records cannot be made again

// Gives the kernel what it takes of the wire's bytes, and keeps the rest.
void Connection::sendWire(std::string_view bytes) {
    if (state_ == State::Failed) return;
    std::string& unsent = secure_->unsent;
    if (unsent.empty() && !bytes.empty()) {
        const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
        bytes.remove_prefix(sendSome({&piece, 1}, 0));
        if (state_ == State::Failed) return;
    }
    unsent += bytes;
    writeRoom(!unsent.empty());
}

// True when the kernel has taken all that was encrypted.
bool Connection::flushWire() {
    std::string& unsent = secure_->unsent;
    if (unsent.empty()) return true;
    const iovec piece{unsent.data(), unsent.size()};
    const size_t sent = sendSome({&piece, 1}, 0);
    if (state_ == State::Failed) return false;
    if (sent < unsent.size()) {
        unsent.erase(0, sent);
        writeRoom(true);
        return false;
    }
    std::string().swap(unsent);
    writeRoom(false);
    if (secure_->ends) ::shutdown(fd_, SHUT_WR);
    return true;
}

// All of it is taken, unless the connection fails.
size_t Connection::encrypt(std::string_view plain) {
    std::string& wire = loop_.wireBuffer();
    wire.clear();
    if (const Status status = secure_->channel->send(plain, wire); !status) {
        secure_->fault = status.error().text;
        failLater(EPROTO);
        return 0;
    }
    sendWire(wire);
    return state_ == State::Failed ? 0 : plain.size();
}

size_t Connection::writeSecure(std::span<const iovec> pieces) {
    if (!secure_->channel->ready() || !flushWire()) return 0;
    if (pieces.size() == 1 && pieces[0].iov_len <= kEncryptedAtOnce) {
        return encrypt({static_cast<const char*>(pieces[0].iov_base), pieces[0].iov_len});
    }
    size_t taken = 0;
    std::string gathered;
    for (size_t i = 0, at = 0; i < pieces.size() && secure_->unsent.empty();) {
        gathered.clear();
        // Small pieces go together, so that they share records and calls.
        while (i < pieces.size() && gathered.size() < kEncryptedAtOnce) {
            const size_t part =
                std::min(pieces[i].iov_len - at, kEncryptedAtOnce - gathered.size());
            gathered.append(static_cast<const char*>(pieces[i].iov_base) + at, part);
            at += part;
            if (at == pieces[i].iov_len) ++i, at = 0;
        }
        if (encrypt(gathered) == 0) return 0;
        taken += gathered.size();
    }
    return taken;
}

ssize_t Connection::sendFile(int fd, uint64_t offset, size_t size) {
    if (state_ == State::Failed || size == 0) return 0;
    if (secure_) {
        if (!secure_->channel->ready() || !flushWire()) return 0;
        std::string bytes(std::min(size, kEncryptedAtOnce), '\0');
        const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (got <= 0) return -1;
        bytes.resize(static_cast<size_t>(got));
        const size_t taken = encrypt(bytes);
        // More of it may follow at once, or when the kernel has room again.
        if (taken > 0 && taken < size && secure_->unsent.empty()) writeRoom(true);
        return static_cast<ssize_t>(taken);
    }
    auto position = static_cast<off_t>(offset);
    ssize_t sent = 0;
    do {
        sent = ::sendfile(fd_, fd, &position, size);
    } while (sent < 0 && errno == EINTR);
    if (sent == 0 || (sent < 0 && isOfTheFile(errno))) return -1;
    if (sent < 0 && !wouldBlock(errno)) {
        failLater(errno);
        return 0;
    }
    const auto taken = std::max<ssize_t>(sent, 0);
    writeRoom(static_cast<size_t>(taken) < size);
    return taken;
}

void Connection::shutdownWrite() {
    if (state_ == State::Failed) return;
    if (secure_) {
        std::string& wire = loop_.wireBuffer();
        wire.clear();
        secure_->channel->end(wire);
        sendWire(wire);
        if (state_ == State::Failed) return;
        secure_->ends = true;
        if (!secure_->unsent.empty()) return;
    }
    ::shutdown(fd_, SHUT_WR);
}

bool Connection::delivered(int64_t deadAfterMs) {
    if (state_ == State::Failed) return false;
    const bool all = allDelivered(fd_);
    if (!all) excuseSlowPeer(fd_, deadAfterMs);
    if (all && excused_) endExcuse(fd_, deadAfterMs);
    excused_ = !all;
    return all && (!secure_ || secure_->unsent.empty());
}

void Connection::limitUnsent(size_t bytes) {
    const int value = static_cast<int>(std::min<size_t>(bytes, INT_MAX));
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &value, sizeof value);
}

}  // namespace netchat::net
