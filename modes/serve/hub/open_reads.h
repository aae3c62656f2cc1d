#pragma once

// What sessions want of a log that answers later. A session's other commands wait until it has all
// of it; nobody else's do. The hub's thread only.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "modes/serve/base/ids.h"
#include "modes/serve/hub/log_port.h"
#include "modes/serve/hub/unsure_draft.h"

namespace netchat::serve {

struct OpenRead {
    enum class Kind : uint8_t {
        CatchUp,  // the next page of one who is behind
        History,  // a page that was asked for
        Again,    // one entry that was said twice
    };
    Kind kind;
    SessionId session;
    RoomId room = 0;    // of a page; its name may be another room's by now
    uint64_t from = 0;  // of a page, as it was asked for
    ReadRequest request = {};
    std::optional<UnsureDraft> said = {};  // Again
    uint64_t ticket = 0;                   // 0: it has failed, and is to be asked for again
    int64_t sinceMs = 0;                   // trusted time
};

class OpenReads {
  public:
    bool empty() const { return bySession_.empty(); }
    bool has(SessionId session) const {
        return !bySession_.empty() && bySession_.count(session) > 0;
    }
    void add(OpenRead read) {
        if (read.ticket == 0) {
            failed_.push_back(read.session);
        } else {
            sessions_.emplace(read.ticket, read.session);
        }
        bySession_[read.session].push_back(std::move(read));
    }
    // Nothing: nobody waits for it any more.
    std::optional<OpenRead> take(uint64_t ticket) {
        const auto session = sessions_.find(ticket);
        if (session == sessions_.end()) return {};
        auto taken = take(session->second, ticket);
        sessions_.erase(session);
        return taken;
    }
    bool anyFailed() const { return !failed_.empty(); }
    std::vector<OpenRead> takeFailed() {
        std::vector<OpenRead> all;
        for (const SessionId session : std::exchange(failed_, {})) {
            if (auto one = take(session, 0)) all.push_back(std::move(*one));
        }
        return all;
    }
    template <class Visit>
    void each(const Visit& visit) const {
        for (const auto& [session, reads] : bySession_) {
            for (const OpenRead& read : reads) visit(read);
        }
    }
    void forget(SessionId session) {
        const auto it = bySession_.find(session);
        if (it == bySession_.end()) return;
        for (const OpenRead& read : it->second) sessions_.erase(read.ticket);
        bySession_.erase(it);
    }

  private:
    std::optional<OpenRead> take(SessionId session, uint64_t ticket) {
        const auto it = bySession_.find(session);
        if (it == bySession_.end()) return {};
        auto& reads = it->second;
        const auto found = std::find_if(reads.begin(), reads.end(), [ticket](const OpenRead& read) {
            return read.ticket == ticket;
        });
        if (found == reads.end()) return {};
        OpenRead taken = std::move(*found);
        reads.erase(found);
        if (reads.empty()) bySession_.erase(it);
        return taken;
    }

    std::unordered_map<SessionId, std::vector<OpenRead>> bySession_;
    std::unordered_map<uint64_t, SessionId> sessions_;  // by ticket
    std::vector<SessionId> failed_;                     // one for each that has
};

}  // namespace netchat::serve
