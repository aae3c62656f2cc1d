#pragma once

// One run: everybody and everything of a scenario, and the scheduler that decides, step by step,
// which of all things that could happen next does.
//
//     chaos: any step that is possible, by weights that belong to the run; faults begin and end
//     rest:  no faults; everything that is on its way arrives, until nothing is left to happen
//
// One thread. The same scenario gives the same run.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/simulate/connection_checker.h"
#include "harness/simulate/fault_hooks.h"
#include "harness/simulate/invariant_checker.h"
#include "harness/simulate/rng.h"
#include "harness/simulate/scenario.h"
#include "harness/simulate/server.h"
#include "harness/simulate/sim_client.h"
#include "harness/simulate/sim_connection.h"
#include "harness/simulate/trace.h"

namespace netchat::simulate {

class Simulation {
  public:
    Simulation(const Scenario& scenario, FaultHooks& faultHooks, Trace& trace);
    ~Simulation();

    // Nothing: all properties hold.
    std::optional<Violation> run();

    uint64_t steps() const { return step_; }

  private:
    enum class Kind {
        Accept,
        Connected,
        Unreachable,
        DeliverUp,
        EndUp,
        WritableUp,
        DeliverDown,
        EndDown,
        WritableDown,
        EndTurn,
        Effects,
        Posted,
        Hub,
        FindOut,
        StoreJob,
        SyncFiles,
        ClientTurn,
        ClientTimer,
        Act,
        Reconnect,
        RestartClient,
        StartServer,
        StopServer,
        PassTime,
        LogWrites,
        LogAnswers,
        LogLosesAnswer,
        LogReads,
        LogHasRead,
        AskAgain,
        LookAtSlowLog,
        kCount
    };
    struct Choice {
        Kind kind;
        uint32_t who;
        uint32_t weight;
    };
    struct Connection {
        std::shared_ptr<SimConnection> wire;
        std::unique_ptr<ConnectionChecker> checker;
    };

    void drawWeights();
    void chaos();
    void rest();
    void mendFiles();
    bool isWhole(const std::string& sha256) const;
    void judgeRest();
    void step();
    void gather();
    void gatherWire(uint32_t index, const SimConnection& wire);
    void gatherServer();
    void gatherLog();
    void add(Kind kind, uint32_t who) {
        choices_.push_back({kind, who, weights_[static_cast<size_t>(kind)]});
    }
    void perform(const Choice& choice);
    void performOnWire(Kind kind, Connection& connection);
    void performOnServer(const Choice& choice);
    void performOnLog(Kind kind);
    void judgeStep();
    void judgeInvariants();
    void sweepWires();

    void beginFaults();
    void rotAnEntry();
    void begin(const Fault& fault);
    void endFaults();
    void startServer();
    void killServer();
    void changeLog(const Fault& fault);
    void crashClient(size_t who);
    std::shared_ptr<SimConnection> connect(size_t who, int64_t timeoutMs);
    bool stalled(uint64_t until) const { return !resting_ && step_ < until; }
    int64_t nextMomentMs() const;
    bool allAtRest() const;
    void say(const std::string& line) {
        if (trace_.kept()) trace_.say(line);
    }

    const Scenario& scenario_;
    FaultHooks& faultHooks_;
    Trace& trace_;
    SimRng rng_;
    Clock clock_;
    Machine machine_;
    InvariantChecker checker_;
    std::array<uint32_t, static_cast<size_t>(Kind::kCount)> weights_{};
    size_t pieceMost_ = 0;

    uint64_t step_ = 0;
    bool resting_ = false;
    uint64_t lastMended_ = 1'000'000;  // number of a file that was offered again
    size_t nextFault_ = 0;
    uint64_t logUntil_ = 0, filesUntil_ = 0, hubUntil_ = 0, downUntil_ = 0, byeUntil_ = 0;
    std::vector<uint64_t> shardUntil_, clientDownUntil_;
    bool machineCrashed_ = false, filesFailed_ = false, sayingBye_ = false;

    std::unique_ptr<Server> server_;
    std::vector<std::unique_ptr<SimClient>> people_;
    std::vector<Connection> wires_;
    uint64_t wiresMade_ = 0;
    std::vector<Choice> choices_;
};

}  // namespace netchat::simulate
