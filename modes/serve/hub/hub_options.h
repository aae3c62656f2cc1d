#pragma once

// What a hub is given once, before its first command; of the limits a reload gives new ones.

#include <functional>

#include "modes/serve/hub/directory.h"
#include "modes/serve/hub/log_port.h"
#include "modes/serve/hub/publisher.h"
#include "modes/serve/hub/unanswered.h"
#include "modes/serve/limits/limits.h"
#include "modes/serve/moderation/operators.h"
#include "modes/store/searcher.h"
#include "modes/store/user_log.h"
#include "protocol/limits.h"

namespace netchat::serve {

// What the hub asks of the budgets of addresses, which the loops charge, too. Each may be empty:
// then everybody may.
struct AddressPorts {
    std::function<Status(AddressKey)> makeUser = {};
    std::function<Status(AddressKey, uint64_t bytes)> mayStore = {};
    std::function<bool(AddressKey)> noteAttempt = {};
};

struct HubOptions {
    Encoders encoders = {};
    Directory::MakeSecret makeSecret = {};
    size_t shards = 1;
    store::UserLog* users = nullptr;  // where users last; null: they do not outlive the hub
    Limits limits = {};               // of it, the counts and the day's quota
    size_t catchUpBytes = limits::kCatchUpBytes;  // a page for a session that catches up
    AddressPorts addresses = {};
    // Asks elsewhere, and brings the answer back as a Searched command. Empty: searches are
    // refused.
    std::function<void(SessionId session, store::SearchQuery query)> search = {};
    // Null: the log answers at once. Outlives the hub.
    LogPort* logPort = nullptr;
    UnansweredLimits unanswered = {};  // by such a log
    // Empty ones: operators are answered nowhere, and nothing is written down.
    OperatorPorts operators = {};
};

}  // namespace netchat::serve
