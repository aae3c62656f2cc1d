// What always holds in a directory: its indexes agree with the users that it owns.

#include <algorithm>

#include "modes/serve/hub/directory.h"
#include "protocol/limits.h"

namespace netchat::serve {

namespace {

std::string quoted(const User& user) {
    return "'" + user.nick + "' ";
}

}  // namespace

std::string NickIndex::checkInvariants(const std::vector<User*>& present) const {
    if ((heads_.size() & (heads_.size() - 1)) != 0) return "the nicks' table is no power of 2";
    if (count_ != present.size()) return "the nicks' index has another count than there are users";
    // In a chain that is not broken there are no more than there are in all.
    size_t found = 0;
    for (size_t place = 0; place < heads_.size(); ++place) {
        for (const User* user = heads_[place]; user; user = user->nextAlike) {
            if (++found > count_) return "the nicks' index has more users than it counts";
            if (placeOf(user->nick) != place) return quoted(*user) + "is in another nick's place";
        }
    }
    return found == count_ ? "" : "the nicks' index has lost a user";
}

std::string Directory::checkInvariants() const {
    if (auto fault = presentFault(); !fault.empty()) return fault;
    if (auto fault = nicks_.checkInvariants(present_); !fault.empty()) return fault;
    if (auto fault = absentFault(); !fault.empty()) return fault;
    if (log_ && lastNumber_ > reservedTo_) return "a user has a number that is not reserved";
    return leases_.checkInvariants();
}

std::string Directory::presentFault() const {
    size_t owned = 0;
    for (const auto& slots : sessions_) {
        owned += static_cast<size_t>(
            std::count_if(slots.begin(), slots.end(), [](const auto& user) { return !!user; }));
    }
    if (owned != present_.size()) return "there are not as many users as sessions of users";
    UserId before = 0;
    for (const User* user : present_) {
        if (user->number <= before) return "users are not in the order of their numbers";
        before = user->number;
        if (user->session == 0 || bySession(user->session) != user)
            return quoted(*user) + "is not found by its session";
        if (absent_.contains(user->number)) return quoted(*user) + "is present and absent";
        if (!log_ && user->number > lastNumber_) return quoted(*user) + "has a number not given";
    }
    return {};
}

std::string Directory::absentFault() const {
    const auto earlier = [](const Leaving& a, const Leaving& b) { return a.leaving < b.leaving; };
    if (!std::is_sorted(leavings_.begin(), leavings_.end(), earlier))
        return "leavings are not in their order";
    if (leavings_.size() > limits::kAbsentUsersMax) return "too many absent users are kept";
    for (const auto& [number, absent] : absent_) {
        if (!absent.user || absent.user->number != number) return "an absent user is another";
        const User& user = *absent.user;
        if (user.session != 0 || !user.rooms.empty())
            return quoted(user) + "is absent, and has a session or rooms";
        if (user.dialect != Dialect::V2) return quoted(user) + "is absent, and cannot come back";
        const auto left = std::lower_bound(leavings_.begin(), leavings_.end(),
                                           Leaving{number, absent.leaving}, earlier);
        const bool isListed = left != leavings_.end() && left->leaving == absent.leaving;
        if (!isListed || left->user != number)
            return quoted(user) + "is absent, and will never be forgotten";
    }
    return {};
}

}  // namespace netchat::serve
