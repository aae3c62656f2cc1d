// Drafts on their way to a log that answers later, among them such as are only looked up: who says
// again what the log has is not told that it was refused.

#include <algorithm>

#include "modes/serve/hub/hub.h"
#include "protocol/message.h"

namespace netchat::serve {

// Who says something may have another nick, or none, when it is given back.
std::string_view Hub::keptNick(std::string_view nick) {
    if (!nicks_) nicks_ = std::make_shared<Arena>();
    if (lastNick_ != nick) lastNick_ = nicks_->keep(nick);
    return lastNick_;
}

void Hub::lookUp(const Pending& pending, LookUp lookUp) {
    lookUps_.emplace(pending_.size(), std::move(lookUp));
    add(pending);
}

void Hub::appendLater(const Status& saved) {
    underWay_.emplace();
    for (const Pending& pending : pending_) underWay_->users.insert(pending.draft.entry.user);
    underWay_->drafts = std::exchange(pending_, {});
    underWay_->lookUps = std::exchange(lookUps_, {});
    underWay_->held = std::exchange(held_, {});
    underWay_->nicks = std::exchange(nicks_, {});
    lastNick_ = {};
    const auto outcome = saved ? send(*underWay_) : LogPort::Outcome(saved.error());
    if (outcome) concludeUnderWay(*outcome);
}

// None: it comes as LogAnswered.
std::optional<LogPort::Outcome> Hub::send(UnderWay& batch) {
    auto sent = std::make_shared<DraftBatch>();
    sent->drafts.reserve(batch.drafts.size());
    for (const Pending& pending : batch.drafts) sent->drafts.push_back(pending.draft);
    if (!batch.lookUps.empty()) sent->lookUps.resize(batch.drafts.size());
    for (const auto& [place, lookUp] : batch.lookUps) sent->lookUps[place] = true;
    sent->held = batch.held;
    sent->nicks = batch.nicks;
    return options_.logPort->append(std::move(sent));
}

void Hub::on(const LogAnswered& c) {
    if (!underWay_) return;
    concludeUnderWay(c.outcome);
    if (!underWay_) resume();
}

void Hub::concludeUnderWay(const LogPort::Outcome& outcome) {
    if (!outcome) operators_.logState = outcome.error().text;
    if (!outcome && !underWay_->hasFailed && lookUpAll(*underWay_, outcome.error())) {
        if (const auto found = send(*underWay_)) concludeUnderWay(*found);
        return;
    }
    UnderWay answered = std::move(*underWay_);
    underWay_.reset();
    if (outcome && !answered.hasFailed) operators_.logState.clear();
    for (size_t i = 0; i < answered.drafts.size(); ++i) {
        Pending& pending = answered.drafts[i];
        const auto lookUp = answered.lookUps.find(i);
        if (lookUp == answered.lookUps.end()) {
            publishEntry(pending, (*outcome)[i]);
        } else if (outcome) {
            lookedUp(pending, lookUp->second, (*outcome)[i]);
        } else {
            notLookedUp(pending, lookUp->second, outcome.error());
        }
    }
    releaseRooms(answered.drafts);
}

// Nothing of the batch was appended. Some of it may have been said before, which has an id then.
// False: there is nothing to look up.
bool Hub::lookUpAll(UnderWay& batch, const Error& error) {
    batch.hasFailed = true;
    for (size_t i = 0; i < batch.drafts.size(); ++i) batch.lookUps.try_emplace(i, LookUp{error});
    return std::any_of(batch.drafts.begin(), batch.drafts.end(),
                       [](const Pending& pending) { return !pending.draft.entry.id.empty(); });
}

void Hub::lookedUp(const Pending& pending, const LookUp& lookUp, const store::Appended& said) {
    if (!lookUp.offer) {
        if (said.duplicate) return answerDuplicate(pending, said);
        return notLookedUp(pending, lookUp, *lookUp.refusal);
    }
    if (said.duplicate && !said.elsewhere) {
        emit(pending.session, SaidBefore{pending.session, {}, true});
        return answerDuplicate(pending, said);
    }
    if (User* user = directory_.bySession(pending.session)) offer(*user, *lookUp.offer);
}

void Hub::notLookedUp(const Pending& pending, const LookUp& lookUp, const Error& error) {
    const auto& [room, entry] = pending.draft;
    refuse(pending.session, lookUp.refusal.value_or(error), pending.verb, room, entry.id, {},
           !lookUp.offer);
}

}  // namespace netchat::serve
