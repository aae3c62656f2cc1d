#include "modes/serve/limits/address_budget.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "protocol/size_text.h"

namespace netchat::serve {

namespace {

constexpr int64_t kForgetEveryMs = 1000;
constexpr double kHourSeconds = 3600, kDaySeconds = 24 * kHourSeconds;
// Beside the addresses: the networks around those for whom there is no place.
constexpr size_t kWiderMax = 4096;
// Reading this many entries costs about what taking and sending one message does.
constexpr double kEntriesForOneMessage = 20;
// What a stranger tries is written down ten times at once, and then every ten minutes.
constexpr double kAttempts = 10, kAttemptsPerSecond = 1.0 / 600;

double saved(double perSecond) {
    return perSecond * limits::kSavedSeconds;
}

double perDay(uint64_t bytes) {
    return static_cast<double>(bytes) / kDaySeconds;
}

}  // namespace

// ---- one address

AddressBudget::AddressBudget(AddressKey key, const Limits& limits, int64_t nowMs)
    : key_(key),
      requestsMax_(limits.requestsPerAddressMax),
      storedPerDay_(limits.storedBytesPerAddress),
      connects_(limits.connectsPerSecond, saved(limits.connectsPerSecond), nowMs),
      messages_(limits.messagesPerAddress, saved(limits.messagesPerAddress), nowMs),
      bytes_(limits.bytesPerAddress, saved(limits.bytesPerAddress), nowMs),
      users_(limits.usersPerHour / kHourSeconds, limits.usersPerHour, nowMs),
      attempts_(kAttemptsPerSecond, kAttempts, nowMs),
      stored_(perDay(storedPerDay_), static_cast<double>(storedPerDay_), nowMs) {
}

void AddressBudget::limitBy(const Limits& limits, int64_t nowMs) {
    const MutexLock lock(mutex_);
    requestsMax_ = limits.requestsPerAddressMax;
    storedPerDay_ = limits.storedBytesPerAddress;
    connects_.change(limits.connectsPerSecond, saved(limits.connectsPerSecond), nowMs);
    messages_.change(limits.messagesPerAddress, saved(limits.messagesPerAddress), nowMs);
    bytes_.change(limits.bytesPerAddress, saved(limits.bytesPerAddress), nowMs);
    users_.change(limits.usersPerHour / kHourSeconds, limits.usersPerHour, nowMs);
    stored_.change(perDay(storedPerDay_), static_cast<double>(storedPerDay_), nowMs);
}

int64_t AddressBudget::said(size_t bytes, int64_t nowMs) {
    const MutexLock lock(mutex_);
    messages_.take(1, nowMs);
    bytes_.take(static_cast<double>(bytes), nowMs);
    return std::max(messages_.debtMs(nowMs), bytes_.debtMs(nowMs));
}

Status AddressBudget::mayAsk() {
    const MutexLock lock(mutex_);
    if (unanswered_ < requestsMax_) return Ok{};
    return Error{ErrorCode::TooMany, "your address has " + std::to_string(requestsMax_) +
                                         " unanswered requests; wait for the replies"};
}

int64_t AddressBudget::looksUp(size_t entries, int64_t nowMs) {
    const MutexLock lock(mutex_);
    messages_.take(1 + static_cast<double>(entries) / kEntriesForOneMessage, nowMs);
    return messages_.debtMs(nowMs);
}

void AddressBudget::stored(uint64_t bytes, int64_t nowMs) {
    const MutexLock lock(mutex_);
    if (storedPerDay_ > 0) stored_.take(static_cast<double>(bytes), nowMs);
}

Status AddressBudget::mayStore(uint64_t bytes, int64_t nowMs) {
    const MutexLock lock(mutex_);
    if (storedPerDay_ == 0 || stored_.has(static_cast<double>(bytes), nowMs)) return Ok{};
    return Error{ErrorCode::NoRoom,
                 "at most " + sizeText(storedPerDay_) +
                     " of files a day are accepted from one address; try again later"};
}

Status AddressBudget::makeUser(int64_t nowMs) {
    const MutexLock lock(mutex_);
    if (users_.tryTake(1, nowMs)) return Ok{};
    return Error{ErrorCode::TooFast, "too many new users from your address; wait a moment"};
}

bool AddressBudget::noteAttempt(int64_t nowMs) {
    const MutexLock lock(mutex_);
    return attempts_.tryTake(1, nowMs);
}

// Gone, and as good as one that was never here.
bool AddressBudget::isIdle(int64_t nowMs) {
    if (live_ > 0) return false;
    const MutexLock lock(mutex_);
    return connects_.isFull(nowMs) && messages_.isFull(nowMs) && bytes_.isFull(nowMs) &&
           users_.isFull(nowMs) && attempts_.isFull(nowMs) && stored_.isFull(nowMs);
}

// ---- all of them

Result<AddressBudget*> AddressBudgets::enter(AddressKey key, int64_t nowMs) {
    const MutexLock lock(mutex_);
    AddressBudget& budget = of(key, nowMs);
    if (budget.live_ >= limits_.connectionsPerAddressMax) {
        return Error{ErrorCode::TooMany, "there are " + std::to_string(budget.live_) +
                                             " connections from your address already; close one"};
    }
    const MutexLock inner(budget.mutex_);
    if (!budget.connects_.tryTake(1, nowMs)) {
        return Error{ErrorCode::TooFast,
                     "too many connections from your address in a short time; wait a moment"};
    }
    ++budget.live_;
    return &budget;
}

void AddressBudgets::leave(AddressBudget& budget) {
    const MutexLock lock(mutex_);
    --budget.live_;
}

Status AddressBudgets::makeUser(AddressKey key, int64_t nowMs) {
    if (key == kUncounted) return Ok{};
    const MutexLock lock(mutex_);
    return of(key, nowMs).makeUser(nowMs);
}

Status AddressBudgets::mayStore(AddressKey key, uint64_t bytes, int64_t nowMs) {
    if (key == kUncounted) return Ok{};
    const MutexLock lock(mutex_);
    return of(key, nowMs).mayStore(bytes, nowMs);
}

bool AddressBudgets::noteAttempt(AddressKey key, int64_t nowMs) {
    if (key == kUncounted) return true;
    const MutexLock lock(mutex_);
    return of(key, nowMs).noteAttempt(nowMs);
}

void AddressBudgets::limitBy(const Limits& limits, int64_t nowMs) {
    const MutexLock lock(mutex_);
    limits_ = limits;
    for (auto& [key, budget] : budgets_) budget.limitBy(limits, nowMs);
}

size_t AddressBudgets::size() const {
    const MutexLock lock(mutex_);
    return budgets_.size();
}

// Whoever has very many addresses has them in few networks: where there is no place for one more,
// it shares that of its network, or of everybody else.
AddressBudget& AddressBudgets::of(AddressKey key, int64_t nowMs) {
    forgetIdle(nowMs);
    if (const auto it = budgets_.find(key); it != budgets_.end()) return it->second;
    if (budgets_.size() >= addressesMax_) forgetAbsent(nowMs);
    if (budgets_.size() < addressesMax_) return make(key, nowMs);
    const AddressKey wider = widerKey(key);
    if (const auto it = budgets_.find(wider); it != budgets_.end()) return it->second;
    if (budgets_.size() < addressesMax_ + kWiderMax) return make(wider, nowMs);
    return make(kEveryoneElse, nowMs);
}

AddressBudget& AddressBudgets::make(AddressKey key, int64_t nowMs) {
    return budgets_.try_emplace(key, key, limits_, nowMs).first->second;
}

// Those who are gone and may come as often as anybody.
void AddressBudgets::forgetIdle(int64_t nowMs) {
    if (nowMs - forgotMs_ < kForgetEveryMs) return;
    forgotMs_ = nowMs;
    for (auto it = budgets_.begin(); it != budgets_.end();) {
        it = it->second.isIdle(nowMs) ? budgets_.erase(it) : std::next(it);
    }
}

// Whoever fills the table with addresses gains no more by it than they have by those.
void AddressBudgets::forgetAbsent(int64_t nowMs) {
    if (nowMs - madeRoomMs_ < kForgetEveryMs) return;
    madeRoomMs_ = nowMs;
    std::erase_if(budgets_, [](const auto& item) { return item.second.live_ == 0; });
}

}  // namespace netchat::serve
