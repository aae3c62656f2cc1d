#include "modes/serve/hub/nick_leases.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "modes/serve/names/confusable.h"
#include "protocol/limits.h"
#include "protocol/names.h"

namespace netchat::serve {

namespace {

// A use is written down when the one before is older than this part of the lease.
constexpr int64_t kPartOfLease = 100;
constexpr int64_t kSweepMs = 60'000;

}  // namespace

Status NickLeases::open(store::NickLog& log, int64_t leaseMs, int64_t nowMs) {
    auto kept = log.nicks();
    if (!kept) return kept.error();
    log_ = &log;
    leaseMs_ = leaseMs;
    calledMs_ = nowMs;
    // Those that were used last are the last to give way.
    std::stable_sort(kept->begin(), kept->end(),
                     [](const auto& a, const auto& b) { return a.usedMs > b.usedMs; });
    for (store::NickRecord& record : *kept) {
        // A clock that was ahead once must not lease for longer.
        Lease lease{std::move(record.nick), record.user, std::min(record.usedMs, nowMs)};
        if (runOut(lease, nowMs)) {
            unsaved_[lease.nick] = {lease.nick, 0, 0};
        } else if (leases_.size() < limits::kNickLeasesMax) {
            insert(std::move(lease));
        }
    }
    return Ok{};
}

const NickLeases::Lease* NickLeases::against(std::string_view nick, UserId user,
                                             int64_t nowMs) const {
    if (leases_.empty()) return nullptr;
    const auto own = leases_.find(std::string(nick));
    if (own != leases_.end() && !runOut(own->second, nowMs)) {
        return own->second.user == user ? nullptr : &own->second;
    }
    const auto [from, to] = looks_.equal_range(lookHash(nick));
    for (auto it = from; it != to; ++it) {
        const Lease& lease = *it->second;
        if (lease.user != user && !runOut(lease, nowMs) && looksAlike(lease.nick, nick)) {
            return &lease;
        }
    }
    return nullptr;
}

bool NickLeases::isOf(std::string_view nick, UserId user) const {
    const auto it = leases_.find(std::string(nick));
    return it != leases_.end() && it->second.user == user;
}

UserId NickLeases::ownerOf(std::string_view nick, int64_t nowMs) const {
    const auto it = leases_.find(std::string(nick));
    return it == leases_.end() || runOut(it->second, nowMs) ? 0 : it->second.user;
}

void NickLeases::renew(std::string_view nick, UserId user, int64_t nowMs) {
    const auto it = leases_.find(std::string(nick));
    if (it == leases_.end() || it->second.user != user) return;
    Lease& lease = it->second;
    if (nowMs - lease.usedMs < leaseMs_ / kPartOfLease) return;
    lease.usedMs = nowMs;
    unsaved_[it->first] = {it->first, user, nowMs};
}

bool NickLeases::use(std::string_view nick, UserId user, int64_t nowMs, AddressKey address) {
    if (!log_) return false;
    std::string name(nick);
    const auto it = leases_.find(name);
    if (it != leases_.end() && it->second.user == user) {
        renew(nick, user, nowMs);
        return true;
    }
    // Whoever else has it was asked by against().
    if (it != leases_.end() && !runOut(it->second, nowMs)) return false;
    if (it != leases_.end()) remove(name);
    if (!makeRoom(nowMs, address)) return false;
    insert({name, user, nowMs, address});
    unsaved_[name] = {name, user, nowMs};
    if (ofUser_[user].size() <= limits::kNicksPerUserMax) return true;
    const auto& names = ofUser_[user];
    free(std::string(*std::min_element(names.begin(), names.end() - 1,
                                       [this](const std::string& a, const std::string& b) {
                                           return leases_.at(a).usedMs < leases_.at(b).usedMs;
                                       })));
    return true;
}

bool NickLeases::free(std::string_view nick) {
    const std::string name(nick);
    if (leases_.find(name) == leases_.end()) return false;
    remove(name);
    unsaved_[name] = {name, 0, 0};
    return true;
}

std::vector<std::string> NickLeases::freeAlike(std::string_view nick) {
    std::vector<std::string> found;
    const auto [from, to] = looks_.equal_range(lookHash(nick));
    for (auto it = from; it != to; ++it) {
        if (looksAlike(it->second->nick, nick)) found.push_back(it->second->nick);
    }
    std::sort(found.begin(), found.end());
    for (const std::string& name : found) free(name);
    return found;
}

bool NickLeases::wantsRollCall(int64_t nowMs) {
    if (!log_ || nowMs - calledMs_ < leaseMs_ / kPartOfLease) return false;
    calledMs_ = nowMs;
    return true;
}

void NickLeases::shift(int64_t sinceMs, int64_t byMs) {
    for (auto& [nick, lease] : leases_) {
        if (lease.usedMs < sinceMs) continue;
        lease.usedMs += byMs;
        unsaved_[nick] = {nick, lease.user, lease.usedMs};
    }
}

Status NickLeases::save() {
    if (unsaved_.empty()) return Ok{};
    std::vector<store::NickRecord> records;
    for (const auto& [nick, record] : unsaved_) records.push_back(record);
    auto status = log_->keep(records);
    if (status) unsaved_.clear();
    return status;
}

void NickLeases::insert(Lease lease) {
    ofUser_[lease.user].push_back(lease.nick);
    held_.add(lease.address);
    lease.taken = ++lastTaken_;
    std::string name = lease.nick;
    const auto it = leases_.insert_or_assign(std::move(name), std::move(lease)).first;
    taken_[{it->second.address, it->second.taken}] = &it->second;
    looks_.emplace(lookHash(it->first), &it->second);
}

void NickLeases::remove(const std::string& nick) {
    const auto it = leases_.find(nick);
    const auto [from, to] = looks_.equal_range(lookHash(nick));
    const auto found =
        std::find_if(from, to, [&](const auto& entry) { return entry.second == &it->second; });
    if (found != to) looks_.erase(found);
    const auto names = ofUser_.find(it->second.user);
    names->second.erase(std::find(names->second.begin(), names->second.end(), nick));
    if (names->second.empty()) ofUser_.erase(names);
    taken_.erase({it->second.address, it->second.taken});
    held_.remove(it->second.address);
    leases_.erase(it);
}

// A crowd of new nicks from one address takes away nobody's of another.
bool NickLeases::makeRoom(int64_t nowMs, AddressKey address) {
    if (leases_.size() >= limits::kNickLeasesMax) sweep(nowMs);
    if (address != kUncounted && held_.of(address) >= perAddressMax_) return false;
    if (leases_.size() < limits::kNickLeasesMax) return true;
    const auto [holder, count] = held_.most();
    if (count <= held_.of(address) + 1) return false;
    free(std::string(std::prev(taken_.lower_bound({holder, UINT64_MAX}))->second->nick));
    return true;
}

void NickLeases::sweep(int64_t nowMs) {
    if (nowMs - sweptMs_ < kSweepMs) return;
    sweptMs_ = nowMs;
    std::vector<std::string> gone;
    for (const auto& [nick, lease] : leases_) {
        if (runOut(lease, nowMs)) gone.push_back(nick);
    }
    for (const std::string& nick : gone) free(nick);
}

// ---- what always holds

std::string NickLeases::checkInvariants() const {
    if (!log_ && !leases_.empty()) return "nicks are leased without a log";
    if (leases_.size() > limits::kNickLeasesMax) return "too many nicks are leased";
    for (const auto& [nick, lease] : leases_) {
        if (auto fault = faultOf(nick, lease); !fault.empty()) {
            return "the lease of '" + nick + "': " + fault;
        }
    }
    // Each lease is in all of the indexes: as many as there are leases means no others.
    if (looks_.size() != leases_.size()) return "a look belongs to no lease";
    if (taken_.size() != leases_.size()) return "a taking belongs to no lease";
    return holdersFault();
}

std::string NickLeases::faultOf(const std::string& nick, const Lease& lease) const {
    if (lease.nick != nick) return "it is kept under another nick";
    if (lease.taken == 0 || lease.taken > lastTaken_) return "it was not taken yet";
    const auto [from, to] = looks_.equal_range(lookHash(nick));
    const auto isIt = [&lease](const auto& entry) { return entry.second == &lease; };
    if (std::count_if(from, to, isIt) != 1) return "its look is not found once";
    const auto taken = taken_.find({lease.address, lease.taken});
    if (taken == taken_.end() || taken->second != &lease) return "its taking is not found";
    const auto names = ofUser_.find(lease.user);
    const bool hasUser = names != ofUser_.end();
    if (!hasUser || std::count(names->second.begin(), names->second.end(), nick) != 1)
        return "its user does not have it once";
    return {};
}

std::string NickLeases::holdersFault() const {
    size_t ofUsers = 0;
    for (const auto& [user, names] : ofUser_) {
        if (names.empty()) return "a user without leases is remembered";
        ofUsers += names.size();
    }
    if (ofUsers != leases_.size()) return "a user has a nick that is not leased";
    size_t most = 0;
    for (auto it = taken_.begin(); it != taken_.end();) {
        const AddressKey address = it->first.first;
        const auto next = taken_.upper_bound({address, UINT64_MAX});
        const auto count = static_cast<size_t>(std::distance(it, next));
        if (held_.of(address) != count) return "the leases of an address are miscounted";
        most = std::max(most, count);
        it = next;
    }
    if (held_.most().second != most) return "the address with most leases is not known";
    return {};
}

}  // namespace netchat::serve
