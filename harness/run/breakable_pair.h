#pragma once

// The run's pair of databases, as faults strike it: on a thread of its own, because killing,
// promoting and copying databases takes seconds, in which the bots talk on.

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "harness/faults/database.h"
#include "harness/run/breakable.h"
#include "harness/run/recorder.h"
#include "modes/net/event_loop.h"

namespace netchat::harness {

// Loop thread only. The database and the recorder outlive it.
class BreakablePair final : public Breakable {
  public:
    using TroubleHook = std::function<void(const std::string&)>;

    // `onTrouble` is told why the pair is not whole again.
    BreakablePair(net::EventLoop& loop, Database& database, Recorder& recorder,
                  TroubleHook onTrouble);
    ~BreakablePair() override;
    void strike(const FaultStep& step) override;
    bool isWhole() const override { return !broken_; }

  private:
    void back(const Status& status);

    net::EventLoop& loop_;
    Database& database_;
    Recorder& recorder_;
    TroubleHook onTrouble_;
    bool broken_ = false;
    std::thread thread_;                                      // of the newest strike
    std::shared_ptr<char> alive_ = std::make_shared<char>();  // posted tasks hold it weakly
};

}  // namespace netchat::harness
