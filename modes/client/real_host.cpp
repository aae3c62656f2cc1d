#include "modes/client/real_host.h"

#include <cassert>
#include <utility>

#include "modes/client/client.h"
#include "modes/client/partial_file.h"
#include "modes/client/source_file.h"
#include "modes/net/connection.h"
#include "modes/net/connector.h"

namespace netchat::client {

namespace {

class RealLink : public Link, private net::Connection::Handler {
  public:
    RealLink(net::EventLoop& loop, const net::HostPort& server, int64_t timeoutMs,
             Link::Handler& handler)
        : loop_(loop), handler_(handler) {
        const auto address = net::resolve(server);
        if (!address) {
            const auto tell = [this, why = address.error()] { handler_.onUnreachable(why); };
            unresolved_ = loop_.after(0, tell);
            return;
        }
        connector_ = std::make_unique<net::Connector>(
            loop_, *address, timeoutMs,
            [this](Result<Poco::Net::StreamSocket> socket) { take(std::move(socket)); });
    }
    ~RealLink() override { loop_.cancel(unresolved_); }

    size_t write(std::span<const iovec> pieces) override { return connection_->write(pieces); }
    void shutdownWrite() override { connection_->shutdownWrite(); }
    void limitUnsent(size_t bytes) override { connection_->limitUnsent(bytes); }

  private:
    void take(Result<Poco::Net::StreamSocket> socket) {
        connector_.reset();
        if (!socket) return handler_.onUnreachable(socket.error());
        connection_ = std::make_unique<net::Connection>(
            loop_, std::move(*socket), static_cast<net::Connection::Handler&>(*this));
        handler_.onConnected();
    }
    void onBytes(std::string_view bytes) override { handler_.onBytes(bytes); }
    void onWritable() override { handler_.onWritable(); }
    void onEnd(std::string_view reason) override { handler_.onEnd(reason); }

    net::EventLoop& loop_;
    Link::Handler& handler_;
    net::EventLoop::TimerId unresolved_ = 0;  // a name without an address, still to be told
    std::unique_ptr<net::Connector> connector_;
    std::unique_ptr<net::Connection> connection_;
};

}  // namespace

RealHost::RealHost(net::EventLoop& loop, DownloadsFolder folder)
    : loop_(loop), folder_(std::move(folder)), random_(std::random_device{}()) {
}

void RealHost::post(std::function<void()> task) {
    assert(loop_.inLoopThread());
    loop_.post(std::move(task));
}

std::unique_ptr<Link> RealHost::connect(const net::HostPort& server, int64_t timeoutMs,
                                        Link::Handler& handler) {
    return std::make_unique<RealLink>(loop_, server, timeoutMs, handler);
}

Result<std::unique_ptr<Source>> RealHost::openSource(const std::filesystem::path& path) {
    return SourceFile::open(path);
}

Result<std::unique_ptr<Incoming>> RealHost::openIncoming(std::string_view name, uint64_t size,
                                                         std::string_view sha256) {
    if (!folder_.discard && !std::exchange(swept_, true)) removeStalePartials(folder_.path);
    return IncomingFile::create(folder_, name, size, sha256);
}

Client::Client(net::EventLoop& loop, Options options, Listener& listener)
    : Client(std::make_unique<RealHost>(
                 loop, DownloadsFolder{options.downloads, options.discardDownloads}),
             options, listener) {
}

}  // namespace netchat::client
