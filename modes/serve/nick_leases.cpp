#include "modes/serve/nick_leases.h"

#include <algorithm>
#include <utility>

#include "modes/serve/confusable.h"
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

void NickLeases::use(std::string_view nick, UserId user, int64_t nowMs) {
    if (!log_) return;
    std::string name(nick);
    const auto it = leases_.find(name);
    if (it != leases_.end() && it->second.user == user) {
        Lease& lease = it->second;
        if (nowMs - lease.usedMs < leaseMs_ / kPartOfLease) return;
        lease.usedMs = nowMs;
        unsaved_[name] = {name, user, nowMs};
        return;
    }
    // Whoever else has it was asked by against().
    if (it != leases_.end() && !runOut(it->second, nowMs)) return;
    if (it != leases_.end()) remove(name);
    if (!makeRoom(nowMs)) return;
    insert({name, user, nowMs});
    unsaved_[name] = {name, user, nowMs};
    if (ofUser_[user].size() <= limits::kNicksPerUserMax) return;
    const auto& names = ofUser_[user];
    free(std::string(*std::min_element(names.begin(), names.end() - 1,
                                       [this](const std::string& a, const std::string& b) {
                                           return leases_.at(a).usedMs < leases_.at(b).usedMs;
                                       })));
}

bool NickLeases::free(std::string_view nick) {
    const std::string name(nick);
    if (leases_.find(name) == leases_.end()) return false;
    remove(name);
    unsaved_[name] = {name, 0, 0};
    return true;
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
    std::string name = lease.nick;
    const auto it = leases_.insert_or_assign(std::move(name), std::move(lease)).first;
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
    leases_.erase(it);
}

// Who came first keeps what they have: a crowd of new nicks takes nobody's away.
bool NickLeases::makeRoom(int64_t nowMs) {
    if (leases_.size() < limits::kNickLeasesMax) return true;
    if (nowMs - sweptMs_ < kSweepMs) return false;
    sweptMs_ = nowMs;
    std::vector<std::string> gone;
    for (const auto& [nick, lease] : leases_) {
        if (runOut(lease, nowMs)) gone.push_back(nick);
    }
    for (const std::string& nick : gone) free(nick);
    return leases_.size() < limits::kNickLeasesMax;
}

}  // namespace netchat::serve
