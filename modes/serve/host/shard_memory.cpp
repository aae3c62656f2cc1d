// A shard's part in the bound on memory: what its sessions and tails hold is summed by address and
// in all, and whoever holds most is ended when it is too much.

#include <algorithm>

#include "modes/serve/host/shard.h"
#include "modes/serve/limits/address_budget.h"
#include "protocol/limits.h"

namespace netchat::serve {

namespace {

// What a tail keeps for those who are behind when memory is short; they read on from the log.
constexpr size_t kTightTailBytes = 16 * limits::kKiB;

}  // namespace

void Shard::weighed(Session& session, Weight weight) {
    const auto it = weights_.try_emplace(session.id()).first;
    const size_t before = it->second.all(), now = weight.all();
    it->second = weight;
    if (now == 0) weights_.erase(it);
    const auto more = static_cast<std::ptrdiff_t>(now) - static_cast<std::ptrdiff_t>(before);
    AddressBudget* const budget = session.budget();
    const size_t ofHolder = budget ? budget->holds(more) : now;
    if (budget && more > 0 && ofHolder > options_.limits.memoryPerAddressMax) {
        heavy_.push_back(session.id());
    }
    if (!options_.memory || more == 0) return;
    if (more > 0 && ofHolder == static_cast<size_t>(more)) options_.memory->holders(1);
    if (more < 0 && ofHolder == 0) options_.memory->holders(-1);
    options_.memory->holds(more);
}

bool Shard::isTight(const Session& session) const {
    const AddressBudget* const budget = session.budget();
    if (budget && budget->held() > options_.limits.memoryPerAddressMax / 2) return true;
    return options_.memory && options_.memory->isTight();
}

void Shard::countTail(Tail& tail) {
    const size_t held = tail.heldBytes();
    if (held == tail.counted) return;
    const auto more = static_cast<std::ptrdiff_t>(held) - static_cast<std::ptrdiff_t>(tail.counted);
    tail.counted = held;
    if (options_.memory) options_.memory->holds(more);
}

void Shard::lighten() {
    const auto heavy = heavy_.empty() ? std::vector<SessionId>() : std::exchange(heavy_, {});
    for (const SessionId id : heavy) {
        Session* const session = find(id);
        const AddressBudget* const budget = session ? session->budget() : nullptr;
        if (!budget) continue;
        const auto isIts = [budget](const Session& each, size_t) {
            return each.budget() == budget;
        };
        while (budget->held() > options_.limits.memoryPerAddressMax && refuseHeaviest(isIts)) {
        }
    }
    MemoryBudget* const memory = options_.memory;
    if (!memory || !memory->isOver()) return;
    tightenTails();
    const auto holdsMore = [share = memory->fairShare()](const Session& each, size_t bytes) {
        return (each.budget() ? each.budget()->held() : bytes) > share;
    };
    while (memory->isOver() && refuseHeaviest(holdsMore)) {
    }
    memory->eased();
}

void Shard::tightenTails() {
    for (const auto& [id, tail] : tails_) {
        if (tail->heldBytes() <= kTightTailBytes) continue;
        boundTail(*tail, kTightTailBytes);
        countTail(*tail);
    }
}

// Of those for whom it counts. False: there is none.
template <class Counts>
bool Shard::refuseHeaviest(Counts counts) {
    Session* heaviest = nullptr;
    size_t most = 0;
    for (const auto& [id, weight] : weights_) {
        Session* const session = weight.unread > most ? find(id) : nullptr;
        if (!session || session->state() == Session::State::Dead) continue;
        if (!counts(*session, weight.all())) continue;
        heaviest = session;
        most = weight.unread;
    }
    if (heaviest) heaviest->refuseToHold();
    return heaviest != nullptr;
}

}  // namespace netchat::serve
