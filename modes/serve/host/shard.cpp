#include "modes/serve/host/shard.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "modes/serve/limits/network.h"
#include "protocol/limits.h"

namespace netchat::serve {

namespace {

// Dialogues kept for the next of those who say something, of each dialect.
constexpr size_t kRestingMax = 64;
// Sessions that are looked at in one turn: each may be asked for a sign of life.
constexpr uint32_t kLooksPerTurn = 256;

// Only sessions subscribe to a shard's tails.
Session& receiverOf(const Subscription& subscription) {
    return static_cast<Session&>(*subscription.subscriber);
}

}  // namespace

Shard::Shard(ShardOptions options, Charset& charset, store::FileStore& files, Log& log, Post post,
             Release release)
    : options_(options),
      charset_(charset),
      files_(files),
      log_(log),
      post_(std::move(post)),
      release_(std::move(release)) {
}

Shard::~Shard() = default;

Session& Shard::open(Transport& transport) {
    forgetGreeted();
    if (++lastSerial_ == 0) ++lastSerial_;  // no session has the id 0
    const SessionId id = makeSessionId(options_.index, lastSerial_, sessions_.nextFree());
    greetings_.push_back({nowMs_ + options_.limits.greetingMs, id});
    stir();
    return sessions_.make(id, *this, transport);
}

void Shard::change(const Limits& limits, uint64_t fileBytesMax, PasswordGate* password) {
    options_.limits = limits;
    options_.fileBytesMax = fileBytesMax;
    options_.password = password;
    // Dialogues at rest were made by the former limits.
    for (auto& resting : resting_) resting.clear();
    for (auto& [session, rateLimiter] : rateLimiters_) rateLimiter.limitsChanged(nowMs_);
    // The soonest stays in front.
    const auto notAfter = [](std::deque<Deadline>& queue, int64_t atMs) {
        for (Deadline& deadline : queue) deadline.atMs = std::min(deadline.atMs, atMs);
    };
    notAfter(greetings_, nowMs_ + limits.greetingMs);
    notAfter(halves_, nowMs_ + inputCheckMs());
    lifeAtMs_ = -1;
    lifeSlot_ = 0;
    stir();
}

Session* Shard::find(SessionId id) const {
    Session* const session = sessions_.find(slotOf(id));
    return session && session->id() == id ? session : nullptr;
}

std::unique_ptr<BoundDialogue> Shard::takeDialogue(Dialect dialect) {
    auto& resting = resting_[indexOf(dialect)];
    if (resting.empty()) return nullptr;
    auto dialogue = std::move(resting.back());
    resting.pop_back();
    return dialogue;
}

void Shard::release(std::unique_ptr<BoundDialogue> dialogue) {
    auto& resting = resting_[indexOf(dialogue->dialogue->dialect())];
    if (resting.size() < kRestingMax) resting.push_back(std::move(dialogue));
}

// ---- effects

void Shard::apply(EffectBatch effects) {
    for (Effect& effect : effects) {
        std::visit([this](auto& e) { on(e); }, effect);
    }
}

void Shard::on(Published& e) {
    const auto it = tails_.find(e.publication->room);
    if (it == tails_.end()) return;
    Tail& tail = *it->second;
    if (!tail.dirty) dirty_.push_back(&tail);
    tail.dirty = true;
    tail.add(std::move(e.publication));
}

void Shard::on(Notice& e) {
    const auto tell = [&e](Session& session) {
        session.on(e);
        session.release();
    };
    if (e.session == 0) return sessions_.each(tell);
    if (Session* session = find(e.session)) tell(*session);
}

void Shard::on(Expel& e) {
    sessions_.each([&e](Session& session) {
        const auto host = hostOf(session.transport().peer());
        if (!host || !e.ban->network.contains(*host)) return;
        session.fail({ErrorCode::Banned, e.ban->text});
    });
}

void Shard::on(SnapshotRequest& e) {
    ConnectionSnapshots snapshots;
    snapshots.connections = sessions_.size();
    if (e.each) {
        sessions_.each([&snapshots](Session& session) {
            if (session.user() == 0) return;
            Transport& transport = session.transport();
            snapshots.each.push_back({session.id(), transport.peer(), transport.secure()});
        });
    }
    commands_.commands.push_back(SnapshotTaken{e.ticket, std::move(snapshots)});
}

Tail& Shard::tail(RoomId id, const std::string& name, uint64_t lastSeq) {
    auto& tail = tails_[id];
    // One without subscriptions has not been told what was published since.
    if (!tail || tail->empty()) {
        if (tail) {
            std::erase(dirty_, tail.get());
            tail->clear();
            countTail(*tail);
        }
        tail = std::make_unique<Tail>(id, name, lastSeq, options_.tailBytesMax);
    }
    // Those who sit there may all have left, and only be owed what was said before.
    tail->goesTo(lastSeq);
    countTail(*tail);
    return *tail;
}

void Shard::subscriptionLeft(Tail& tail) {
    if (tail.empty()) emptied_.push_back(tail.id());
}

Uploads::Deliver Shard::deliverTo(SessionId session) {
    return [this, session, alive = std::weak_ptr<int>(alive_), post = post_](StoreAnswer answer) {
        post([this, session, alive, answer = std::move(answer)] {
            if (alive.expired()) return;
            if (Session* found = find(session)) found->storeAnswered(answer);
        });
    };
}

void Shard::verify(Session& session, const std::string& sha256) {
    files_.verify(sha256, [this, id = session.id(), sha256, alive = std::weak_ptr<int>(alive_),
                           post = post_](bool whole) {
        post([this, id, sha256, alive, whole] {
            if (alive.expired()) return;
            if (Session* found = find(id)) found->verified(sha256, whole);
        });
    });
}

void Shard::checkPassword(Session& session, std::string password) {
    const auto host = hostOf(session.transport().peer());
    options_.password->check(
        std::move(password), host.value_or(Poco::Net::IPAddress()),
        [this, id = session.id(), alive = std::weak_ptr<int>(alive_), post = post_](Status status) {
            post([this, id, alive, status = std::move(status)] {
                if (alive.expired()) return;
                if (Session* found = find(id)) found->passwordChecked(status);
            });
        });
}

// ---- sending

void Shard::flush() {
    if (!wantFlush_.empty() || !dirty_.empty()) stir();
    const auto wanting = std::exchange(wantFlush_, {});
    for (const SessionId id : wanting) {
        if (Session* session = find(id)) session->flush();
    }
    // A flush may end sessions, and with them subscriptions and tails: taken one by one.
    while (!dirty_.empty()) {
        Tail& tail = *dirty_.back();
        dirty_.pop_back();
        tail.dirty = false;
        flushTail(tail);
    }
    lighten();
    reap();
}

void Shard::flushTail(Tail& tail) {
    bool behind = false;
    for (size_t d = 0; d < kDialects; ++d) {
        auto& subscriptions = tail.subscriptions(d);
        Tail::Stretch stretch;
        for (size_t i = 0; i < subscriptions.size(); ++i) {
            if (subscriptions[i].at >= tail.end(d)) continue;
            Session* const session = &receiverOf(subscriptions[i]);
            if (session->owesOnlyItsSubscription()) {
                if (stretch.from != subscriptions[i].at)
                    tail.stretchFrom(d, subscriptions[i].at, stretch);
                if (stretch.to > stretch.from) {
                    session->send(subscriptions[i], stretch);
                    behind = behind || subscriptions[i].at < tail.end(d);
                    continue;
                }
            }
            if (!session->blocked()) session->flush();
            // Whoever sat here may have gone, and another taken the place.
            if (i >= subscriptions.size()) break;
            if (subscriptions[i].subscriber != session)
                --i;
            else
                behind = behind || subscriptions[i].at < tail.end(d);
        }
    }
    if (behind || tail.pagesDue > 0) {
        boundTail(tail, SIZE_MAX);
    } else {
        tail.clear();
    }
    countTail(tail);
}

void Shard::boundTail(Tail& tail, size_t bytesMax) {
    const auto start = tail.boundedStart(bytesMax);
    for (size_t d = 0; d < kDialects; ++d) makeFallBehind(tail, d, start[d]);
    tail.dropBefore(start);
}

void Shard::makeFallBehind(Tail& tail, size_t dialect, uint64_t start) {
    for (const Subscription& subscription : tail.subscriptions(dialect)) {
        if (subscription.at < start) receiverOf(subscription).fallBehind(tail);
    }
}

// Often enough that nothing takes a quarter longer than it may; never so often that it is felt.
int64_t Shard::inputCheckMs() const {
    const int64_t shorter = std::min(options_.limits.frameMs, options_.limits.uploadMs);
    return std::max<int64_t>(shorter / 4, 100);
}

void Shard::watch(Session& session) {
    halves_.push_back({nowMs_ + inputCheckMs(), session.id()});
}

void Shard::drainSoon(Session& session) {
    drains_.push_back({nowMs_ + limits::kDrainTimeoutMs, session.id()});
}

// Nearly everyone greets at once: a flood of connections leaves no queue of deadlines.
void Shard::forgetGreeted() {
    while (!greetings_.empty()) {
        const Session* session = find(greetings_.front().session);
        if (session && session->user() == 0) return;
        greetings_.pop_front();
    }
}

void Shard::checkKeepalives() {
    if (lifeAtMs_ < 0 || lifeAtMs_ > nowMs_) return;
    if (lifeSlot_ == 0) stirred_ = lifeGoesOn_ = false;
    const uint32_t end = std::min(sessions_.end(), lifeSlot_ + kLooksPerTurn);
    for (; lifeSlot_ < end; ++lifeSlot_) {
        Session* const session = sessions_.find(lifeSlot_);
        if (session && session->checkKeepalive()) lifeGoesOn_ = true;
    }
    if (lifeSlot_ < sessions_.end()) return;  // the rest in the next turn, which follows at once
    lifeSlot_ = 0;
    lifeAtMs_ = lifeGoesOn_ || stirred_ ? nowMs_ + lookMs() : -1;
}

void Shard::tick() {
    checkKeepalives();
    for (; !greetings_.empty() && greetings_.front().atMs <= nowMs_; greetings_.pop_front()) {
        Session* session = find(greetings_.front().session);
        if (session && session->takesInput() && session->user() == 0) {
            session->fail(
                {ErrorCode::Timeout, "no user name arrived within " +
                                         std::to_string((options_.limits.greetingMs + 999) / 1000) +
                                         " seconds"});
        }
    }
    while (!pauses_.empty() && pauses_.begin()->first <= nowMs_) {
        const SessionId id = pauses_.extract(pauses_.begin()).mapped();
        if (Session* session = find(id)) session->resume();
    }
    while (!halves_.empty() && halves_.front().atMs <= nowMs_) {
        const SessionId id = halves_.front().session;
        halves_.pop_front();
        if (Session* session = find(id)) session->checkInputTimeout();
    }
    for (; !drains_.empty() && drains_.front().atMs <= nowMs_; drains_.pop_front()) {
        if (Session* session = find(drains_.front().session)) session->kill();
    }
}

int64_t Shard::nextDeadlineMs() const {
    int64_t next = -1;
    const auto take = [&next](int64_t atMs) { next = next < 0 ? atMs : std::min(next, atMs); };
    for (const auto* queue : {&greetings_, &drains_, &halves_}) {
        if (!queue->empty()) take(queue->front().atMs);
    }
    if (!pauses_.empty()) take(pauses_.begin()->first);
    if (lifeAtMs_ >= 0) take(lifeAtMs_);
    return next;
}

void Shard::reap() {
    for (const RoomId id : std::exchange(emptied_, {})) {
        const auto it = tails_.find(id);
        if (it == tails_.end() || !it->second->empty()) continue;
        it->second->clear();
        countTail(*it->second);
        tails_.erase(it);
    }
    for (const SessionId id : std::exchange(dead_, {})) {
        unwelcome_.erase(id);
        rateLimiters_.erase(id);
        if (weights_.count(id) > 0) weighed(*find(id), {});
        sessions_.erase(slotOf(id));
        release_(id);
    }
}

// ---- the end

bool Shard::settled() const {
    bool all = true;
    sessions_.each([&all](const Session& session) {
        all = all && session.state() == Session::State::Draining;
    });
    return all;
}

bool Shard::busy() const {
    bool any = hasCommands() || !dirty_.empty();
    sessions_.each([&any](const Session& session) { any = any || session.busy(); });
    return any;
}

void Shard::bye(std::string_view reason) {
    sessions_.each([reason](Session& session) { session.bye(reason); });
}

}  // namespace netchat::serve
