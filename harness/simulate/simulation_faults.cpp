// What breaks in a simulation, and how it is mended.

#include <algorithm>

#include "harness/simulate/simulation.h"

namespace netchat::simulate {

void Simulation::startServer() {
    say("the server starts");
    machine_.disk.gone = false;
    machine_.disk.nowMs = clock_.wallMs();
    sayingBye_ = false;
    const std::string finding = machine_.log.start();
    if (!finding.empty()) say("the server finds: " + finding);
    server_ = std::make_unique<Server>(
        machine_, clock_, scenario_, faultHooks_,
        [this](const std::string& text) { say("the server notes: " + text); });
}

// All at once; what had left it may still arrive.
void Simulation::killServer() {
    if (!server_) return;
    const bool forgets = !machine_.log.lastsOverProcess();
    machine_.disk.gone = true;
    machine_.log.dieInAppend = false;
    for (Connection& connection : wires_) {
        if (connection.wire->session) connection.wire->cut(rng_);
    }
    server_.reset();
    machine_.disk.gone = false;
    machine_.log.processDies();
    faultHooks_.serverDied();
    sayingBye_ = false;
    if (!forgets) return;
    checker_.beginAnew();
    for (auto& client : people_) client->beginAnew();
}

// Between two servers. What it had before may be gone then, or something else is there.
void Simulation::changeLog(const Fault& fault) {
    killServer();
    if (!machine_.log.lastsOverProcess()) return;
    const size_t epoch = machine_.log.epoch();
    switch (fault.kind) {
        case Fault::Kind::CrashMachine:
            machine_.log.machineDies(rng_);
            break;
        case Fault::Kind::RestoreBackup:
            machine_.log.restoreBackup(rng_);
            break;
        default:
            machine_.log.cut(rng_);
            break;
    }
    if (machine_.log.epoch() == epoch) return;
    checker_.logChanged();
    for (auto& client : people_) client->forgive();
}

void Simulation::crashClient(size_t who) {
    SimClient& client = *people_[who];
    if (!client.alive()) return;
    say(client.who() + " is killed");
    for (Connection& connection : wires_) {
        SimConnection& wire = *connection.wire;
        if (wire.client == who && wire.handler && rng_.oneIn(2)) wire.cut(rng_);
    }
    client.crash();
}

void Simulation::beginFaults() {
    // Those that have a length end by themselves.
    if (step_ == logUntil_) machine_.log.trouble = SimLog::Trouble::None;
    if (step_ == filesUntil_) machine_.disk.trouble = SimDisk::Trouble::None;
    for (; nextFault_ < scenario_.faults.size() && scenario_.faults[nextFault_].step <= step_;
         ++nextFault_) {
        begin(scenario_.faults[nextFault_]);
    }
}

void Simulation::begin(const Fault& fault) {
    const uint64_t until = step_ + fault.length;
    trace_.mark(static_cast<uint64_t>(fault.kind), fault.who);
    say(std::string("fault: ") + nameOf(fault.kind));
    const auto connectionOf = [this](size_t who) -> SimConnection* {
        for (Connection& connection : wires_) {
            SimConnection& wire = *connection.wire;
            if (wire.client == who && wire.handler && wire.state == SimConnection::State::Up)
                return &wire;
        }
        return nullptr;
    };
    switch (fault.kind) {
        case Fault::Kind::CutConnection:
            if (SimConnection* wire = connectionOf(fault.who)) wire->cut(rng_);
            break;
        case Fault::Kind::HalfOpen:
            if (SimConnection* wire = connectionOf(fault.who)) wire->halfOpen = true;
            break;
        case Fault::Kind::SlowReader:
            if (SimConnection* wire = connectionOf(fault.who)) wire->slowUntil = until;
            break;
        case Fault::Kind::CrashClient:
            crashClient(fault.who);
            clientDownUntil_[fault.who] = until;
            break;
        case Fault::Kind::CrashMachine:
            changeLog(fault);
            downUntil_ = until;
            // What it takes of the files is promised by `disk` only.
            if (scenario_.durability != Durability::Disk) break;
            machineCrashed_ = true;
            machine_.disk.machineDies(rng_);
            break;
        case Fault::Kind::TakeBackup:
            if (server_) machine_.log.takeBackup();
            break;
        case Fault::Kind::RestoreBackup:
        case Fault::Kind::CutLog:
            changeLog(fault);
            downUntil_ = until;
            break;
        case Fault::Kind::CrashServer:
            killServer();
            downUntil_ = until;
            break;
        case Fault::Kind::CrashInAppend:
            if (server_) machine_.log.dieInAppend = true;
            downUntil_ = until;
            break;
        case Fault::Kind::FillDisk:
            machine_.log.trouble = SimLog::Trouble::Full;
            machine_.disk.trouble = SimDisk::Trouble::Full;
            logUntil_ = filesUntil_ = until;
            filesFailed_ = true;
            checker_.logFailed();
            break;
        case Fault::Kind::LogFails:
            checker_.logFailed();
            machine_.log.trouble = SimLog::Trouble::Failing;
            logUntil_ = until;
            break;
        case Fault::Kind::LogUnsure:
            checker_.logFailed();
            machine_.log.trouble = SimLog::Trouble::Unsure;
            machine_.log.doubtStands = rng_.oneIn(2);
            logUntil_ = until;
            break;
        case Fault::Kind::LogRots:
            rotAnEntry();
            break;
        case Fault::Kind::FilesFail:
            machine_.disk.trouble = SimDisk::Trouble::Failing;
            filesUntil_ = until;
            filesFailed_ = true;
            break;
        case Fault::Kind::RotFile: {
            const auto how = static_cast<SimDisk::Rot>(rng_.below(4));
            const std::string name = machine_.disk.rot(how, rng_);
            if (name.empty()) break;
            say("the stored file " + name + " rots");
            checker_.rotted(name);
            break;
        }
        case Fault::Kind::HubStalls:
            hubUntil_ = until;
            break;
        case Fault::Kind::ShardStalls:
            shardUntil_[fault.who % scenario_.shards] = until;
            break;
        case Fault::Kind::ServerSaysBye:
            if (!server_ || sayingBye_) break;
            sayingBye_ = true;
            byeUntil_ = until;
            server_->bye();
            break;
    }
}

// Messages only: what was announced of a file while it rotted, its sender learns with its next
// connection.
void Simulation::rotAnEntry() {
    for (const auto& [room, entries] : machine_.log.rooms()) {
        if (entries.empty()) continue;
        const uint64_t seq = rng_.between(1, entries.size());
        if (entries[seq - 1].kind == store::EntryKind::Message) machine_.log.rot(room, seq);
    }
}

void Simulation::endFaults() {
    machine_.log.trouble = SimLog::Trouble::None;
    machine_.log.dieInAppend = false;
    machine_.disk.trouble = SimDisk::Trouble::None;
    for (Connection& connection : wires_) {
        if (connection.wire->halfOpen) connection.wire->cut(rng_);
    }
}

int64_t Simulation::nextMomentMs() const {
    int64_t next = server_ ? server_->nextDeadlineMs() : -1;
    const auto consider = [&next](int64_t moment) {
        if (moment >= 0 && (next < 0 || moment < next)) next = moment;
    };
    for (const auto& client : people_) {
        if (!client->alive()) continue;
        consider(client->host().nextTimerMs());
        consider(client->reconnectAtMs());
    }
    return next;
}

}  // namespace netchat::simulate
