#include "modes/client/real_host.h"

#include <cassert>
#include <utility>

#include "modes/client/client.h"
#include "modes/client/partial_file.h"
#include "modes/client/plain_hint.h"
#include "modes/client/source_file.h"
#include "modes/net/connection.h"
#include "modes/net/connector.h"

namespace netchat::client {

namespace {

class RealLink : public Link, private net::Connection::Handler {
  public:
    RealLink(net::EventLoop& loop, const net::HostPort& server, int64_t timeoutMs,
             const Trust* trust, Link::Handler& handler)
        : loop_(loop), server_(server), timeoutMs_(timeoutMs), trust_(trust), handler_(handler) {
        const auto address = net::resolve(server);
        if (!address) {
            const auto tell = [this, why = address.error()] { handler_.onUnreachable(why); };
            timer_ = loop_.after(0, tell);
            return;
        }
        connector_ = std::make_unique<net::Connector>(
            loop_, *address, timeoutMs,
            [this](Result<Poco::Net::StreamSocket> socket) { take(std::move(socket)); });
    }
    ~RealLink() override { loop_.cancel(timer_); }

    size_t write(std::span<const iovec> pieces) override { return connection_->write(pieces); }
    void shutdownWrite() override { connection_->shutdownWrite(); }
    void limitUnsent(size_t bytes) override { connection_->limitUnsent(bytes); }

  private:
    void take(Result<Poco::Net::StreamSocket> socket) {
        connector_.reset();
        if (!socket) return handler_.onUnreachable(socket.error());
        auto& self = static_cast<net::Connection::Handler&>(*this);
        if (!trust_) {
            connection_ = std::make_unique<net::Connection>(loop_, *socket, self);
            return handler_.onConnected();
        }
        securing_ = true;
        timer_ = loop_.after(timeoutMs_, [this] {
            timer_ = 0;
            refuse({ErrorCode::NeedsTls, "the server did not answer in TLS"});
        });
        connection_ = std::make_unique<net::Connection>(
            loop_, *socket, self, net::TlsChannel::ofClient(*trust_->tls, server_.host));
    }
    void onSecured(const net::TlsChannel& channel) override {
        if (const Status good = checkServer(*trust_, server_, channel.peer()); !good) {
            return refuse(good.error());
        }
        securing_ = false;
        loop_.cancel(std::exchange(timer_, 0));
        handler_.onConnected();
    }
    void refuse(const Error& why) {
        connection_.reset();
        handler_.onUnreachable(why);
    }
    void onBytes(std::string_view bytes) override { handler_.onBytes(bytes); }
    void onWritable() override { handler_.onWritable(); }
    void onEnd(std::string_view reason) override {
        if (!securing_) return handler_.onEnd(reason);
        // What is no TLS is not tried again; what was cut may be.
        const bool other = reason.starts_with("TLS");
        refuse({other ? ErrorCode::Untrusted : ErrorCode::NeedsTls,
                other ? "the TLS handshake with the server failed (" + std::string(reason) + ")" +
                            kPlainHint
                      : "the server closed the connection during the TLS handshake"});
    }

    net::EventLoop& loop_;
    const net::HostPort server_;
    const int64_t timeoutMs_;
    const Trust* const trust_;  // null: plain
    Link::Handler& handler_;
    // A name without an address, still to be told; then the end of patience with the handshake.
    net::EventLoop::TimerId timer_ = 0;
    bool securing_ = false;  // the handshake is under way
    std::unique_ptr<net::Connector> connector_;
    std::unique_ptr<net::Connection> connection_;
};

}  // namespace

RealHost::RealHost(net::EventLoop& loop, DownloadsFolder folder, std::shared_ptr<const Trust> trust)
    : loop_(loop),
      folder_(std::move(folder)),
      trust_(std::move(trust)),
      random_(std::random_device{}()) {
}

void RealHost::post(std::function<void()> task) {
    assert(loop_.inLoopThread());
    loop_.post(std::move(task));
}

std::unique_ptr<Link> RealHost::connect(const net::HostPort& server, int64_t timeoutMs,
                                        Link::Handler& handler) {
    return std::make_unique<RealLink>(loop_, server, timeoutMs, trust_.get(), handler);
}

Result<std::unique_ptr<Source>> RealHost::openSource(const std::filesystem::path& path) {
    return SourceFile::open(path);
}

Result<std::unique_ptr<Incoming>> RealHost::openIncoming(const Arriving& file) {
    if (!folder_.discard && !std::exchange(swept_, true)) removeStalePartials(folder_.path);
    return IncomingFile::create(folder_, file);
}

Client::Client(net::EventLoop& loop, Options options, Listener& listener)
    : Client(std::make_unique<RealHost>(
                 loop, DownloadsFolder{options.downloads, options.discardDownloads},
                 options.classic ? nullptr : options.trust),
             options, listener) {
}

}  // namespace netchat::client
