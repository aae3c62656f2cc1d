#pragma once

// One TCP connection on a loop: a non-blocking StreamSocket whose bytes come and go through its
// descriptor. It keeps no output: what the kernel does not take stays with the caller, who is told
// when there is room again. (But for the ends of TLS records: below a plain connection and one
// in TLS are alike.)

#include <Poco/AutoPtr.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/SocketImpl.h>
#include <Poco/Net/StreamSocket.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "modes/net/event_loop.h"
#include "modes/net/tls.h"

namespace netchat::net {

// Loop thread only. May be destroyed in any callback, its own included; destroying it closes.
// (A close with bytes of the peer unread makes the kernel reset the connection, and the peer may
// lose what was written last: whoever has last words shuts down writing and reads to the end.)
class Connection : private Watcher {
  public:
    class Handler {
      public:
        // Valid until it returns.
        virtual void onBytes(std::string_view bytes) = 0;
        // The kernel has room again, after a write that came short.
        virtual void onWritable() = 0;
        // The other side ended its direction of the stream, all of it was read (reason empty), or
        // the connection failed (a reason for a person). Never called from within write() or
        // sendFile(), and nothing is read after it. After an orderly end writing still works; if
        // that fails then, onEnd() is called a second and last time, with the reason.
        virtual void onEnd(std::string_view reason) = 0;
        // A server's: what to speak TLS by, with a peer whose first byte says so; null: it does
        // not.
        virtual const TlsContext* tls() { return nullptr; }
        // The handshake is over; nothing was given or taken before it.
        virtual void onSecured(const TlsChannel&) {}

      protected:
        ~Handler() = default;
    };

    // Reading begins at once; the handler must outlive this object.
    Connection(EventLoop& loop, const Poco::Net::StreamSocket& socket, Handler& handler);
    // A client's, in TLS: nothing may be written before onSecured().
    Connection(EventLoop& loop, const Poco::Net::StreamSocket& socket, Handler& handler,
               std::unique_ptr<TlsChannel> channel);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Gives the kernel as much as it takes; returns how much. When it is less than offered,
    // onWritable() follows (or onEnd(), for a connection that failed; then all further writes
    // return 0). In TLS it may follow also when all was taken. At most IOV_MAX pieces are looked
    // at. `more`: hold a short tail for what follows.
    size_t write(std::span<const iovec> pieces, bool more = false);
    // The same from a file, at `offset`, without changing the file's position.
    // -1: the file itself could not be read, or ended early.
    ssize_t sendFile(int fd, uint64_t offset, size_t size);

    // Back-pressure: while reading is off the kernel's buffer fills and the peer waits.
    void setReading(bool on);
    // Ends our direction of the stream: the peer reads the end after all that was written.
    void shutdownWrite();
    // How many bytes the kernel may hold unsent before it counts as full (TCP_NOTSENT_LOWAT):
    // what is behind them waits here, where chat can still overtake it.
    void limitUnsent(size_t bytes);

    // Whether the peer's machine has acknowledged all that was written. While it has not, to be
    // called often: a machine that answers and takes nothing, because its program does not read, is
    // then not given up. `deadAfterMs`: without an answer it is; as of giveUpWithin().
    bool delivered(int64_t deadAfterMs);

    // "127.0.0.1:40112", for logs.
    std::string peer() const;
    // From now on the peer is this one, for whom the other end has made the connection.
    void standsFor(const Poco::Net::SocketAddress& client) { peer_ = peerAt(client); }
    bool failed() const { return state_ == State::Failed; }
    bool secure() const { return secure_ != nullptr; }

  private:
    enum class State : uint8_t {
        Open,    // both directions work
        Ended,   // the other side's direction is over; ours works
        Failed,  // nothing works any more
    };

    void onReady(uint32_t events) override;
    void onReadable();
    ssize_t readOnce();
    bool mayBegin();
    ssize_t readSecure(std::string_view bytes);
    size_t sendSome(std::span<const iovec> pieces, int flags);
    size_t writeSecure(std::span<const iovec> pieces);
    size_t encrypt(std::string_view plain);
    void sendWire(std::string_view bytes);
    bool flushWire();
    std::string endReason(int error) const;
    void failLater(int error);
    void writeRoom(bool wanted);
    void updateWatch();
    void endWatch();
    template <class Call>
    bool survives(Call call);

    // An address as compact as it can be: there are many connections, and few are ever named.
    struct Peer {
        std::array<unsigned char, 16> host;  // IPv4 in the first four
        uint16_t port = 0;
        sa_family_t family = AF_UNSPEC;
    };
    static Peer peerOf(const Poco::Net::StreamSocket& socket);
    static Peer peerAt(const Poco::Net::SocketAddress& address);

    // What TLS adds to a connection.
    struct Secure {
        std::unique_ptr<TlsChannel> channel;
        std::string unsent = {};  // of the last records, when the kernel was full
        std::string fault = {};
        bool ends = false;  // our direction, after what is unsent
    };

    EventLoop& loop_;
    Poco::AutoPtr<Poco::Net::SocketImpl> socket_;  // the StreamSocket's, without its wrapping
    Handler& handler_;
    EventLoop::TimerId failure_ = 0;  // a failed write, still to be told
    std::unique_ptr<Secure> secure_;  // null: plain
    bool* destroyed_ = nullptr;       // set while a callback runs
    int fd_;
    Peer peer_;
    uint8_t watched_ = 0;         // epoll's events now asked for, which are small
    bool fresh_ = true;           // nothing was read yet
    bool excused_ = false;        // the kernel's patience is longer than it was
    bool inLoop_ = false;         // the loop watches the descriptor at all
    bool reading_ = true;         // what the owner asked for
    bool wantsWritable_ = false;  // a write came short
    State state_ = State::Open;
};

}  // namespace netchat::net
