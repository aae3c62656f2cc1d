#include "harness/simulate/simulation.h"

#include <algorithm>
#include <utility>

#include "harness/plan/rng.h"
#include "modes/client/sha256.h"
#include "protocol/limits.h"

namespace netchat::simulate {

namespace {

// In the rest, everything must come to its end in so many steps and so much of its time.
constexpr uint64_t kRestStepsMax = 200'000;
constexpr int64_t kRestMsMax = 10 * 60 * 1000;

// What everybody keeps is looked at as a whole, which costs as much as several steps.
constexpr uint64_t kStepsPerCheck = 8;

}  // namespace

Simulation::Simulation(const Scenario& scenario, FaultHooks& faultHooks, Trace& trace)
    : scenario_(scenario),
      faultHooks_(faultHooks),
      trace_(trace),
      rng_(scenario.scheduleSeed),
      machine_(faultHooks.makeLog(scenario.durability)),
      checker_(machine_.log, trace),
      shardUntil_(scenario.shards, 0),
      clientDownUntil_(scenario.clients.size(), 0) {
    drawWeights();
    for (size_t i = 0; i < scenario.clients.size(); ++i) {
        people_.push_back(std::make_unique<SimClient>(
            i, scenario.clients[i], Surroundings{clock_, rng_, checker_, trace_, faultHooks_},
            [this, i](int64_t timeoutMs) { return connect(i, timeoutMs); }));
    }
}

Simulation::~Simulation() {
    people_.clear();
    machine_.disk.gone = true;
    server_.reset();
}

// Each run has its own character: one has a slow hub, another a slow network.
void Simulation::drawWeights() {
    constexpr uint32_t kSome[] = {1, 4, 16};
    constexpr auto kLate = static_cast<size_t>(Kind::LogWrites);  // those of a late log
    for (size_t kind = 0; kind < kLate; ++kind) weights_[kind] = kSome[rng_.below(3)];
    // By themselves, so that a schedule is the same with a log that answers at once.
    SimRng own(scenario_.scheduleSeed + 1);
    for (size_t kind = kLate; kind < weights_.size(); ++kind) weights_[kind] = kSome[own.below(3)];
    weights_[static_cast<size_t>(Kind::PassTime)] = 1;
    weights_[static_cast<size_t>(Kind::Act)] = static_cast<uint32_t>(rng_.between(1, 4));
    constexpr size_t kPieces[] = {7, 100, 1'000, 100'000, 100'000};
    pieceMost_ = kPieces[rng_.below(5)];
}

std::optional<Violation> Simulation::run() {
    startServer();
    for (auto& client : people_) client->start();
    chaos();
    if (!checker_.first()) rest();
    if (!checker_.first()) mendFiles();
    if (!checker_.first()) judgeRest();
    trace_.mark(step_, static_cast<uint64_t>(clock_.nowMs));
    return checker_.first();
}

void Simulation::chaos() {
    while (step_ < scenario_.stepsMax && !checker_.first()) {
        beginFaults();
        step();
    }
}

void Simulation::rest() {
    say("---- no more faults: everything comes to rest");
    endFaults();
    resting_ = true;
    const uint64_t stepsMax = step_ + kRestStepsMax;
    const int64_t untilMs = clock_.nowMs + kRestMsMax;
    while (!checker_.first()) {
        gather();
        if (choices_.empty()) {
            if (allAtRest()) return;
            const int64_t next = nextMomentMs();
            if (next < 0 || next > untilMs) break;
            clock_.nowMs = std::max(clock_.nowMs, next);
            continue;
        }
        if (step_ > stepsMax) break;
        step();
    }
    for (const auto& client : people_) {
        if (!client->isIdle()) checker_.violated("alive", "in the end: " + client->state());
    }
    checker_.violated("alive", "it does not come to rest");
}

bool Simulation::isWhole(const std::string& sha256) const {
    const std::string* const bytes = machine_.disk.content(sha256);
    if (bytes == nullptr) return false;
    client::Sha256 digest;
    digest.update(*bytes);
    return digest.hex() == sha256;
}

// Who still has the bytes of a damaged file offers them again: then it is there, whole, for all.
// (A first time may be spared: the server need not have seen a bit that flipped by itself, until
// somebody has fetched it.)
void Simulation::mendFiles() {
    for (const std::string& sha256 : checker_.rotten()) {
        for (int times = 0; times < 3 && !isWhole(sha256); ++times) {
            const bool offered = std::any_of(people_.begin(), people_.end(), [&](auto& client) {
                return client->offerAgain(sha256, ++lastMended_);
            });
            if (!offered) break;
            rest();
            if (checker_.first()) return;
            if (times > 0 && !isWhole(sha256) && !machine_.disk.rotsInSilence(sha256)) {
                return checker_.violated("file", sha256 + " was offered again and is not whole");
            }
        }
    }
}

bool Simulation::allAtRest() const {
    return server_ && std::all_of(people_.begin(), people_.end(),
                                  [](const auto& client) { return client->isIdle(); });
}

// ---- one step

void Simulation::step() {
    ++step_;
    trace_.stamp(step_, clock_.nowMs);
    gather();
    if (!resting_) add(Kind::PassTime, 0);
    uint64_t total = 0;
    for (const Choice& choice : choices_) total += choice.weight;
    if (total == 0) return;
    uint64_t dice = rng_.below(total);
    const auto chosen =
        std::find_if(choices_.begin(), choices_.end(), [&dice](const Choice& choice) {
            if (dice < choice.weight) return true;
            dice -= choice.weight;
            return false;
        });
    const Choice choice = *chosen;
    trace_.mark(static_cast<uint64_t>(choice.kind), choice.who);
    try {
        perform(choice);
    } catch (const ServerDied&) {
        say("the server dies in an append");
        killServer();
    }
    judgeStep();
}

void Simulation::gather() {
    choices_.clear();
    for (uint32_t i = 0; i < wires_.size(); ++i) gatherWire(i, *wires_[i].wire);
    gatherServer();
    for (uint32_t i = 0; i < people_.size(); ++i) {
        SimClient& client = *people_[i];
        if (!client.alive()) {
            if (!stalled(clientDownUntil_[i])) add(Kind::RestartClient, i);
            continue;
        }
        if (client.host().turnDue()) add(Kind::ClientTurn, i);
        if (client.host().timerDue()) add(Kind::ClientTimer, i);
        if (client.mayAct()) add(Kind::Act, i);
        const int64_t at = client.reconnectAtMs();
        if (at >= 0 && at <= clock_.nowMs) add(Kind::Reconnect, i);
    }
}

void Simulation::gatherWire(uint32_t i, const SimConnection& wire) {
    if (wire.state == SimConnection::State::Asked) {
        if (server_ && !sayingBye_) {
            add(Kind::Accept, i);
        } else {
            add(Kind::Unreachable, i);
        }
        return;
    }
    const bool cut = wire.state == SimConnection::State::Cut;
    if (wire.session && !wire.halfOpen) {
        if (wire.up.held() > 0 && wire.reading) add(Kind::DeliverUp, i);
        const bool read = wire.up.held() == 0 && wire.reading;
        if (wire.up.ended && !wire.up.endTold && (read || (cut && !wire.reading)))
            add(Kind::EndUp, i);
    }
    const bool lost = cut || !wire.handler;
    if (wire.session && wire.down.writerWaits && (lost || wire.down.room() > 0)) {
        add(Kind::WritableDown, i);
    }
    if (!wire.handler) return;
    if (!wire.connectedTold) {
        add(cut ? Kind::Unreachable : Kind::Connected, i);
        return;
    }
    if (wire.up.writerWaits && wire.up.room() > 0 && !cut) add(Kind::WritableUp, i);
    if (wire.halfOpen || stalled(wire.slowUntil)) return;
    if (wire.down.held() > 0) {
        add(Kind::DeliverDown, i);
    } else if (wire.down.ended && !wire.down.endTold) {
        add(Kind::EndDown, i);
    }
}

void Simulation::gatherServer() {
    if (!server_) {
        if (!stalled(downUntil_)) add(Kind::StartServer, 0);
        return;
    }
    if (server_->batches() > 0 && !stalled(hubUntil_)) add(Kind::Hub, 0);
    if (server_->storeDue()) add(Kind::StoreJob, 0);
    if (server_->unsynced()) add(Kind::SyncFiles, 0);
    if (server_->isUnsure() && !stalled(hubUntil_)) add(Kind::FindOut, 0);
    gatherLog();
    if (sayingBye_ && (server_->settled() || !stalled(byeUntil_))) add(Kind::StopServer, 0);
    for (uint32_t s = 0; s < server_->shards(); ++s) {
        if (stalled(shardUntil_[s])) continue;
        if (server_->turnDue(s) || server_->tickDue(s)) add(Kind::EndTurn, s);
        if (server_->effects(s) > 0) add(Kind::Effects, s);
        if (server_->posted(s)) add(Kind::Posted, s);
    }
}

void Simulation::gatherLog() {
    const LateLog& log = server_->lateLog();
    if (log.isGiven()) add(Kind::LogWrites, 0);
    if (log.isWritten() && !resting_ && log.mayLoseAnswer()) add(Kind::LogLosesAnswer, 0);
    if (log.toRead() > 0) add(Kind::LogReads, 0);
    if (stalled(hubUntil_)) return;
    if (log.isWritten()) add(Kind::LogAnswers, 0);
    if (log.haveRead() > 0) add(Kind::LogHasRead, 0);
    if (server_->mustAskAgain()) add(Kind::AskAgain, 0);
    if (server_->waitsForLog() && !resting_) add(Kind::LookAtSlowLog, 0);
}

void Simulation::perform(const Choice& choice) {
    switch (choice.kind) {
        case Kind::PassTime:
            clock_.nowMs += static_cast<int64_t>(rng_.oneIn(40) ? rng_.between(100, 3'000)
                                                                : rng_.between(1, 20));
            machine_.disk.nowMs = clock_.wallMs();
            break;
        case Kind::StartServer:
            startServer();
            break;
        case Kind::RestartClient:
            people_[choice.who]->start();
            break;
        case Kind::ClientTurn:
            people_[choice.who]->host().runTurn();
            break;
        case Kind::ClientTimer:
            people_[choice.who]->host().runTimer();
            break;
        case Kind::Act:
            people_[choice.who]->act(people_[rng_.below(people_.size())]->nick());
            break;
        case Kind::Reconnect:
            people_[choice.who]->reconnect();
            break;
        case Kind::EndTurn:
        case Kind::Effects:
        case Kind::Posted:
        case Kind::Hub:
        case Kind::FindOut:
        case Kind::StoreJob:
        case Kind::SyncFiles:
        case Kind::StopServer:
            performOnServer(choice);
            break;
        case Kind::LogWrites:
        case Kind::LogAnswers:
        case Kind::LogLosesAnswer:
        case Kind::LogReads:
        case Kind::LogHasRead:
        case Kind::AskAgain:
        case Kind::LookAtSlowLog:
            performOnLog(choice.kind);
            break;
        default:
            performOnWire(choice.kind, wires_[choice.who]);
            break;
    }
}

void Simulation::performOnServer(const Choice& choice) {
    switch (choice.kind) {
        case Kind::EndTurn:
            return server_->endTurn(choice.who);
        case Kind::Effects:
            return server_->applyOne(choice.who);
        case Kind::Posted:
            return server_->runPosted(choice.who);
        case Kind::Hub:
            return server_->runHub(rng_.between(1, server_->batches()));
        case Kind::FindOut:
            return server_->findOut();
        case Kind::StoreJob:
            return server_->runStore();
        case Kind::SyncFiles:
            return server_->syncFiles();
        default:
            say("the server ends in order");
            machine_.log.endsInOrder();
            return killServer();
    }
}

void Simulation::performOnLog(Kind kind) {
    const LateLog& log = server_->lateLog();
    switch (kind) {
        case Kind::LogWrites:
            return server_->writeLog();
        case Kind::LogLosesAnswer:
            return server_->loseLogAnswer();
        case Kind::LogReads: {
            const size_t which = rng_.below(log.toRead());
            return server_->readLog(which, !resting_ && rng_.oneIn(6));
        }
        case Kind::LogHasRead:
            return server_->answerRead(rng_.below(log.haveRead()));
        case Kind::AskAgain:
            return server_->askAgain();
        case Kind::LookAtSlowLog:
            return server_->lookAtSlowLog();
        default:
            return server_->answerLog();
    }
}

void Simulation::performOnWire(Kind kind, Connection& connection) {
    // Whoever is told may let go of it.
    const std::shared_ptr<SimConnection> wire = connection.wire;
    const auto piece = [this](size_t held) {
        const size_t most = resting_ ? held : std::min(held, pieceMost_);
        return static_cast<size_t>(rng_.oneIn(2) ? most : rng_.between(1, most));
    };
    switch (kind) {
        case Kind::Accept:
            wire->epoch = machine_.log.epoch();
            return server_->accept(*wire);
        case Kind::Connected:
            wire->connectedTold = true;
            return wire->handler->onConnected();
        case Kind::Unreachable:
            wire->state = SimConnection::State::Cut;
            wire->connectedTold = true;
            wire->down.endTold = true;
            return wire->handler->onUnreachable({ErrorCode::Closing, "nobody listens there"});
        case Kind::DeliverUp:
            return server_->receive(*wire, wire->up.take(piece(wire->up.held())));
        case Kind::EndUp:
            wire->up.endTold = true;
            return server_->peerEnded(*wire, wire->reason);
        case Kind::WritableDown:
            wire->down.writerWaits = false;
            return server_->writable(*wire);
        case Kind::WritableUp:
            wire->up.writerWaits = false;
            return wire->handler->onWritable();
        case Kind::DeliverDown: {
            const std::string bytes = wire->down.take(piece(wire->down.held()));
            checker_.arrivesFrom(wire->epoch);
            if (connection.checker) connection.checker->clientReads(bytes);
            trace_.mark(bytes.size());
            wire->handler->onBytes(bytes);
            if (connection.checker && !wire->handler) connection.checker->clientLeft();
            // They may acknowledge what is gone.
            const bool before = wire->epoch != machine_.log.epoch();
            if (before && checker_.logHasChanged()) people_[wire->client]->forgive();
            return;
        }
        default:
            wire->down.endTold = true;
            return wire->handler->onEnd(wire->reason);
    }
}

std::shared_ptr<SimConnection> Simulation::connect(size_t who, int64_t timeoutMs) {
    auto wire = std::make_shared<SimConnection>();
    wire->client = who;
    wire->number = ++wiresMade_;
    wire->connectBy = clock_.nowMs + timeoutMs;
    constexpr size_t kCapacities[] = {200, 3'000, 64 * 1024};
    wire->up.capacity = kCapacities[rng_.below(3)];
    wire->down.capacity = kCapacities[rng_.below(3)];
    Connection connection{wire, nullptr};
    if (!people_[who]->classic()) {
        connection.checker = std::make_unique<ConnectionChecker>(people_[who]->who(), checker_,
                                                                 people_[who]->traffic());
        wire->onClientWrites = [checker = connection.checker.get()](std::string_view bytes) {
            checker->clientWrites(bytes);
        };
    }
    wires_.push_back(std::move(connection));
    return wire;
}

// ---- judging

void Simulation::judgeStep() {
    checker_.look();
    for (const Connection& connection : wires_) {
        const SimConnection& wire = *connection.wire;
        if (!wire.complaint.empty()) checker_.violated("terms", wire.complaint);
        if (!wire.session) continue;
        const size_t held = wire.session->outboxBytes();
        if (held > limits::kOutboxBytesMax + limits::kFrameBytesMax) {
            checker_.violated("bounded", "an outbox holds " + std::to_string(held) + " bytes");
        }
    }
    if (step_ % kStepsPerCheck == 0) judgeInvariants();
    sweepWires();
}

void Simulation::judgeInvariants() {
    if (server_) {
        const auto fault = server_->checkInvariants();
        if (!fault.empty()) checker_.violated("invariant", fault);
    }
    for (const auto& client : people_) {
        const auto fault = client->checkInvariants();
        if (!fault.empty()) checker_.violated("invariant", client->who() + ": " + fault);
    }
}

void Simulation::sweepWires() {
    std::erase_if(wires_, [](const Connection& connection) {
        SimConnection& wire = *connection.wire;
        if (!wire.over()) return false;
        wire.onClientWrites = nullptr;
        return true;
    });
}

void Simulation::judgeRest() {
    checker_.arrivesFrom(machine_.log.epoch());  // whoever heard something last
    checker_.look();
    judgeInvariants();
    for (auto& client : people_) client->judgeRest();
    if (checker_.first()) return;
    // Files that the logs speak of are there, whole. (What is served was checked by who got it.)
    for (const auto& [room, entries] : machine_.log.rooms()) {
        for (const KeptEntry& entry : entries) {
            if (entry.kind != store::EntryKind::File) continue;
            if (checker_.isRotten(entry.sha256) && !isWhole(entry.sha256)) continue;
            const auto file = server_->files().open(entry.sha256);
            if (!file || file->size() != entry.size) {
                checker_.violated("file", entry.text + " is in the log and not in the store");
            }
        }
    }
    size_t sessions = 0;
    for (size_t s = 0; s < server_->shards(); ++s) sessions += server_->shard(s).size();
    if (sessions != people_.size()) {
        checker_.violated("leak", std::to_string(sessions) + " sessions for " +
                                      std::to_string(people_.size()) + " clients");
    }
    for (const Connection& connection : wires_) {
        if (!connection.wire->session) continue;
        for (const auto& room : server_->askRooms(connection.wire->sessionId)) {
            const auto members = static_cast<uint64_t>(
                std::count_if(people_.begin(), people_.end(),
                              [&room](const auto& client) { return client->in(room.name); }));
            if (room.members != members) {
                checker_.violated("leak", room.name + " has " + std::to_string(room.members) +
                                              " members, of whom " + std::to_string(members) +
                                              " know it");
            }
        }
        break;
    }
    if (machineCrashed_ || filesFailed_) return;
    for (auto& client : people_) {
        const std::string& resent = client->traffic().resent;
        if (!resent.empty()) checker_.violated("resent", resent);
    }
}

}  // namespace netchat::simulate
