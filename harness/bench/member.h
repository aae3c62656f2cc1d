#pragma once

// One connection of a measurement: it greets, joins, sends what it is told to and reads what comes,
// as cheaply as it can, since it shares the machine with what is measured.
//
//     Connecting -> Greeting -> Ready -> (Failed)

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/bench/bare_socket.h"
#include "modes/net/event_loop.h"
#include "protocol/dialect.h"

namespace netchat::harness {

class Member;

// Told by the members; their loop's thread.
class MemberSink {
  public:
    // v2: it is in its room. Classic: the greeting was written; nothing answers it.
    virtual void onReady(Member& member) = 0;
    // Bytes came; what they hold is told next.
    virtual void onBatch() {}
    // How many of the bytes are known to be right without being read (RoomStream).
    virtual size_t onStream(Member&, std::string_view) { return 0; }
    // They were cut within a message that goes on as no other did: gives back its beginning.
    virtual std::string onStrayed(Member&) { return {}; }
    // A message, which is all of `bytes`.
    virtual void onText(Member& member, std::string_view bytes, std::string_view text) = 0;
    // v2: a file was announced; classic: its bytes begin.
    virtual void onFile(Member&, uint64_t /*size*/, std::string_view /*sha256*/) {}
    virtual void onFileBytes(Member&, std::string_view) {}
    // v2: the server takes the bytes of the file that was offered.
    virtual void onAccepted(Member&, uint64_t /*transfer*/) {}
    // All output was written.
    virtual void onDrained(Member&) {}
    // The measurement is over: why.
    virtual void onFailed(Member& member, std::string_view why) = 0;

  protected:
    ~MemberSink() = default;
};

// Loop thread only.
class Member : private BareSocket::Handler {
  public:
    struct Plan {
        Dialect dialect = Dialect::V2;
        size_t headerWidth = 10;
        std::string nick;
        std::string room;
        size_t index = 0;                                 // among all members
        std::shared_ptr<const net::TlsContext> tls = {};  // null: in plain
    };

    Member(net::EventLoop& loop, Plan plan, MemberSink& sink);

    void connect(const Poco::Net::SocketAddress& address);
    const Plan& plan() const { return plan_; }

    // Appends a message to what is to be written; flush() writes.
    void say(std::string_view text);
    void offer(std::string_view name, uint64_t size, std::string_view sha256);
    void sendChunk(uint64_t transfer, uint64_t off, std::string_view bytes);
    void get(std::string_view sha256);
    void flush();
    // From the loop: not within a callback, which would go deeper each time.
    void flushSoon();

  private:
    void onOpen() override;
    void onBytes(std::string_view bytes) override;
    void onWritable() override { flush(); }
    void onEnd(const std::string& reason) override { fail(reason); }

    size_t takeItem(std::string_view bytes);
    size_t takeOfFile(std::string_view bytes);
    void takeFrame(std::string_view payload);
    void fail(std::string_view why);

    net::EventLoop& loop_;
    const Plan plan_;
    MemberSink& sink_;
    BareSocket socket_;
    std::string held_;  // the beginning of what is not whole
    std::string out_;
    size_t written_ = 0;
    uint64_t lastId_ = 0;
    bool failed_ = false;
    uint64_t fileLeft_ = 0;
    bool timeDue_ = false;  // classic: after a file
};

}  // namespace netchat::harness
