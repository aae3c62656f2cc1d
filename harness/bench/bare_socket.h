#pragma once

// A client's TCP connection that costs as little as it can: one registration with the loop for its
// whole life, one read for each time that bytes have come, nothing but the descriptor. A thousand
// of them must not cost more than the server that they measure. With TLS it holds a channel, and
// whoever answers is trusted: a measurement has no secrets.

#include <Poco/Net/SocketAddress.h>
#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "modes/net/event_loop.h"
#include "modes/net/tls.h"

namespace netchat::harness {

// Loop thread only. Not to be destroyed in its own callbacks.
class BareSocket final : private net::Watcher {
  public:
    class Handler {
      public:
        virtual void onOpen() = 0;
        virtual void onBytes(std::string_view bytes) = 0;  // valid until it returns
        virtual void onWritable() = 0;                     // perhaps; after a write came short
        virtual void onEnd(const std::string& reason) = 0;

      protected:
        ~Handler() = default;
    };

    BareSocket(net::EventLoop& loop, Handler& handler) : loop_(loop), handler_(handler) {}
    ~BareSocket() { end(); }
    BareSocket(const BareSocket&) = delete;
    BareSocket& operator=(const BareSocket&) = delete;

    // `number`: of many to one server, which come from several addresses where both are on this
    // machine: the kernel takes long to find a port for the last of those that one address has.
    void connect(const Poco::Net::SocketAddress& server, size_t number);
    void connect(const Poco::Net::SocketAddress& server, size_t number, const net::TlsContext& tls);
    // How many bytes were taken, by the kernel or, with TLS, by what waits for it.
    size_t write(std::string_view bytes);
    bool open() const { return state_ == State::Open; }

  private:
    enum class State { New, Connecting, Shaking, Open, Over };

    void onReady(uint32_t events) override;
    void read(bool toTheEnd);
    void take(std::string_view bytes);
    void decrypt(std::string_view bytes);
    size_t send(std::string_view bytes);
    bool flushWire();
    void fail(int error);
    void fail(const std::string& why);
    void end();

    net::EventLoop& loop_;
    Handler& handler_;
    int fd_ = -1;
    State state_ = State::New;
    std::unique_ptr<net::TlsChannel> tls_;
    std::string wire_;  // what TLS has made and the kernel did not take
};

}  // namespace netchat::harness
