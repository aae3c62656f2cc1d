#pragma once

// Commands of sessions whose user has drafts under way to the log: they are carried out after
// these, in the order in which the session gave them. Those of other sessions go on. The hub's
// thread only.

#include <deque>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "modes/serve/hub/commands.h"

namespace netchat::serve {

class WaitingCommands {
  public:
    struct Waiting {
        std::shared_ptr<const CommandBatch> batch;  // where the command and its texts lie
        const Command* command;
    };

    bool empty() const { return bySession_.empty(); }
    bool has(SessionId session) const {
        return !bySession_.empty() && bySession_.count(session) > 0;
    }
    void add(SessionId session, Waiting waiting) {
        auto& commands = bySession_[session];
        if (commands.empty()) order_.push_back(session);
        commands.push_back(std::move(waiting));
    }

    // Carries out what `mayRun` allows, session by session, in the order in which they began to
    // wait. Neither function adds to this.
    template <class MayRun, class Run>
    void resume(const MayRun& mayRun, const Run& run) {
        std::vector<SessionId> still;
        for (const SessionId session : order_) {
            auto& commands = bySession_[session];
            while (!commands.empty() && mayRun(*commands.front().command)) {
                const Waiting next = std::move(commands.front());
                commands.pop_front();
                run(next);
            }
            if (commands.empty()) {
                bySession_.erase(session);
            } else {
                still.push_back(session);
            }
        }
        order_ = std::move(still);
    }

  private:
    std::unordered_map<SessionId, std::deque<Waiting>> bySession_;
    std::vector<SessionId> order_;
};

}  // namespace netchat::serve
