// What always holds in a shard: its sessions and tails, each by itself and with one another.

#include <algorithm>
#include <string>

#include "modes/serve/host/shard.h"

namespace netchat::serve {

std::string Shard::checkInvariants() const {
    std::string fault;
    size_t owned = 0, taken = 0, dirty = 0;
    sessions_.each([&](const Session& session) {
        if (fault.empty()) fault = sessionFault(session);
        owned += session.rooms();
    });
    if (!fault.empty()) return fault;
    for (const auto& [id, tail] : tails_) {
        if (fault = tailFault(id, *tail); !fault.empty()) return fault;
        dirty += tail->dirty ? 1 : 0;
        for (size_t d = 0; d < kDialects; ++d) taken += tail->subscriptions(d).size();
    }
    // Each session knows its own: as many as there are in all means no others.
    if (owned != taken) return "a subscription belongs to no session";
    if (dirty != dirty_.size()) return "a tail that is gone is to be flushed";
    return memoryFault();
}

std::string Shard::sessionFault(const Session& session) const {
    const std::string name = "session " + std::to_string(slotOf(session.id()));
    if (find(session.id()) != &session) return name + " is not found by its id";
    const auto fault = session.checkInvariants();
    return fault.empty() ? "" : name + ": " + fault;
}

std::string Shard::tailFault(RoomId id, const Tail& tail) const {
    if (tail.id() != id) return tail.name() + " is kept under another number";
    if (tail.dirty != (std::count(dirty_.begin(), dirty_.end(), &tail) == 1))
        return tail.name() + " has news that nobody is to flush";
    if (!tail.dirty && tail.counted != tail.heldBytes())
        return "the shard counts " + std::to_string(tail.counted) + " bytes of " + tail.name() +
               ", which holds " + std::to_string(tail.heldBytes());
    const bool isEmptied = std::count(emptied_.begin(), emptied_.end(), id) > 0;
    if (tail.empty() && !isEmptied) return tail.name() + " is kept for nobody";
    return tail.checkInvariants();
}

// What is remembered of a session ends with it.
std::string Shard::memoryFault() const {
    const auto isGone = [this](const auto& entry) { return find(entry.first) == nullptr; };
    if (std::any_of(weights_.begin(), weights_.end(), isGone)) return "somebody gone is weighed";
    if (std::any_of(rateLimiters_.begin(), rateLimiters_.end(), isGone))
        return "somebody gone is limited";
    if (std::any_of(unwelcome_.begin(), unwelcome_.end(), isGone))
        return "somebody gone is unwelcome";
    return {};
}

}  // namespace netchat::serve
