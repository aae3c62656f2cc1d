#include "modes/net/connector.h"

#include <Poco/Net/NetException.h>
#include <fcntl.h>
#include <sys/epoll.h>

#include <cerrno>

#include "modes/net/address.h"
#include "modes/net/os_error.h"
#include "modes/net/tcp_options.h"

namespace netchat::net {

Connector::Connector(EventLoop& loop, const Poco::Net::SocketAddress& address, int64_t timeoutMs,
                     Done done)
    : loop_(loop), target_(toText(address)), done_(std::move(done)) {
    try {
        socket_.connectNB(address);
        fd_ = socket_.impl()->sockfd();
        fcntl(fd_, F_SETFD, fcntl(fd_, F_GETFD) | FD_CLOEXEC);
        setTcpOptions(fd_);
        loop_.watch(fd_, EPOLLOUT, *this);
        watching_ = true;
        timer_ = loop_.after(timeoutMs, [this] { finish(failure(ETIMEDOUT)); });
    } catch (const Poco::Exception& exception) {
        // Told from the loop, as every outcome is.
        auto error = osError("could not connect to " + target_, exception);
        timer_ = loop_.after(0, [this, error = std::move(error)] { finish(error); });
    }
}

Connector::~Connector() {
    endWatch();
}

void Connector::onReady(uint32_t) {
    try {
        if (const int error = socket_.impl()->socketError(); error != 0) {
            finish(failure(error));
        } else if (socket_.address() == socket_.peerAddress()) {
            // A socket on its own machine's ephemeral ports may meet itself: nobody listens there.
            finish(failure(ECONNREFUSED));
        } else {
            finish(socket_);
        }
    } catch (const Poco::Exception& exception) {
        finish(osError("could not connect to " + target_, exception));
    }
}

Error Connector::failure(int error) const {
    return osError("could not connect to " + target_, error);
}

void Connector::endWatch() {
    loop_.cancel(timer_);
    if (watching_) loop_.unwatch(fd_);
    watching_ = false;
}

void Connector::finish(Result<Poco::Net::StreamSocket> result) {
    endWatch();
    // The callback may destroy this object: nothing of it is used from here on.
    const Done done = std::move(done_);
    socket_ = Poco::Net::StreamSocket();
    done(std::move(result));
}

}  // namespace netchat::net
