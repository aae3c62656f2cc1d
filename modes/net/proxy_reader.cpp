#include "modes/net/proxy_reader.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <optional>
#include <utility>

#include "modes/net/os_error.h"

namespace netchat::net {

// One connection whose header has not come.
class ProxyReader::Waiting final : private Watcher {
  public:
    Waiting(ProxyReader& reader, const Poco::Net::StreamSocket& socket,
            const Poco::Net::SocketAddress& peer)
        : reader_(reader), socket_(socket), peer_(peer), fd_(socket.impl()->sockfd()) {}
    ~Waiting() {
        if (deadline_ == 0) return;
        reader_.loop_.cancel(deadline_);
        reader_.loop_.unwatch(fd_);
    }

    // None: what is there is not all of it.
    std::optional<Outcome> tryRead() {
        // Usually two calls: the fixed part, and what its length says.
        for (;;) {
            const auto missing = ProxyHeader::missing(bytes_);
            if (!missing) return outcome(missing.error());
            if (*missing == 0) return outcome(ProxyHeader::parse(bytes_));
            auto ended = read(*missing);
            if (ended) return ended;
            if (isDry_) return {};
        }
    }
    void waitFor(int64_t withinMs) {
        reader_.loop_.watch(fd_, EPOLLIN, *this);
        deadline_ = reader_.loop_.after(withinMs, [this, withinMs] {
            reader_.finish(fd_, failure("no complete PROXY header arrived within " +
                                        std::to_string((withinMs + 999) / 1000) + " seconds"));
        });
    }

  private:
    // May destroy this object.
    void onReady(uint32_t) override {
        if (const auto read = tryRead()) reader_.finish(fd_, *read);
    }

    // An outcome where the connection has ended.
    std::optional<Outcome> read(size_t most) {
        const size_t known = bytes_.size();
        bytes_.resize(known + most);
        ssize_t got = 0;
        do {
            got = ::recv(fd_, bytes_.data() + known, most, MSG_DONTWAIT);
        } while (got < 0 && errno == EINTR);
        const int error = got < 0 ? errno : 0;
        bytes_.resize(known + static_cast<size_t>(got > 0 ? got : 0));
        isDry_ = error == EAGAIN || error == EWOULDBLOCK;
        if (got > 0 || isDry_) return {};
        return failure(got == 0 ? "the connection ended before its PROXY header was complete"
                                : osErrorText(error),
                       bytes_.empty());
    }

    Outcome failure(std::string why, bool silent = false) const {
        return outcome(Error{ErrorCode::Timeout, std::move(why)}, silent);
    }
    Outcome outcome(Result<ProxyHeader> header, bool silent = false) const {
        return {socket_, peer_, std::move(header), silent};
    }

    ProxyReader& reader_;
    Poco::Net::StreamSocket socket_;
    Poco::Net::SocketAddress peer_;
    int fd_;
    EventLoop::TimerId deadline_ = 0;  // 0: it is not watched
    bool isDry_ = false;               // nothing more was there
    std::string bytes_;
};

ProxyReader::ProxyReader(EventLoop& loop, OnRead onRead) : loop_(loop), onRead_(std::move(onRead)) {
}

ProxyReader::~ProxyReader() = default;

void ProxyReader::await(const Poco::Net::StreamSocket& socket, const Poco::Net::SocketAddress& peer,
                        int64_t withinMs) {
    loop_.post([this, socket, peer, withinMs] {
        const int fd = socket.impl()->sockfd();
        assert(waiting_.count(fd) == 0);
        auto waiting = std::make_unique<Waiting>(*this, socket, peer);
        // With many at once it is there already.
        if (const auto read = waiting->tryRead()) return onRead_(*read);
        waiting->waitFor(withinMs);
        waiting_.emplace(fd, std::move(waiting));
    });
}

void ProxyReader::finish(int fd, const Outcome& outcome) {
    // The descriptor is somebody else's to watch from now on.
    waiting_.erase(fd);
    onRead_(outcome);
}

}  // namespace netchat::net
