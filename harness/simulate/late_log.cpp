#include "harness/simulate/late_log.h"

#include <algorithm>

namespace netchat::simulate {

std::optional<LateLog::Outcome> LateLog::append(std::shared_ptr<const serve::DraftBatch> batch) {
    batch_ = std::move(batch);
    return {};
}

void LateLog::write() {
    outcome_ = real_.append(batch_->drafts);
    if (!*outcome_ || !hides_) return;
    for (size_t i = 0; i < batch_->drafts.size(); ++i) {
        const store::Appended& appended = (**outcome_)[i];
        if (appended.duplicate) continue;
        const auto& [room, entry] = batch_->drafts[i];
        hiddenFrom_.try_emplace(std::string(room), appended.seq);  // the first of them is the least
        if (!entry.id.empty()) hiddenIds_.emplace(entry.user, entry.id);
    }
}

LateLog::Outcome LateLog::take() {
    hiddenFrom_.clear();
    hiddenIds_.clear();
    batch_.reset();
    Outcome outcome = std::move(*outcome_);
    outcome_.reset();
    return outcome;
}

std::optional<store::Appended> LateLog::alreadySaid(const store::Draft& draft) {
    const auto& entry = draft.entry;
    if (hiddenIds_.count({entry.user, std::string(entry.id)}) > 0) return {};
    return real_.alreadySaid(draft);
}

store::Range LateLog::range(std::string_view room) const {
    store::Range range = real_.range(room);
    const auto hidden = hiddenFrom_.find(room);
    if (hidden != hiddenFrom_.end()) range.last = hidden->second - 1;
    return range;
}

void LateLog::eachRoom(const RoomVisitor& visit) const {
    real_.eachRoom([&](std::string_view room, const store::Range&) {
        const store::Range seen = range(room);
        if (seen.first <= seen.last) visit(room, seen);
    });
}

Status LateLog::read(std::string_view room, uint64_t seq, const Visitor& visit) const {
    const uint64_t last = range(room).last;
    return real_.read(room, seq,
                      [&](const store::Entry& entry) { return entry.seq <= last && visit(entry); });
}

std::optional<uint64_t> LateLog::sharedWith(std::string_view identity,
                                            std::string_view room) const {
    const auto shared = real_.sharedWith(identity, room);
    return shared ? std::optional(std::min(*shared, range(room).last)) : shared;
}

}  // namespace netchat::simulate
