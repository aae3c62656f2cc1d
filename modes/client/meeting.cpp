#include "modes/client/meeting.h"

#include <memory>
#include <optional>

#include "modes/net/connection.h"
#include "modes/net/connector.h"
#include "modes/net/event_loop.h"

namespace netchat::client {

namespace {

// On a loop of its own, which ends with the answer.
class Meeting : private net::Connection::Handler {
  public:
    Meeting(const net::HostPort& server, const net::TlsContext& tls) : server_(server), tls_(tls) {}

    Result<net::PeerIdentity> ask(int64_t timeoutMs) {
        const auto address = net::resolve(server_);
        if (!address) return address.error();
        loop_.after(timeoutMs, [this] {
            end(Error{ErrorCode::NeedsTls, "the server did not answer in TLS"});
        });
        connector_ = std::make_unique<net::Connector>(
            loop_, *address, timeoutMs,
            [this](Result<Poco::Net::StreamSocket> socket) { take(std::move(socket)); });
        loop_.run();
        connector_.reset();
        connection_.reset();
        return std::move(*answer_);
    }

  private:
    void take(Result<Poco::Net::StreamSocket> socket) {
        if (!socket) return end(socket.error());
        connection_ = std::make_unique<net::Connection>(
            loop_, *socket, static_cast<net::Connection::Handler&>(*this),
            net::TlsChannel::ofClient(tls_, server_.host));
    }
    void onSecured(const net::TlsChannel& channel) override { end(channel.peer()); }
    void onBytes(std::string_view) override {}
    void onWritable() override {}
    void onEnd(std::string_view) override {
        end(Error{ErrorCode::NeedsTls,
                  "the server closed the connection during the TLS handshake"});
    }
    void end(Result<net::PeerIdentity> answer) {
        if (!answer_) answer_ = std::move(answer);
        loop_.stop();
    }

    net::EventLoop loop_;
    const net::HostPort server_;
    const net::TlsContext& tls_;
    std::optional<Result<net::PeerIdentity>> answer_;
    std::unique_ptr<net::Connector> connector_;
    std::unique_ptr<net::Connection> connection_;
};

}  // namespace

Result<net::PeerIdentity> askIdentity(const net::HostPort& server, const net::TlsContext& tls,
                                      int64_t timeoutMs) {
    return Meeting(server, tls).ask(timeoutMs);
}

}  // namespace netchat::client
