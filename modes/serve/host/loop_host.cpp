#include "modes/serve/host/loop_host.h"

#include <cassert>
#include <utility>

#include "modes/net/clock.h"

namespace netchat::serve {

// One connection and its session.
class LoopHost::Link : public Transport, private net::Connection::Handler {
  public:
    Link(LoopHost& host, const Poco::Net::StreamSocket& socket)
        : host_(host), connection_(host.loop_, socket, *this), session_(host.shard_.open(*this)) {}
    ~Link() override {
        if (admitted_ && host_.left_) host_.left_(budget_);
    }

    // To be given back at its end.
    void admitted(AddressBudget* budget) {
        admitted_ = true;
        budget_ = budget;
    }
    void isFor(const Forwarded& forwarded) {
        outside_ = forwarded.outside;
        if (forwarded.client) connection_.standsFor(*forwarded.client);
    }
    SessionId id() const { return session_.id(); }
    Session& session() { return session_; }

    size_t write(std::span<const iovec> pieces, bool more) override {
        return connection_.write(pieces, more);
    }
    ssize_t sendFile(const store::StoredFile& file, uint64_t offset, size_t size) override {
        return connection_.sendFile(file.fd(), offset, size);
    }
    bool delivered(int64_t deadAfterMs) override { return connection_.delivered(deadAfterMs); }
    bool secure() const override { return connection_.secure(); }
    bool fromOutside() const override { return outside_; }
    void setReading(bool on) override { connection_.setReading(on); }
    void shutdownWrite() override { connection_.shutdownWrite(); }
    void limitUnsent(size_t bytes) override { connection_.limitUnsent(bytes); }
    std::string peer() const override { return connection_.peer(); }
    AddressBudget* budget() const override { return budget_; }

  private:
    void onBytes(std::string_view bytes) override { session_.receive(bytes); }
    void onWritable() override { session_.writable(); }
    void onEnd(std::string_view reason) override { session_.peerEnded(reason); }

    const net::TlsContext* tls() override { return host_.tls_.get(); }

    LoopHost& host_;
    AddressBudget* budget_ = nullptr;
    [[no_unique_address]] net::Connection connection_;
    // In the byte that the connection leaves.
    bool admitted_ : 1 = false;
    bool outside_ : 1 = false;
    Session& session_;
};

LoopHost::LoopHost(net::EventLoop& loop, ShardOptions options, std::unique_ptr<Charset> charset,
                   store::FileStore& files, Log& log, Submit submit,
                   std::shared_ptr<const net::TlsContext> tls, Left left)
    : loop_(loop),
      charset_(std::move(charset)),
      log_(log),
      tls_(std::move(tls)),
      submit_(std::move(submit)),
      left_(std::move(left)),
      index_(options.index),
      shard_(
          options, *charset_, files, log,
          [&loop](std::function<void()> task) { loop.post(std::move(task)); },
          [this](SessionId id) { links_.erase(slotOf(id)); }) {
    loop_.onTurnBegin([this] { setNow(); });
    loop_.onTurnEnd([this] { endTurn(); });
}

LoopHost::~LoopHost() {
    loop_.onTurnBegin({});
    loop_.onTurnEnd({});
}

void LoopHost::accept(const Incoming& incoming, AddressBudget* budget,
                      std::optional<Forwarded> forwarded) {
    loop_.post([this, incoming, budget, forwarded = std::move(forwarded)] {
        open(incoming.take(), forwarded).admitted(budget);
    });
}

void LoopHost::acceptUnwelcome(const Incoming& incoming, Error refusal,
                               std::optional<Forwarded> forwarded) {
    loop_.post([this, incoming, refusal = std::move(refusal), forwarded = std::move(forwarded)] {
        shard_.unwelcome(open(incoming.take(), forwarded).session(), refusal);
    });
}

LoopHost::Link& LoopHost::open(const Poco::Net::StreamSocket& socket,
                               const std::optional<Forwarded>& forwarded) {
    Link& link = links_.make(*this, socket);
    assert(links_.find(slotOf(link.id())) == &link);
    const std::string by = forwarded && log_.wantsDetail() ? " through " + link.peer() : "";
    if (forwarded) link.isFor(*forwarded);
    if (log_.wantsDetail()) log_.detail(link.peer() + ": connected" + by);
    return link;
}

void LoopHost::apply(EffectBatch effects) {
    loop_.post([this, effects = std::make_shared<EffectBatch>(std::move(effects))] {
        shard_.apply(std::move(*effects));
    });
}

void LoopHost::change(LoopSettings settings) {
    loop_.post([this, settings = std::move(settings)] {
        tls_ = settings.tls;
        shard_.change(settings.limits, settings.fileBytesMax, settings.password);
    });
}

void LoopHost::setNow() {
    shard_.setNow(loop_.nowMs(), net::wallMs());
}

void LoopHost::endTurn() {
    shard_.tick();
    // Where the hub is in this loop, effects may bring commands (a subscription that asks for its
    // next page); what is left after two rounds is the next turn's.
    for (int round = 0; round < 2; ++round) {
        if (shard_.hasCommands()) submit_(index_, shard_.takeCommands());
        shard_.flush();
    }
    if constexpr (kChecksInvariants) {
        if (checkPace_.due(shard_.size())) mustHold("a loop", shard_.checkInvariants());
    }
    if (shard_.hasCommands() || shard_.hasPendingFlush()) loop_.post([] {});
    armTimer();
}

void LoopHost::armTimer() {
    const int64_t next = shard_.nextDeadlineMs();
    if (next == timerAtMs_) return;
    loop_.cancel(timer_);
    timerAtMs_ = next;
    if (next < 0) return;
    timer_ = loop_.after(next - loop_.nowMs(), [this] { timerAtMs_ = -1; });
}

}  // namespace netchat::serve
