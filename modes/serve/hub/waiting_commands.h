#pragma once

// Commands of sessions whose user has drafts under way to the log, or that read it: they are
// carried out afterwards, in the order in which the session gave them. Those of other sessions go
// on. The hub's thread only.

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
    size_t count() const {
        size_t count = 0;
        for (const auto& [session, commands] : bySession_) count += commands.size();
        return count;
    }
    bool has(SessionId session) const {
        return !bySession_.empty() && bySession_.count(session) > 0;
    }
    void add(SessionId session, Waiting waiting) {
        auto& commands = bySession_[session];
        if (commands.empty()) order_.push_back(session);
        commands.push_back(std::move(waiting));
    }

    template <class Drop>
    void discard(SessionId session, const Drop& drop) {
        const auto it = bySession_.find(session);
        if (it == bySession_.end()) return;
        std::erase_if(it->second, [&drop](const Waiting& one) { return drop(*one.command); });
        if (!it->second.empty()) return;
        bySession_.erase(it);
        std::erase(order_, session);
    }

    // Carries out what `mayRun` allows, session by session, in the order in which they began to
    // wait. Neither function adds to this.
    template <class MayRun, class Run>
    void resume(const MayRun& mayRun, const Run& run) {
        std::vector<SessionId> still;
        for (const SessionId session : order_) {
            if (!runDue(session, mayRun, run)) still.push_back(session);
        }
        order_ = std::move(still);
    }
    // The same, of one session.
    template <class MayRun, class Run>
    void resume(SessionId session, const MayRun& mayRun, const Run& run) {
        if (has(session) && runDue(session, mayRun, run)) std::erase(order_, session);
    }

  private:
    // Whether none is left.
    template <class MayRun, class Run>
    bool runDue(SessionId session, const MayRun& mayRun, const Run& run) {
        auto& commands = bySession_[session];
        while (!commands.empty() && mayRun(*commands.front().command)) {
            const Waiting next = std::move(commands.front());
            commands.pop_front();
            run(next);
        }
        if (!commands.empty()) return false;
        bySession_.erase(session);
        return true;
    }

    std::unordered_map<SessionId, std::deque<Waiting>> bySession_;
    std::vector<SessionId> order_;
};

}  // namespace netchat::serve
