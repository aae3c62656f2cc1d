#pragma once

// Carries a schedule of faults out while the bots talk: each order when it is due, kills one after
// the other, so that each meets a server that runs and bots that are there.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/faults/proxy.h"
#include "harness/faults/schedule.h"
#include "harness/run/recorder.h"
#include "harness/run/server_keeper.h"

namespace netchat::harness {

// Loop thread only. What it is made of outlives it.
class Injector {
  public:
    struct Parts {
        Recorder& recorder;
        Proxy& proxy;
        ServerKeeper* server = nullptr;                          // with KillServer among the orders
        std::function<void(uint32_t bot)> killBots = {};         // with KillBots among them
        std::function<bool()> botsBack = {};                     // none of the killed is still away
        std::function<void(const std::string&)> onTrouble = {};  // the server did not come back
        bool verbose = false;  // each fault is printed as it is committed
    };

    // `messages`: that the bots will have said at the end.
    Injector(std::vector<FaultStep> orders, uint64_t messages, Parts parts);
    // To be called often: the bots have said `said`, and all of them are connected or not.
    void advance(uint64_t said, bool allConnected, int64_t nowMs);
    // The bots must not have said more than this, or there would be no load at the next kill.
    uint64_t sayUntil() const;
    // All orders are carried out, and what was killed is there again.
    bool exhausted() const;
    // The faults are over, and the time to settle begins.
    void finish();

  private:
    bool isDue(const FaultStep& order, uint64_t said) const;
    bool mayKill(bool allConnected, int64_t nowMs) const;
    uint64_t killAt(const FaultStep& order) const;
    void carryOut(const FaultStep& order, int64_t nowMs);
    void killServer();
    void note(const FaultStep& order);

    const std::vector<FaultStep> orders_;
    const uint64_t messages_;
    Parts parts_;
    size_t next_ = 0;
    int64_t killedMs_ = 0;
    bool killable_ = true;
    uint64_t backAt_ = 0;  // said when all were back from the last kill
};

}  // namespace netchat::harness
