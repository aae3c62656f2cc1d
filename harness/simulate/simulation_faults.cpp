// What breaks in a world, and how it is mended.

#include <algorithm>

#include "harness/simulate/simulation.h"

namespace netchat::simulate {

void World::startServer() {
    say("the server starts");
    machine_.disk.gone = false;
    machine_.disk.nowMs = clock_.wallMs();
    sayingBye_ = false;
    const std::string finding = machine_.log.start();
    if (!finding.empty()) say("the server finds: " + finding);
    server_ = std::make_unique<Server>(
        machine_, clock_, scenario_.shards, scenario_.durability, edges_,
        [this](const std::string& text) { say("the server notes: " + text); });
}

// All at once; what had left it may still arrive.
void World::killServer() {
    if (!server_) return;
    const bool forgets = !machine_.log.lastsOverProcess();
    machine_.disk.gone = true;
    machine_.log.dieInAppend = false;
    for (Connection& connection : wires_) {
        if (connection.wire->session) connection.wire->cut(chance_);
    }
    server_.reset();
    machine_.disk.gone = false;
    machine_.log.processDies();
    edges_.serverDied();
    sayingBye_ = false;
    if (!forgets) return;
    judge_.beginAnew();
    for (auto& person : people_) person->beginAnew();
}

// Between two servers. What it had before may be gone then, or something else is there.
void World::changeLog(const Fault& fault) {
    killServer();
    if (!machine_.log.lastsOverProcess()) return;
    const size_t epoch = machine_.log.epoch();
    switch (fault.kind) {
        case Fault::Kind::CrashMachine:
            machine_.log.machineDies(chance_);
            break;
        case Fault::Kind::RestoreBackup:
            machine_.log.restoreBackup(chance_);
            break;
        default:
            machine_.log.cut(chance_);
            break;
    }
    if (machine_.log.epoch() == epoch) return;
    judge_.logChanged();
    for (auto& person : people_) person->forgive();
}

void World::crashClient(size_t who) {
    Person& person = *people_[who];
    if (!person.alive()) return;
    say(person.who() + " is killed");
    for (Connection& connection : wires_) {
        Wire& wire = *connection.wire;
        if (wire.person == who && wire.handler && chance_.oneIn(2)) wire.cut(chance_);
    }
    person.crash();
}

void World::beginFaults() {
    // Those that have a length end by themselves.
    if (step_ == logUntil_) machine_.log.trouble = KeptLog::Trouble::None;
    if (step_ == filesUntil_) machine_.disk.trouble = KeptDisk::Trouble::None;
    for (; nextFault_ < scenario_.faults.size() && scenario_.faults[nextFault_].step <= step_;
         ++nextFault_) {
        begin(scenario_.faults[nextFault_]);
    }
}

void World::begin(const Fault& fault) {
    const uint64_t until = step_ + fault.length;
    trace_.mark(static_cast<uint64_t>(fault.kind), fault.who);
    say(std::string("fault: ") + nameOf(fault.kind));
    const auto connectionOf = [this](size_t who) -> Wire* {
        for (Connection& connection : wires_) {
            Wire& wire = *connection.wire;
            if (wire.person == who && wire.handler && wire.state == Wire::State::Up) return &wire;
        }
        return nullptr;
    };
    switch (fault.kind) {
        case Fault::Kind::CutConnection:
            if (Wire* wire = connectionOf(fault.who)) wire->cut(chance_);
            break;
        case Fault::Kind::HalfOpen:
            if (Wire* wire = connectionOf(fault.who)) wire->halfOpen = true;
            break;
        case Fault::Kind::SlowReader:
            if (Wire* wire = connectionOf(fault.who)) wire->slowUntil = until;
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
            machine_.disk.machineDies(chance_);
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
            machine_.log.trouble = KeptLog::Trouble::Full;
            machine_.disk.trouble = KeptDisk::Trouble::Full;
            logUntil_ = filesUntil_ = until;
            filesFailed_ = true;
            judge_.logFailed();
            break;
        case Fault::Kind::LogFails:
            judge_.logFailed();
            machine_.log.trouble = KeptLog::Trouble::Failing;
            logUntil_ = until;
            break;
        case Fault::Kind::LogUnsure:
            judge_.logFailed();
            machine_.log.trouble = KeptLog::Trouble::Unsure;
            machine_.log.doubtStands = chance_.oneIn(2);
            logUntil_ = until;
            break;
        case Fault::Kind::LogRots:
            rotAnEntry();
            break;
        case Fault::Kind::FilesFail:
            machine_.disk.trouble = KeptDisk::Trouble::Failing;
            filesUntil_ = until;
            filesFailed_ = true;
            break;
        case Fault::Kind::RotFile: {
            const auto how = static_cast<KeptDisk::Rot>(chance_.below(4));
            const std::string name = machine_.disk.rot(how, chance_);
            if (name.empty()) break;
            say("the stored file " + name + " rots");
            judge_.rotted(name);
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
void World::rotAnEntry() {
    for (const auto& [room, entries] : machine_.log.rooms()) {
        if (entries.empty()) continue;
        const uint64_t seq = chance_.between(1, entries.size());
        if (entries[seq - 1].kind == store::EntryKind::Message) machine_.log.rot(room, seq);
    }
}

void World::endFaults() {
    machine_.log.trouble = KeptLog::Trouble::None;
    machine_.log.dieInAppend = false;
    machine_.disk.trouble = KeptDisk::Trouble::None;
    for (Connection& connection : wires_) {
        if (connection.wire->halfOpen) connection.wire->cut(chance_);
    }
}

int64_t World::nextMomentMs() const {
    int64_t next = server_ ? server_->nextDeadlineMs() : -1;
    const auto consider = [&next](int64_t moment) {
        if (moment >= 0 && (next < 0 || moment < next)) next = moment;
    };
    for (const auto& person : people_) {
        if (!person->alive()) continue;
        consider(person->host().nextTimerMs());
        consider(person->reconnectAtMs());
    }
    return next;
}

}  // namespace netchat::simulate
