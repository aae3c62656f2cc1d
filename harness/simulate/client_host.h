#pragma once

// One client's machine: what a client's Host is in a simulation. Its disk outlives the
// client's process; its turns and timers are run when the simulation says so.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "harness/simulate/fault_hooks.h"
#include "harness/simulate/rng.h"
#include "harness/simulate/server.h"
#include "harness/simulate/sim_connection.h"
#include "modes/client/host.h"

namespace netchat::simulate {

// What is on the client's disk, over all of its processes.
struct ClientDisk {
    std::map<std::string, std::string> sources;   // by path: what can be uploaded
    std::map<std::string, std::string> partials;  // by SHA-256: what came so far
    std::map<std::string, std::string> placed;    // by SHA-256: what came, whole
};

class ClientHost : public client::Host {
  public:
    // Makes a connection on its way; the simulation keeps it, too.
    using Connect = std::function<std::shared_ptr<SimConnection>(int64_t timeoutMs)>;

    ClientHost(const Clock& clock, SimRng rng, ClientDisk& disk, FaultHooks& faultHooks,
               Connect connect)
        : clock_(clock),
          rng_(rng),
          disk_(disk),
          faultHooks_(faultHooks),
          connect_(std::move(connect)) {}

    // ---- steps
    bool turnDue() const { return !tasks_.empty(); }
    void runTurn();
    bool timerDue() const { return !timers_.empty() && timers_.begin()->first.first <= nowMs(); }
    void runTimer();
    int64_t nextTimerMs() const { return timers_.empty() ? -1 : timers_.begin()->first.first; }

    // ---- client::Host
    int64_t nowMs() const override { return clock_.nowMs; }
    uint64_t random() override { return rng_.next(); }
    void post(std::function<void()> task) override { tasks_.push_back(std::move(task)); }
    TimerId after(int64_t ms, std::function<void()> task) override;
    void cancel(TimerId timer) override;
    std::unique_ptr<client::Link> connect(const net::HostPort& server, int64_t timeoutMs,
                                          client::Link::Handler& handler) override;
    Result<std::unique_ptr<client::Source>> openSource(const std::filesystem::path& path) override;
    Result<std::unique_ptr<client::Incoming>> openIncoming(const client::Arriving& file) override;

  private:
    const Clock& clock_;
    SimRng rng_;
    ClientDisk& disk_;
    FaultHooks& faultHooks_;
    Connect connect_;
    std::deque<std::function<void()>> tasks_;
    TimerId lastTimer_ = 0;
    std::map<std::pair<int64_t, TimerId>, std::function<void()>> timers_;
};

}  // namespace netchat::simulate
