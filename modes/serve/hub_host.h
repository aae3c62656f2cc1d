#pragma once

// Where the hub runs: in the only loop, or on a thread of its own.

#include <functional>
#include <memory>

#include "modes/net/event_loop.h"
#include "modes/serve/hub.h"
#include "modes/serve/loop_host.h"

namespace netchat::serve {

class HubHost {
  public:
    // `hosts` are the loops' by shard; they outlive this, and are complete before the first
    // submit().
    HubHost(Hub& hub, const std::vector<std::unique_ptr<LoopHost>>& hosts);
    ~HubHost();

    // On a loop's thread: one turn's commands.
    void submit(size_t shard, CommandBatch batch);
    // Any thread: commands that are no session's.
    void post(CommandBatch batch);
    // Any thread: returns when all that was submitted before has been given to the loops.
    void settle();
    // Between turns, once a second and again soon while it returns true. Before the loops run.
    void setUpkeep(std::function<bool()> work);
    void stop();

  private:
    void commit();
    net::EventLoop& loop();
    void armUpkeep(int64_t ms);

    Hub& hub_;
    const std::vector<std::unique_ptr<LoopHost>>& hosts_;
    std::function<bool()> upkeep_;
    std::unique_ptr<net::LoopThread> thread_;  // null: the hub runs in the only loop
};

}  // namespace netchat::serve
