#pragma once

// What faults strike besides connections: for each other FaultTarget of a run one of these, which
// harness/run/runner.cpp hands to the injector.
//
//     whole --- strike() ---> broken --- comes back by itself ---> whole

#include "harness/faults/fault.h"

namespace netchat::harness {

// Loop thread only.
class Breakable {
  public:
    virtual ~Breakable() = default;
    // Breaks it as the step's type says, and has it come back. Only while it is whole.
    virtual void strike(const FaultStep& step) = 0;
    // What the last strike broke is there again.
    virtual bool isWhole() const = 0;
};

}  // namespace netchat::harness
