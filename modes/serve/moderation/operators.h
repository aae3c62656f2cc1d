#pragma once

// What the hub needs to obey operators: whom to answer, where it is written down that something
// was done, and what takes many turns.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "modes/serve/moderation/admin_command.h"
#include "modes/serve/moderation/audit.h"
#include "modes/serve/moderation/moderation.h"
#include "modes/serve/moderation/reload.h"
#include "modes/store/room_log.h"

namespace netchat::serve {

// The hub's way out to who ordered. All of them may be missing.
struct OperatorPorts {
    Moderation::Kept kept = {};
    // On the disk when it returns; what it refuses is not done.
    std::function<Status(const AuditLine&)> audit = {};
    std::function<void(uint64_t ticket, Answer answer)> answer = {};
    // Reads the settings again; a Reloaded command follows.
    std::function<void(ReloadRequest request)> reload = {};
    // Takes a file out of the store; false: it is not there.
    std::function<bool(const std::string& sha256)> removeFile = {};
    // The log is going to lose entries, or has: whatever is derived from it must not keep them. To
    // be asked again, before it does, until true. On an error the log must not lose any.
    std::function<Result<bool>(bool begins)> logShrinks = {};
    // Hub::workOn() is to be called soon.
    std::function<void()> wake = {};
};

// The hub's thread only.
struct Operators {
    // Since the server began.
    uint64_t messages = 0, bytes = 0;
    std::string logState;  // why the latest entries were refused, or empty

    // Orders that wait for what the loops see.
    struct Asked {
        std::shared_ptr<const AdminCommand> order;
        size_t left;  // loops that have not answered
        ConnectionSnapshots snapshots = {};
    };
    std::unordered_map<uint64_t, Asked> asked;

    // Orders that take many turns: the first is under way.
    struct Task {
        uint64_t ticket;
        std::string by;
        AdminCommand order;
        store::Purge purge;
        uint64_t entries = 0, files = 0;  // that are gone
        std::set<uint64_t> users = {};    // who had said them, the first of them
    };
    std::deque<Task> tasks;
    bool shrinking = false;  // the log may lose entries

    // Attempts of those who are no operators: the first of a minute is written down, the rest
    // are counted, so that nobody can push out of a bounded audit log what operators did.
    int64_t attemptsMinute = 0;
    uint64_t attempts = 0;
};

}  // namespace netchat::serve
