#pragma once

// Runs one shard on one event loop: connections in, a turn's commands to the hub, the hub's effects
// back, everything new out in one call per connection. All that a shard knows of sockets and
// threads is here.

#include <Poco/Net/StreamSocket.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "modes/net/connection.h"
#include "modes/net/event_loop.h"
#include "modes/serve/base/must_hold.h"
#include "modes/serve/base/slab.h"
#include "modes/serve/host/incoming.h"
#include "modes/serve/host/shard.h"
#include "modes/serve/limits/address_budget.h"

namespace netchat::serve {

// Gets a turn's commands to the hub. Where the hub lives in this loop, the effects come back
// before it returns; else later, through LoopHost::apply().
using Submit = std::function<void(size_t shard, CommandBatch batch)>;

// Somebody who was admitted has gone. On a loop.
using Left = std::function<void(AddressBudget*)>;

// What a loop goes by that may change while it runs.
struct LoopSettings {
    Limits limits;
    uint64_t fileBytesMax;
    PasswordGate* password;
    std::shared_ptr<const net::TlsContext> tls;
};

// For whom a balancer has made a connection.
struct Forwarded {
    std::optional<Poco::Net::SocketAddress> client;  // none: the balancer does not know
    bool outside;                                    // the client is on another machine than this
};

class LoopHost {
  public:
    LoopHost(net::EventLoop& loop, ShardOptions options, std::unique_ptr<Charset> charset,
             store::FileStore& files, Log& log, Submit submit,
             std::shared_ptr<const net::TlsContext> tls = {}, Left left = {});
    ~LoopHost();  // on the loop's thread, or after it has ended

    // ---- any thread
    void accept(const Incoming& incoming, AddressBudget* budget = nullptr,
                std::optional<Forwarded> forwarded = {});
    // Whoever it is will be told this, and nothing else.
    void acceptUnwelcome(const Incoming& incoming, Error refusal,
                         std::optional<Forwarded> forwarded = {});
    void apply(EffectBatch effects);
    // From its next turn on.
    void change(LoopSettings settings);

    // ---- the loop's thread
    void applyNow(EffectBatch effects) { shard_.apply(std::move(effects)); }
    Shard& shard() { return shard_; }
    net::EventLoop& loop() { return loop_; }

  private:
    class Link;

    Link& open(const Poco::Net::StreamSocket& socket, const std::optional<Forwarded>& forwarded);
    void setNow();
    void endTurn();
    void armTimer();

    net::EventLoop& loop_;
    std::unique_ptr<Charset> charset_;
    Log& log_;
    std::shared_ptr<const net::TlsContext> tls_;  // null: TLS is not spoken
    Submit submit_;
    const Left left_;
    size_t index_;
    Slab<Link> links_;  // at the slots of their sessions
    net::EventLoop::TimerId timer_ = 0;
    int64_t timerAtMs_ = -1;
    CheckPace checkPace_;
    Shard shard_;
};

}  // namespace netchat::serve
