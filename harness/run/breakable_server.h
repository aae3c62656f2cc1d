#pragma once

// The run's own server, as faults strike it: the journal says when it was killed and when it is
// back.

#include <functional>
#include <string>

#include "harness/run/breakable.h"
#include "harness/run/killable_server.h"
#include "harness/run/recorder.h"

namespace netchat::harness {

// Loop thread only. The server and the recorder outlive it.
class BreakableServer final : public Breakable {
  public:
    using TroubleHook = std::function<void(const std::string&)>;

    // `onTrouble` is told why the server did not come back.
    BreakableServer(KillableServer& server, Recorder& recorder, TroubleHook onTrouble);
    void strike(const FaultStep& step) override;
    bool isWhole() const override { return server_.up(); }

  private:
    void back(const std::string& trouble);

    KillableServer& server_;
    Recorder& recorder_;
    TroubleHook onTrouble_;
};

}  // namespace netchat::harness
