#pragma once

// Attackers and witnesses that speak by hand: whole frames and fields where an attack begins behind
// them, raw bytes where it is they that are wrong. What does not come is a ExpectationFailed. One
// thread.

#include <string>
#include <string_view>

#include "harness/hostile/target.h"
#include "protocol/classic.h"
#include "protocol/field.h"
#include "protocol/frame.h"
#include "protocol/message.h"

namespace netchat::harness::hostile {

// A frame that came.
struct Heard {
    std::string payload;

    std::string verb() const { return payload.substr(0, payload.find_first_of("\t\n")); }
    std::string label(std::string_view name) const;
    uint64_t number(std::string_view name) const;
    std::string body() const { return payload.substr(payload.find('\n') + 1); }
};

class V2Peer {
  public:
    // Does not greet.
    explicit V2Peer(Target& target, const RawConnection::Options& options = {})
        : V2Peer(target, target.connection(options)) {}
    V2Peer(Target& target, RawConnection connection)
        : target_(target), connection_(std::move(connection)) {}

    // Greets and is welcome.
    Heard enter() { return enter({.nick = target_.newName()}); }
    Heard enter(const v2::Hello& hello);
    void join(std::string_view room);

    template <class M>
    bool send(M message) {
        return raw(v2::encoded(message));
    }
    bool raw(std::string_view bytes) { return connection_.send(bytes); }
    RawConnection& connection() { return connection_; }

    Heard next();
    // next() would wait for nothing: something has come.
    bool hasMore() const { return taken_ < bytes_.size() || connection_.readable(0); }
    // Skips what is no answer. An `error` on the way to something else is a ExpectationFailed.
    Heard until(std::string_view verb);
    // The next error must have this code.
    Heard refused(std::string_view code);
    // The server ends the connection, at once or after so long.
    void closed() { closed(target_.patienceMs()); }
    void closed(int64_t patienceMs);
    // All that was sent before was read, and the connection goes on.
    void lives();

  private:
    Target& target_;
    RawConnection connection_;
    std::string bytes_;
    size_t taken_ = 0;  // of them
};

class ClassicPeer {
  public:
    struct Item {
        std::string user, text, bytes;
        bool isFile = false;
    };

    // Enters.
    ClassicPeer(Target& target, const std::string& name) : ClassicPeer(target, name, {}) {}
    ClassicPeer(Target& target, const std::string& name, const RawConnection::Options& options);
    // Says nothing yet.
    explicit ClassicPeer(Target& target, const RawConnection::Options& options = {});

    bool say(std::string_view text) { return raw(target_.field(text)); }
    bool raw(std::string_view bytes) { return connection_.send(bytes); }
    RawConnection& connection() { return connection_; }
    Item next();
    // The next item of this user.
    Item from(std::string_view user);
    void closed();
    // Somebody else gets what it says.
    void lives();

  private:
    Target& target_;
    RawConnection connection_;
    std::string name_;
    std::unique_ptr<Charset> charset_;
    classic::ServerReader reader_;
    Item item_;
};

}  // namespace netchat::harness::hostile
