#pragma once

// Where the hub runs: in the only loop, or on a thread of its own.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "modes/net/event_loop.h"
#include "modes/serve/base/must_hold.h"
#include "modes/serve/host/loop_host.h"
#include "modes/serve/host/time_keeper.h"
#include "modes/serve/hub/hub.h"

namespace netchat::serve {

class HubHost {
  public:
    // `hosts` are the loops' by shard; they outlive this, and are complete before the first
    // submit(). `time` outlives this.
    HubHost(Hub& hub, const std::vector<std::unique_ptr<LoopHost>>& hosts, TimeKeeper& time);
    ~HubHost();

    // On a loop's thread: one turn's commands.
    void submit(size_t shard, CommandBatch batch);
    // Any thread: commands that are no session's.
    void post(CommandBatch batch);
    // On the hub's thread, but not within one of its calls: what a log answers is applied at once.
    void answer(CommandBatch batch);
    // Any thread: has the hub's run it, between its calls.
    void run(std::function<void()> task) { loop().post(std::move(task)); }
    // Any thread: returns when all that was submitted before has been given to the loops. True: the
    // log has answered all of it.
    bool settle();
    // Done between turns: once soon, and then when it says, if it does; instead of what was set
    // before. Any thread. Null: there is nothing to do.
    using Upkeep = std::function<std::optional<int64_t>()>;  // in how many milliseconds
    void setUpkeep(Upkeep work);
    // On the hub's thread: there is something new to look after. Done within a second.
    void upkeepSoon();
    // Any thread: the same.
    void wakeUpkeep() {
        loop().post([this] { upkeepSoon(); });
    }
    // On the hub's thread: there is something to do between turns that somebody waits for.
    void workSoon();
    void stop();

  private:
    Hub::Now now();
    void commit();
    void check();
    void lookAtTheLog();
    void findOutSoon();
    void askAgainSoon();
    void lookAtSlowLogSoon();
    net::EventLoop& loop();
    void armUpkeep(int64_t ms);

    Hub& hub_;
    TimeKeeper& time_;
    const std::vector<std::unique_ptr<LoopHost>>& hosts_;
    CheckPace checkPace_;
    Upkeep upkeep_;
    net::EventLoop::TimerId upkeepTimer_ = 0;  // 0: none is armed
    int64_t upkeepDueMs_ = 0;
    net::EventLoop::TimerId findOutTimer_ = 0;   // 0: none is armed
    net::EventLoop::TimerId askAgainTimer_ = 0;  // 0: none is armed
    net::EventLoop::TimerId slowLogTimer_ = 0;   // 0: none is armed
    std::unique_ptr<net::LoopThread> thread_;    // null: the hub runs in the only loop
};

}  // namespace netchat::serve
