#pragma once

// Carries a schedule of faults out while the bots talk, each step when it is due. Connections are
// struck at once. Anything else is struck one at a time, so that each such fault meets a run that
// is whole, and under load.

#include <cstdint>
#include <map>
#include <vector>

#include "harness/faults/proxy.h"
#include "harness/faults/schedule.h"
#include "harness/run/breakable.h"
#include "harness/run/recorder.h"

namespace netchat::harness {

// Loop thread only. What it is made of outlives it.
class Injector {
  public:
    struct Parts {
        Recorder& recorder;
        Proxy& proxy;
        std::map<FaultTarget, Breakable*> breakables = {};  // one for each target of a step
        bool verbose = false;  // each fault is printed as it is committed
    };

    // `messages`: that the bots will have said at the end.
    Injector(std::vector<FaultStep> steps, uint64_t messages, Parts parts);
    // To be called often: the bots have said `said`, and all of them are connected or not.
    void advance(uint64_t said, bool allConnected, int64_t nowMs);
    // The bots must not have said more than this, or there would be no load at the next strike.
    uint64_t sayUntil() const;
    // What was struck is there again.
    bool allWhole() const;
    // All steps are carried out, and what was struck is whole again.
    bool exhausted() const;
    // The faults are over, and the time to settle begins.
    void finish();

  private:
    bool isDue(const FaultStep& step, uint64_t said) const;
    bool mayStrike(bool allConnected, int64_t nowMs) const;
    uint64_t strikeAt(const FaultStep& step) const;
    void carryOut(const FaultStep& step, int64_t nowMs);
    void note(const FaultStep& step);

    const std::vector<FaultStep> steps_;
    const uint64_t messages_;
    Parts parts_;
    size_t next_ = 0;
    int64_t struckMs_ = 0;
    bool strikable_ = true;
    uint64_t backAt_ = 0;  // said when all were back from the last strike
};

}  // namespace netchat::harness
