#include "harness/simulate/server.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "protocol/limits.h"

namespace netchat::simulate {

class Server::Notices : public serve::Log {
  public:
    explicit Notices(std::function<void(const std::string&)> say) : say_(std::move(say)) {}
    void notice(const std::string& text) override { say_(text); }
    void detail(const std::string& text) override { say_(text); }
    bool wantsDetail() const override { return false; }

  private:
    std::function<void(const std::string&)> say_;
};

Server::Server(Machine& machine, const Clock& clock, const Scenario& scenario,
               FaultHooks& faultHooks, std::function<void(const std::string&)> complain)
    : clock_(clock),
      faultHooks_(faultHooks),
      notices_(std::make_unique<Notices>(std::move(complain))),
      classicEncoder_(limits::kHeaderWidth, charset_),
      files_(std::make_unique<SteppedFiles>(
          faultHooks.disk(machine.disk),
          store::FileVault::Options{
              limits::kStoreBytesMax,
              {scenario.durability == Durability::Disk ? store::FileSync::OnKeep
                                                       : store::FileSync::Behind,
               kCheckAtOnceBytes, [this](const std::string& text) { notices_->notice(text); }}},
          [&clock] { return clock.wallMs(); })),
      late_(faultHooks.log(machine.log), scenario.lateLog, faultHooks.hidesUnanswered(),
            faultHooks.answersAsTheFirstTry()),
      hub_(late_, hubOptions(machine, scenario)),
      effects_(scenario.shards),
      posted_(scenario.shards),
      turnDue_(scenario.shards, 0) {
    static_assert(serve::indexOf(Dialect::Classic) == 0 && serve::indexOf(Dialect::V2) == 1);
    for (size_t s = 0; s < scenario.shards; ++s) {
        serve::ShardOptions options;
        options.index = s;
        options.fileBytesMax = limits::kMiB;
        options.windowBytes = kWindowBytes;
        options.spoolBytes = kWindowBytes / 4;
        options.tailBytesMax = kTailBytes;
        shards_.push_back(std::make_unique<serve::Shard>(
            options, charset_, faultHooks_.files(*files_), *notices_,
            [this, s](std::function<void()> task) { posted_[s].push_back(std::move(task)); },
            [this](serve::SessionId id) { release(id); }));
    }
}

serve::HubOptions Server::hubOptions(Machine& machine, const Scenario& scenario) {
    serve::HubOptions options;
    options.encoders = {&classicEncoder_, &v2Encoder_};
    options.makeSecret = [&machine] {
        serve::Key key{};
        const uint64_t number = ++machine.secrets;
        std::memcpy(key.data(), &number, sizeof number);
        return key;
    };
    options.shards = scenario.shards;
    options.logPort = scenario.lateLog ? &late_ : nullptr;
    options.unanswered = {6, 9'000, 20'000};
    options.users = machine.log.lastsOverProcess() ? &faultHooks_.users(machine.log) : nullptr;
    options.catchUpBytes = kPageBytes;
    return options;
}

Server::~Server() {
    for (SimConnection* wire : wires_) wire->session = nullptr;
    shards_.clear();
}

void Server::release(serve::SessionId id) {
    const auto it = std::find_if(wires_.begin(), wires_.end(),
                                 [id](const SimConnection* wire) { return wire->sessionId == id; });
    if (it == wires_.end()) return;
    (*it)->serverGone();
    wires_.erase(it);
}

// ---- steps

void Server::accept(SimConnection& wire) {
    wire.shard = nextShard_++ % shards_.size();
    serve::Shard& shard = *shards_[wire.shard];
    shard.setNow(clock_.nowMs, clock_.wallMs());
    wire.session = &shard.open(wire);
    wire.sessionId = wire.session->id();
    wire.state = SimConnection::State::Up;
    wires_.push_back(&wire);
    turnDue_[wire.shard] = 1;
}

void Server::receive(SimConnection& wire, std::string_view bytes) {
    shards_[wire.shard]->setNow(clock_.nowMs, clock_.wallMs());
    turnDue_[wire.shard] = 1;
    wire.session->receive(bytes);
}

void Server::peerEnded(SimConnection& wire, std::string_view reason) {
    shards_[wire.shard]->setNow(clock_.nowMs, clock_.wallMs());
    turnDue_[wire.shard] = 1;
    wire.session->peerEnded(reason);
}

void Server::writable(SimConnection& wire) {
    turnDue_[wire.shard] = 1;
    wire.session->writable();
}

void Server::endTurn(size_t s) {
    serve::Shard& shard = *shards_[s];
    turnDue_[s] = 0;
    shard.setNow(clock_.nowMs, clock_.wallMs());
    shard.tick();
    for (int round = 0; round < 2; ++round) {
        if (shard.hasCommands()) {
            queue_.push_back(shard.takeCommands());
            faultHooks_.commands(queue_.back());
            if (shards_.size() == 1) {
                runHub(queue_.size());
                while (!effects_[0].empty()) applyOne(0);
            }
        }
        shard.flush();
    }
    if (shard.hasCommands() || shard.hasPendingFlush()) turnDue_[s] = 1;
}

void Server::applyOne(size_t s) {
    if (effects_[s].empty()) return;
    serve::EffectBatch batch = std::move(effects_[s].front());
    effects_[s].pop_front();
    turnDue_[s] = 1;
    shards_[s]->setNow(clock_.nowMs, clock_.wallMs());
    shards_[s]->apply(std::move(batch));
}

void Server::runPosted(size_t s) {
    if (posted_[s].empty()) return;
    const auto task = std::move(posted_[s].front());
    posted_[s].pop_front();
    turnDue_[s] = 1;
    shards_[s]->setNow(clock_.nowMs, clock_.wallMs());
    task();
}

void Server::runHub(size_t batches) {
    for (; batches > 0 && !queue_.empty(); --batches) {
        serve::CommandBatch batch = std::move(queue_.front());
        queue_.pop_front();
        hub_.apply(std::move(batch), clock_.wallMs());
    }
    hub_.commit();
    passEffects();
}

void Server::findOut() {
    hub_.findOut();
    passEffects();
    while (shards_.size() == 1 && !effects_[0].empty()) applyOne(0);
}

void Server::answerLog() {
    faultHooks_.outcome(late_.batch(), late_.outcome());
    serve::LogAnswered answered{late_.take()};
    answer(std::move(answered));
}

void Server::readLog(size_t which, bool fails) {
    faultHooks_.read(late_.request(which));
    late_.readOne(which, fails);
}

void Server::answerRead(size_t which) {
    serve::LogRead read = late_.takeRead(which);
    faultHooks_.haveRead(read);
    answer(std::move(read));
}

void Server::askAgain() {
    hub_.askAgain();
    hub_.commit();
    passEffects();
    while (shards_.size() == 1 && !effects_[0].empty()) applyOne(0);
}

void Server::lookAtSlowLog() {
    hub_.setNow(clock_.wallMs());
    hub_.lookAtSlowLog();
    hub_.commit();
    passEffects();
    while (shards_.size() == 1 && !effects_[0].empty()) applyOne(0);
}

void Server::answer(serve::Command command) {
    serve::CommandBatch batch;
    batch.commands.push_back(std::move(command));
    hub_.apply(std::move(batch), clock_.wallMs());
    hub_.commit();
    passEffects();
    while (shards_.size() == 1 && !effects_[0].empty()) applyOne(0);
}

void Server::passEffects() {
    for (size_t s = 0; s < shards_.size(); ++s) {
        auto batch = hub_.take(s);
        if (batch.empty()) continue;
        effects_[s].push_back(std::move(batch));
        faultHooks_.effects(s, effects_[s]);
    }
}

void Server::bye() {
    for (size_t s = 0; s < shards_.size(); ++s) {
        shards_[s]->setNow(clock_.nowMs, clock_.wallMs());
        shards_[s]->bye("the server is shutting down");
        turnDue_[s] = 1;
    }
}

// ---- what can be done

bool Server::tickDue(size_t s) const {
    const int64_t next = shards_[s]->nextDeadlineMs();
    return next >= 0 && next <= clock_.nowMs;
}

int64_t Server::nextDeadlineMs() const {
    int64_t next = -1;
    for (const auto& shard : shards_) {
        const int64_t one = shard->nextDeadlineMs();
        if (one >= 0 && (next < 0 || one < next)) next = one;
    }
    return next;
}

bool Server::settled() const {
    return std::all_of(shards_.begin(), shards_.end(),
                       [](const auto& shard) { return shard->settled(); });
}

std::vector<serve::RoomInfo> Server::askRooms(serve::SessionId session) {
    serve::CommandBatch batch;
    batch.commands.push_back(serve::AskRooms{session});
    hub_.apply(std::move(batch), clock_.wallMs());
    hub_.commit();
    for (serve::Effect& effect : hub_.take(serve::shardOf(session))) {
        if (auto* ready = std::get_if<serve::RoomsReady>(&effect)) return std::move(ready->rooms);
    }
    return {};
}

std::string Server::checkInvariants() {
    if (!late_.misuse().empty()) return "the log: " + late_.misuse();
    if (auto fault = hub_.checkInvariants(); !fault.empty()) return "the hub: " + fault;
    for (const auto& shard : shards_) {
        if (auto fault = shard->checkInvariants(); !fault.empty()) return "a loop: " + fault;
    }
    if (auto fault = files_->checkInvariants(); !fault.empty()) return "the store: " + fault;
    return {};
}

}  // namespace netchat::simulate
