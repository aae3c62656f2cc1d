#include "harness/simulate/late_log.h"

#include <algorithm>

namespace netchat::simulate {

void LateLog::notLate(const char* what) const {
    if (late_) misuse_ = std::string("the hub waits for a late log: ") + what;
}

// ---- appending

std::optional<LateLog::Outcome> LateLog::append(std::shared_ptr<const serve::DraftBatch> batch) {
    if (batch_) misuse_ = "two batches are under way";
    batch_ = std::move(batch);
    return {};
}

void LateLog::write() {
    auto appended = unsure_ ? real_.findOut() : appendNow();
    unsure_ = real_.isUnsure();
    if (unsure_) return;
    if (appended) {
        outcome_ = outcomeOf(std::move(*appended));
    } else if (!mayHave_) {
        outcome_ = appended.error();
    }
}

std::vector<store::Draft> LateLog::toAppend() const {
    std::vector<store::Draft> drafts;
    for (size_t i = 0; i < batch_->drafts.size(); ++i) {
        if (!batch_->isLookUp(i)) drafts.push_back(batch_->drafts[i]);
    }
    return drafts;
}

LateLog::Outcome LateLog::appendNow() {
    const auto drafts = toAppend();
    if (drafts.empty()) return std::vector<store::Appended>{};
    for (const store::Draft& draft : drafts) {
        lastSeen_.try_emplace(std::string(draft.room), real_.range(draft.room).last);
    }
    return real_.append(drafts);
}

LateLog::Outcome LateLog::outcomeOf(std::vector<store::Appended> appended) {
    if (mayHave_ && asTheFirst_) asTheFirstTry(appended);
    std::vector<store::Appended> all;
    size_t next = 0;
    for (size_t i = 0; i < batch_->drafts.size(); ++i) {
        all.push_back(batch_->isLookUp(i)
                          ? real_.alreadySaid(batch_->drafts[i]).value_or(store::Appended{})
                          : appended[next++]);
    }
    return all;
}

// What an earlier try has appended is no duplicate, but once.
void LateLog::asTheFirstTry(std::vector<store::Appended>& appended) const {
    const auto drafts = toAppend();
    std::set<std::pair<std::string_view, uint64_t>> fresh;
    for (size_t i = 0; i < drafts.size(); ++i) {
        const bool isOurs = appended[i].seq > lastSeen_.find(drafts[i].room)->second;
        if (appended[i].elsewhere || !isOurs) continue;
        appended[i].duplicate = !fresh.insert({drafts[i].room, appended[i].seq}).second;
    }
}

// Without an id, what is tried again would be said twice.
bool LateLog::mayLoseAnswer() const {
    const auto drafts = toAppend();
    return outcome_ && *outcome_ && !drafts.empty() &&
           std::all_of(drafts.begin(), drafts.end(),
                       [](const store::Draft& draft) { return !draft.entry.id.empty(); });
}

void LateLog::loseAnswer() {
    outcome_.reset();
    mayHave_ = true;
}

LateLog::Outcome LateLog::take() {
    lastSeen_.clear();
    batch_.reset();
    mayHave_ = false;
    Outcome outcome = std::move(*outcome_);
    outcome_.reset();
    return outcome;
}

// ---- reading

std::optional<LateLog::ReadOutcome> LateLog::read(uint64_t ticket, serve::ReadRequest request) {
    toRead_.push_back({ticket, std::move(request)});
    return {};
}

void LateLog::readOne(size_t which, bool fails) {
    const auto at = toRead_.begin() + static_cast<std::ptrdiff_t>(which);
    haveRead_.push_back({at->ticket, fails ? ReadOutcome(Error{ErrorCode::Timeout, "it is away"})
                                           : readNow(at->request)});
    toRead_.erase(at);
}

LateLog::ReadOutcome LateLog::readNow(const serve::ReadRequest& request) const {
    std::vector<store::KeptEntry> all;
    const auto status = real_.read(request.room, request.from, [&](const store::Entry& e) {
        if (e.seq >= request.end) return false;
        all.push_back({e.kind, e.seq, e.time, e.user, std::string(e.id), std::string(e.from),
                       std::string(e.text), std::string(e.sha256), e.size});
        return true;
    });
    if (!status) return status.error();
    if (request.newest) std::reverse(all.begin(), all.end());
    size_t count = 0, bytes = 0;
    while (count < all.size() && count < request.entriesMax && bytes < request.bytesMax) {
        bytes += all[count++].text.size();
    }
    all.resize(count);
    if (request.newest) std::reverse(all.begin(), all.end());
    return all;
}

serve::LogRead LateLog::takeRead(size_t which) {
    const auto at = haveRead_.begin() + static_cast<std::ptrdiff_t>(which);
    serve::LogRead read = std::move(*at);
    haveRead_.erase(at);
    return read;
}

// ---- what the hub sees

Result<std::vector<store::Appended>> LateLog::append(std::span<const store::Draft> drafts) {
    notLate("append");
    return real_.append(drafts);
}

std::optional<store::Appended> LateLog::alreadySaid(const store::Draft& draft) {
    notLate("alreadySaid");
    return real_.alreadySaid(draft);
}

Result<std::vector<store::Appended>> LateLog::findOut() {
    notLate("findOut");
    return real_.findOut();
}

Status LateLog::read(std::string_view room, uint64_t seq, const Visitor& visit) const {
    notLate("read");
    return real_.read(room, seq, visit);
}

store::Range LateLog::range(std::string_view room) const {
    store::Range range = real_.range(room);
    const auto seen = lastSeen_.find(room);
    if (hides_ && seen != lastSeen_.end()) range.last = seen->second;
    return range;
}

void LateLog::eachRoom(const RoomVisitor& visit) const {
    real_.eachRoom([&](std::string_view room, const store::Range&) {
        const store::Range seen = range(room);
        if (seen.first <= seen.last) visit(room, seen);
    });
}

std::optional<uint64_t> LateLog::sharedWith(std::string_view identity,
                                            std::string_view room) const {
    const auto shared = real_.sharedWith(identity, room);
    return shared ? std::optional(std::min(*shared, range(room).last)) : shared;
}

}  // namespace netchat::simulate
