#pragma once

// One loop's share of the server: its sessions and its tails of the rooms that they are in.
//
//     connections --> sessions --> takeCommands() --> hub
//     hub --> apply(effects) --> tails, sessions --> flush() --> connections
//
// Pure but for the transports and the store: the simulator runs it as it is. The loop's thread
// only.

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "modes/serve/base/log.h"
#include "modes/serve/base/slab.h"
#include "modes/serve/hub/commands.h"
#include "modes/serve/hub/effects.h"
#include "modes/serve/limits/limits.h"
#include "modes/serve/limits/memory_budget.h"
#include "modes/serve/limits/password.h"
#include "modes/serve/session/session.h"
#include "modes/serve/session/session_context.h"
#include "modes/serve/session/session_host.h"
#include "modes/serve/session/tail.h"
#include "modes/store/file_store.h"
#include "protocol/charset.h"
#include "protocol/limits.h"

namespace netchat::serve {

class Shard final : public SessionHost {
  public:
    // Runs a task on the shard's loop; called on any thread.
    using Post = std::function<void(std::function<void()>)>;
    // The transport of a session that is dead may be destroyed now.
    using Release = std::function<void(SessionId)>;

    Shard(ShardOptions options, Charset& charset, store::FileStore& files, Log& log, Post post,
          Release release);
    ~Shard();

    // ---- from the connections
    Session& open(Transport& transport);
    // It is to be told this as soon as its dialect is known, and nothing else.
    void unwelcome(Session& session, Error why) { unwelcome_[session.id()] = std::move(why); }

    // What was read again. What has begun is judged by the shorter of both times.
    void change(const Limits& limits, uint64_t fileBytesMax, PasswordGate* password);

    // ---- once per turn
    // The moment at which everything until the next call happens: monotonic, and Unix time.
    void setNow(int64_t nowMs, int64_t wallMs) {
        nowMs_ = nowMs;
        wallMs_ = wallMs;
    }
    CommandBatch takeCommands() { return std::exchange(commands_, {}); }
    bool hasCommands() const { return !commands_.empty(); }
    void apply(EffectBatch effects);
    // Sends what is new; then destroys the dead.
    void flush();
    // Sessions gave way to others: another turn should follow at once.
    bool hasPendingFlush() const { return !wantFlush_.empty(); }
    // Ends what took too long.
    void tick();
    // The next moment to call tick(), or -1.
    int64_t nextDeadlineMs() const;

    // ---- the end
    // Something is on its way to or from somebody.
    bool busy() const;
    // All has been sent; the peers are to end their side.
    bool settled() const;
    void bye(std::string_view reason);

    // ---- for sessions
    CommandBatch& commands() override { return commands_; }
    store::FileStore& files() override { return files_; }
    Charset& charset() override { return charset_; }
    Log& log() override { return log_; }
    const ShardOptions& options() const override { return options_; }
    int64_t wallMs() const override { return wallMs_; }
    int64_t nowMs() const override { return nowMs_; }
    RateLimiter& rateLimiterOf(SessionId id) override {
        return rateLimiters_.try_emplace(id, options_.limits, nowMs_).first->second;
    }
    void resumeIn(Session& session, int64_t ms) override {
        pauses_.emplace(nowMs_ + ms, session.id());
    }
    void watch(Session& session) override;
    const Error* whyUnwelcome(SessionId id) const override {
        const auto it = unwelcome_.find(id);
        return it == unwelcome_.end() ? nullptr : &it->second;
    }
    Tail& tail(RoomId id, const std::string& name, uint64_t lastSeq) override;
    void subscriptionLeft(Tail& tail) override;
    void wantFlush(Session& session) override { wantFlush_.push_back(session.id()); }
    void died(Session& session) override { dead_.push_back(session.id()); }
    void drainSoon(Session& session) override;
    void stir() override {
        stirred_ = true;
        if (lifeAtMs_ < 0 && options_.limits.deadAfterMs > 0) lifeAtMs_ = nowMs_ + lookMs();
    }
    std::unique_ptr<BoundDialogue> takeDialogue(Dialect dialect) override;
    void release(std::unique_ptr<BoundDialogue> dialogue) override;
    Uploads::Deliver deliverTo(SessionId session) override;
    void verify(Session& session, const std::string& sha256) override;
    void weighed(Session& session, Weight weight) override;
    bool isTight(const Session& session) const override;
    void checkPassword(Session& session, std::string password) override;
    size_t size() const { return sessions_.size(); }

    // What is not as it should be between two calls, its sessions and tails included; empty:
    // nothing.
    std::string checkInvariants() const;

  private:
    friend struct InvariantsTest;  // plants faults

    struct Deadline {
        int64_t atMs;
        SessionId session;
    };

    void on(Published& e);
    void on(Notice& e);
    void on(Expel& e);
    void on(SnapshotRequest& e);
    template <class E>
    void on(E& e) {
        Session* const session = find(e.session);
        if (!session) return;
        session->on(e);
        session->release();
    }
    Session* find(SessionId id) const;
    void flushTail(Tail& tail);
    void boundTail(Tail& tail, size_t bytesMax);
    void makeFallBehind(Tail& tail, size_t dialect, uint64_t start);
    void reap();
    void forgetGreeted();
    int64_t lookMs() const { return options_.limits.deadAfterMs / kChecksPerLife; }
    void checkKeepalives();
    int64_t inputCheckMs() const;

    // shard_invariants.cpp
    std::string sessionFault(const Session& session) const;
    std::string tailFault(RoomId id, const Tail& tail) const;
    std::string memoryFault() const;

    // shard_memory.cpp
    void lighten();
    void tightenTails();
    void countTail(Tail& tail);
    template <class Counts>
    bool refuseHeaviest(Counts counts);

    ShardOptions options_;
    Charset& charset_;
    store::FileStore& files_;
    Log& log_;
    Post post_;
    Release release_;
    int64_t nowMs_ = 0, wallMs_ = 0;
    uint32_t lastSerial_ = 0;
    Slab<Session> sessions_;
    std::array<std::vector<std::unique_ptr<BoundDialogue>>, kDialects> resting_;
    std::unordered_map<RoomId, std::unique_ptr<Tail>> tails_;
    std::vector<Tail*> dirty_;
    std::vector<SessionId> wantFlush_;
    std::unordered_map<SessionId, Error> unwelcome_;
    std::vector<SessionId> dead_;
    std::vector<RoomId> emptied_;  // tails that may have no subscriptions any more
    CommandBatch commands_;
    std::unordered_map<SessionId, RateLimiter> rateLimiters_;  // of those for whom there are rates
    std::multimap<int64_t, SessionId> pauses_;                 // when who may go on
    std::unordered_map<SessionId, Weight> weights_;  // of those who hold more than a little
    std::vector<SessionId> heavy_;                   // whose addresses may hold too much
    // Each has one length of time, so that the soonest is always in front.
    std::deque<Deadline> halves_;     // to be looked at
    std::deque<Deadline> greetings_;  // to finish the first field
    std::deque<Deadline> drains_;     // to end after we did
    // Looks at who is alive: at a few sessions in each turn, and none while nothing happens.
    int64_t lifeAtMs_ = -1;    // the next; -1: there is nothing to look for
    uint32_t lifeSlot_ = 0;    // the next session of the look that is under way
    bool lifeGoesOn_ = false;  // one of those that were looked at is to be looked at again
    bool stirred_ = false;     // since the look began
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // answers after our end find nobody
};

}  // namespace netchat::serve
