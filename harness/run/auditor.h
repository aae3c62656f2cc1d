#pragma once

// Reads every room's log from its beginning, once the run has settled, as somebody who was never
// there before: what the server has kept, whatever its members have seen.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "harness/plan/workload.h"
#include "harness/run/recorder.h"
#include "modes/client/client.h"
#include "modes/net/event_loop.h"

namespace netchat::harness {

// Loop thread only.
class Auditor final : private client::Listener {
  public:
    // `done` is called once, when all has been read or cannot be.
    Auditor(net::EventLoop& loop, client::Options options, const Workload& workload,
            Recorder& recorder, std::function<void()> done);
    void start();
    // Ends its connection; nothing is told any more.
    void stop();

  private:
    void onEvent(const client::Event& event) override;
    void finishIfRead(const std::string& room);
    void finish();

    const Workload& workload_;
    Recorder& recorder_;
    std::function<void()> done_;
    client::Client client_;
    std::unordered_map<std::string, uint64_t> read_, wanted_;  // seq, by room
    std::set<std::string> open_;                               // rooms not read to their end
};

}  // namespace netchat::harness
