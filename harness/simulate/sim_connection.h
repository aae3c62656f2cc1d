#pragma once

// One simulated connection: two directions of bytes on their way, which arrive in pieces, late, or
// not at all. The simulation decides what arrives when; the two ends see what net::Connection and
// client::Link would show them.
//
//     client's Link --write--> up ------> session.receive()
//     handler.onBytes() <------ down <--write-- session's Transport

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "harness/simulate/rng.h"
#include "modes/client/host.h"
#include "modes/serve/session/session.h"
#include "modes/serve/session/transport.h"

namespace netchat::simulate {

// One direction.
class Stream {
  public:
    // Of a socket's buffers on both sides.
    size_t capacity = 64 * 1024;
    bool ended = false;        // nothing more is written
    bool endTold = false;      // and the reader knows
    bool writerWaits = false;  // a write came short

    size_t room() const { return held() < capacity ? capacity - held() : 0; }
    size_t held() const { return bytes_.size() - taken_; }
    void put(std::string_view bytes) { bytes_.append(bytes); }
    std::string take(size_t size);
    void cutTo(size_t size) { bytes_.resize(taken_ + size); }

  private:
    std::string bytes_;
    size_t taken_ = 0;
};

class SimConnection : public serve::Transport {
  public:
    enum class State {
        Asked,  // the client waits for an answer
        Up,
        Cut,  // both ends will hear of it, each when it has taken what still came
    };

    // ---- the client's side; null when it has let go
    client::Link::Handler* handler = nullptr;
    size_t client = 0;
    int64_t connectBy = 0;
    bool connectedTold = false;

    // ---- the server's side; null when it has let go
    serve::Session* session = nullptr;
    serve::SessionId sessionId = 0;
    size_t shard = 0;
    bool reading = true;

    State state = State::Asked;
    bool halfOpen = false;
    uint64_t slowUntil = 0;  // the step
    Stream up, down;
    std::string reason;  // of a cut
    uint64_t number = 0;
    size_t epoch = 0;  // of the server's log
    // What breaks the terms between a session and its connection.
    std::string complaint;
    // Sees what the client writes.
    std::function<void(std::string_view)> onClientWrites;

    void cut(SimRng& rng);
    void clientGone();
    void serverGone();
    bool over() const { return !handler && !session && state != State::Asked; }

    // ---- serve::Transport
    size_t write(std::span<const iovec> pieces, bool more) override;
    ssize_t sendFile(const store::StoredFile& file, uint64_t offset, size_t size) override;
    void setReading(bool on) override { reading = on; }
    void shutdownWrite() override;
    void limitUnsent(size_t) override {}
    std::string peer() const override { return "c" + std::to_string(client); }
    bool delivered(int64_t) override { return down.held() == 0; }

    size_t clientWrite(std::span<const iovec> pieces);

  private:
    bool mayWrite();
};

// What a client holds of it.
class SimConnectionLink : public client::Link {
  public:
    explicit SimConnectionLink(std::shared_ptr<SimConnection> wire) : wire_(std::move(wire)) {}
    ~SimConnectionLink() override { wire_->clientGone(); }
    size_t write(std::span<const iovec> pieces) override { return wire_->clientWrite(pieces); }
    void shutdownWrite() override { wire_->up.ended = true; }
    void limitUnsent(size_t) override {}

  private:
    std::shared_ptr<SimConnection> wire_;
};

}  // namespace netchat::simulate
