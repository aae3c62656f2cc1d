#pragma once

// One connection of a measurement: it greets, joins, sends what it is told to and reads what comes,
// as cheaply as it can, since it shares the machine with what is measured. It knows no more of
// either dialect than a measurement needs.
//
//     Connecting -> Greeting -> Ready -> (Failed)

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "modes/net/connection.h"
#include "modes/net/connector.h"
#include "modes/net/event_loop.h"
#include "protocol/dialect.h"
#include "protocol/field.h"

namespace netchat::harness {

class Member;

// Told by the members; loop thread.
class MemberSink {
  public:
    virtual void onConnected(Member& member) = 0;
    // v2: it is in its room. Classic: the greeting was written; nothing answers it.
    virtual void onReady(Member& member) = 0;
    // Bytes came; what they hold is told next.
    virtual void onBatch() = 0;
    virtual void onText(Member& member, std::string_view text) = 0;
    // v2: a file was announced; classic: its bytes begin.
    virtual void onFile(Member& member, uint64_t size, std::string_view sha256) = 0;
    virtual void onFileBytes(Member& member, std::string_view bytes) = 0;
    // v2: the server takes the bytes of the file that was offered.
    virtual void onAccepted(Member& member, uint64_t transfer) = 0;
    // All output was written.
    virtual void onDrained(Member& member) = 0;
    // The measurement is over: why.
    virtual void onFailed(Member& member, std::string_view why) = 0;

  protected:
    ~MemberSink() = default;
};

// Loop thread only.
class Member : public net::Connection::Handler {
  public:
    struct Plan {
        Dialect dialect = Dialect::V2;
        size_t headerWidth = 10;
        std::string nick;
        std::string room;
        size_t index = 0;  // among all members
        size_t roomIndex = 0;
        int sender = -1;  // its number among its room's senders; -1: it only reads
    };

    Member(net::EventLoop& loop, Plan plan, MemberSink& sink);
    ~Member();

    void connect(const Poco::Net::SocketAddress& address, int64_t timeoutMs);
    const Plan& plan() const { return plan_; }

    // Appends a message to what is to be written; flush() writes.
    void say(std::string_view text);
    void offer(std::string_view name, uint64_t size, std::string_view sha256);
    void sendChunk(uint64_t transfer, uint64_t off, std::string_view bytes);
    void get(std::string_view sha256);
    void flush();
    // Bytes that the kernel has not taken.
    size_t unwritten() const { return out_.size() - written_; }

  private:
    void onBytes(std::string_view bytes) override;
    void onWritable() override { flush(); }
    void onEnd(std::string_view reason) override;

    void greet();
    void readClassic();
    void readV2();
    void takeFrame(std::string_view payload);
    void fail(std::string_view why);

    net::EventLoop& loop_;
    const Plan plan_;
    MemberSink& sink_;
    std::unique_ptr<net::Connector> connector_;
    std::unique_ptr<net::Connection> connection_;
    FieldReader reader_;
    std::string out_;
    size_t written_ = 0;
    uint64_t lastId_ = 0;
    bool failed_ = false;
    // Where a classic stream stands.
    enum class Next { User, Text, Time, FileSize, FileBytes } next_ = Next::User;
    uint64_t fileLeft_ = 0;
};

}  // namespace netchat::harness
