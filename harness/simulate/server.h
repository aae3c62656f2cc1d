#pragma once

// The server as one process, and the machine that it runs on. Hub, shards, sessions and vault are
// the real ones; their threads are queues that the simulation empties in whatever order it likes.
//
//     wires --> shard --batch--> queue --> hub --effects--> a queue per shard --> shard --> wires
//
// With one shard the hub is in the loop, as in HubHost.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/simulate/fault_hooks.h"
#include "harness/simulate/late_log.h"
#include "harness/simulate/scenario.h"
#include "harness/simulate/sim_connection.h"
#include "harness/simulate/sim_disk.h"
#include "harness/simulate/sim_log.h"
#include "harness/simulate/stepped_files.h"
#include "modes/serve/base/log.h"
#include "modes/serve/host/shard.h"
#include "modes/serve/hub/hub.h"

namespace netchat::simulate {

// Small, so that a few texts and files go beyond them.
inline constexpr size_t kWindowBytes = 1024;
inline constexpr size_t kTailBytes = 1500;
inline constexpr size_t kPageBytes = 600;
inline constexpr size_t kCheckAtOnceBytes = 1000;

// Outlives the server's process.
struct Machine {
    explicit Machine(std::unique_ptr<SimLog> kept) : keptLog(std::move(kept)), log(*keptLog) {}
    std::unique_ptr<SimLog> keptLog;
    SimLog& log;
    SimDisk disk;
    uint64_t secrets = 0;
};

struct Clock {
    static constexpr int64_t kWallMs = 1'700'000'000'000;
    int64_t nowMs = 0;
    int64_t wallMs() const { return kWallMs + nowMs; }
};

// Any method may throw ServerDied.
class Server {
  public:
    // `complain`: what the server says to its owner.
    Server(Machine& machine, const Clock& clock, const Scenario& scenario, FaultHooks& faultHooks,
           std::function<void(const std::string&)> complain);
    ~Server();

    // ---- steps
    void accept(SimConnection& wire);
    void receive(SimConnection& wire, std::string_view bytes);
    void peerEnded(SimConnection& wire, std::string_view reason);
    void writable(SimConnection& wire);
    void endTurn(size_t shard);
    void applyOne(size_t shard);
    void runPosted(size_t shard);
    void runHub(size_t batches);
    // While isUnsure(), again and again.
    void findOut();
    // One batch at a time, where the log is late.
    void writeLog() { late_.write(); }
    void loseLogAnswer() { late_.loseAnswer(); }
    void answerLog();
    void readLog(size_t which, bool fails);
    void answerRead(size_t which);
    // While mustAskAgain().
    void askAgain();
    void lookAtSlowLog();
    void runStore() { files_->runOne(); }
    void syncFiles() { files_->syncBehind(); }
    void bye();

    // ---- what can be done
    size_t shards() const { return shards_.size(); }
    bool isUnsure() const { return hub_.isUnsure(); }
    bool mustAskAgain() const { return hub_.mustAskAgain(); }
    bool waitsForLog() const { return hub_.isAppending() || hub_.isReading(); }
    const LateLog& lateLog() const { return late_; }
    bool turnDue(size_t shard) const { return turnDue_[shard]; }
    bool tickDue(size_t shard) const;
    size_t effects(size_t shard) const { return effects_[shard].size(); }
    bool posted(size_t shard) const { return !posted_[shard].empty(); }
    size_t batches() const { return queue_.size(); }
    bool storeDue() const { return files_->hasJob(); }
    bool unsynced() const { return files_->unsynced(); }
    int64_t nextDeadlineMs() const;
    bool settled() const;

    // ---- for whoever judges
    serve::Shard& shard(size_t index) { return *shards_[index]; }
    store::FileStore& files() { return faultHooks_.files(*files_); }
    // The rooms with their members, as the hub counts them. Only at rest.
    std::vector<serve::RoomInfo> askRooms(serve::SessionId session);
    // What is broken in the hub, the shards and the store between two steps; empty: nothing.
    std::string checkInvariants();

  private:
    class Notices;

    void answer(serve::Command command);
    void passEffects();
    void release(serve::SessionId id);
    serve::HubOptions hubOptions(Machine& machine, const Scenario& scenario);

    const Clock& clock_;
    FaultHooks& faultHooks_;
    std::unique_ptr<Notices> notices_;
    Utf8Charset charset_;
    serve::ClassicEncoder classicEncoder_;
    serve::V2Encoder v2Encoder_;
    std::unique_ptr<SteppedFiles> files_;
    LateLog late_;
    serve::Hub hub_;
    std::deque<serve::CommandBatch> queue_;
    std::vector<std::deque<serve::EffectBatch>> effects_;
    std::vector<std::deque<std::function<void()>>> posted_;
    std::vector<char> turnDue_;
    std::vector<SimConnection*> wires_;
    std::vector<std::unique_ptr<serve::Shard>> shards_;
    size_t nextShard_ = 0;
};

}  // namespace netchat::simulate
