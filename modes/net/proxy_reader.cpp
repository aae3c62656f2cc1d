#include "modes/net/proxy_reader.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <utility>

#include "modes/net/os_error.h"

namespace netchat::net {

// One connection whose header has not come.
class ProxyReader::Waiting final : private Watcher {
  public:
    Waiting(ProxyReader& reader, const Poco::Net::StreamSocket& socket,
            const Poco::Net::SocketAddress& peer, int64_t withinMs)
        : reader_(reader), socket_(socket), peer_(peer), fd_(socket.impl()->sockfd()) {
        reader_.loop_.watch(fd_, EPOLLIN, *this);
        deadline_ = reader_.loop_.after(withinMs, [this, withinMs] {
            fail("no complete PROXY header arrived within " +
                 std::to_string((withinMs + 999) / 1000) + " seconds");
        });
    }
    ~Waiting() {
        reader_.loop_.cancel(deadline_);
        reader_.loop_.unwatch(fd_);
    }

  private:
    void onReady(uint32_t) override {
        // Usually two calls: the fixed part, and what its length says.
        for (;;) {
            const auto missing = ProxyHeader::missing(bytes_);
            if (!missing) return end(missing.error());
            if (*missing == 0) return end(ProxyHeader::parse(bytes_));
            if (!read(*missing)) return;
        }
    }

    // False: nothing more is there for now, or it has ended.
    bool read(size_t most) {
        const size_t known = bytes_.size();
        bytes_.resize(known + most);
        ssize_t got = 0;
        do {
            got = ::recv(fd_, bytes_.data() + known, most, MSG_DONTWAIT);
        } while (got < 0 && errno == EINTR);
        const int error = got < 0 ? errno : 0;
        bytes_.resize(known + static_cast<size_t>(got > 0 ? got : 0));
        if (got > 0) return true;
        if (error == EAGAIN || error == EWOULDBLOCK) return false;
        fail(got == 0 ? "the connection ended before its PROXY header was complete"
                      : osErrorText(error),
             bytes_.empty());
        return false;
    }

    // Each of these destroys this object.
    void fail(std::string why, bool silent = false) {
        end(Error{ErrorCode::Timeout, std::move(why)}, silent);
    }
    void end(Result<ProxyHeader> header, bool silent = false) {
        reader_.finish(fd_, {socket_, peer_, std::move(header), silent});
    }

    ProxyReader& reader_;
    Poco::Net::StreamSocket socket_;
    Poco::Net::SocketAddress peer_;
    int fd_;
    EventLoop::TimerId deadline_ = 0;
    std::string bytes_;
};

ProxyReader::ProxyReader(EventLoop& loop, OnRead onRead)
    : loop_(loop), onRead_(std::move(onRead)) {
}

ProxyReader::~ProxyReader() = default;

void ProxyReader::await(const Poco::Net::StreamSocket& socket, const Poco::Net::SocketAddress& peer,
                        int64_t withinMs) {
    loop_.post([this, socket, peer, withinMs] {
        const int fd = socket.impl()->sockfd();
        assert(waiting_.count(fd) == 0);
        waiting_.emplace(fd, std::make_unique<Waiting>(*this, socket, peer, withinMs));
    });
}

void ProxyReader::finish(int fd, const Outcome& outcome) {
    // The descriptor is somebody else's to watch from now on.
    waiting_.erase(fd);
    onRead_(outcome);
}

}  // namespace netchat::net
