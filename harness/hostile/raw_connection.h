#pragma once

// An attacker's connection: bytes out, bytes in, with a deadline on everything, in plain or inside
// TLS. It is blocking, and says by ExpectationFailed what did not come. One thread.

#include <Poco/Net/SocketAddress.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "modes/net/tls.h"

namespace netchat::harness::hostile {

class RawConnection {
  public:
    struct Options {
        bool tls = false;       // with the handshake done
        int receiveBytes = 0;   // of the kernel's buffer; 0: its own choice
        std::string from = {};  // an address of this machine; empty: the kernel's choice
    };

    RawConnection(const Poco::Net::SocketAddress& server, int64_t patienceMs)
        : RawConnection(server, patienceMs, Options{}) {}
    RawConnection(const Poco::Net::SocketAddress& server, int64_t patienceMs,
                  const Options& options);
    ~RawConnection() { close(); }
    RawConnection(RawConnection&& other) noexcept;
    RawConnection& operator=(RawConnection&&) = delete;

    // False: the server has ended the connection, or takes no more within the patience.
    bool send(std::string_view bytes);
    // Around the TLS, if there is any.
    bool sendBare(std::string_view bytes);
    // What has come, at least a byte; empty: the server has ended the connection.
    std::string read() { return read(patienceMs_); }
    std::string read(int64_t patienceMs);
    // Whether something, be it the end, comes within that time.
    bool readable(int64_t patienceMs) const;
    // Whether the server has ended it already; what has come is dropped.
    bool hasEnded();
    // Reads on until the server ends it; what came until then, or nothing if it does not.
    std::optional<std::string> readToEnd(int64_t patienceMs);
    // Never wait: how much was taken, and what has come.
    size_t sendSome(std::string_view bytes);
    std::string readSome(bool& ended);
    int descriptor() const { return fd_; }
    // Ends our direction.
    void finish();
    // Away without a word: the kernel answers all that comes with a reset.
    void reset();
    void close();

  private:
    void connect(const Poco::Net::SocketAddress& server, const Options& options);
    std::string readBare(int64_t patienceMs);

    int fd_ = -1;
    int64_t patienceMs_;
    std::unique_ptr<net::TlsChannel> tls_;
    std::string sealed_;  // what sendSome() has made and the kernel did not take yet
};

// What a balancer sends before everything else, for a TCP client at 127.0.0.99: a PROXY header of
// version 2.
std::string proxyHeader();

// The first bytes of a TLS client, as they come out of OpenSSL.
std::string tlsHello();

}  // namespace netchat::harness::hostile
