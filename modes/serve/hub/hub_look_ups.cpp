// Drafts on their way to a log that answers later, among them such as are only looked up: who says
// again what the log has is not told that it was refused.

#include <algorithm>

#include "modes/serve/hub/hub.h"
#include "protocol/message.h"

namespace netchat::serve {

namespace {

constexpr char kLogIsSlow[] = "the log does not answer";

}  // namespace

// With the drafts that are pending.
std::string_view Hub::kept(std::string_view text) {
    if (!texts_) texts_ = std::make_shared<Arena>();
    return texts_->keep(text);
}

// Who says something may have another nick, or none, when it is given back.
void Hub::addLate(Pending& pending) {
    auto& [room, entry] = pending.draft;
    if (lastNick_ != entry.from) lastNick_ = kept(entry.from);
    entry.from = lastNick_;
    room = kept(room);
    entry.id = kept(entry.id);
    entry.text = kept(entry.text);
    entry.sha256 = kept(entry.sha256);
    unanswered(pending.session, costOf(entry.text));
    if (!underWay_) return;
    underWay_->users.insert(entry.user);
    if (underWay_->isSlow) tellOfSlowLog(pending.session);
}

void Hub::lookUp(const User& user, const Offer& c) {
    Offer offer = c;
    offer.room = kept(c.room);
    offer.id = kept(c.id);
    offer.name = kept(c.name);
    offer.sha256 = kept(c.sha256);
    lookUp(pendingOf(user, v2::Offer::kVerb, c.room, fileEntryOf(c)), {{}, offer});
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
    underWay_->texts = std::exchange(texts_, {});
    underWay_->sinceMs = nowMs_;
    lastNick_ = {};
    const auto outcome = saved ? send(*underWay_) : LogPort::Outcome(saved.error());
    if (outcome) concludeUnderWay(*outcome);
}

void Hub::lookAtSlowLog() {
    lookAtSlowReads();
    if (!underWay_ || underWay_->isSlow || nowMs_ - underWay_->sinceMs < kSlowLogMs) return;
    underWay_->isSlow = true;
    if (!underWay_->hasFailed) operators_.logState = kLogIsSlow;
    for (const auto* drafts : {&underWay_->drafts, &pending_}) {
        for (const Pending& pending : *drafts) tellOfSlowLog(pending.session);
    }
}

void Hub::tellOfSlowLog(SessionId session) {
    if (!toldOfSlowLog_.insert(session).second) return;
    notify(session, std::string("what you say waits: ") + kLogIsSlow);
}

// None: it comes as LogAnswered.
std::optional<LogPort::Outcome> Hub::send(UnderWay& batch) {
    auto sent = std::make_shared<DraftBatch>();
    sent->drafts.reserve(batch.drafts.size());
    for (const Pending& pending : batch.drafts) sent->drafts.push_back(pending.draft);
    if (!batch.lookUps.empty()) sent->lookUps.resize(batch.drafts.size());
    for (const auto& [place, lookUp] : batch.lookUps) sent->lookUps[place] = true;
    sent->texts = batch.texts;
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
    UnderWay batch = std::move(*underWay_);
    underWay_.reset();
    if (outcome && !batch.hasFailed) operators_.logState.clear();
    if (batch.isSlow) toldOfSlowLog_.clear();
    for (size_t i = 0; i < batch.drafts.size(); ++i) {
        Pending& pending = batch.drafts[i];
        answered(pending.session, costOf(pending.draft.entry.text));
        const auto lookUp = batch.lookUps.find(i);
        if (lookUp == batch.lookUps.end()) {
            publishEntry(pending, (*outcome)[i]);
        } else if (outcome) {
            lookedUp(pending, lookUp->second, (*outcome)[i]);
        } else {
            notLookedUp(pending, lookUp->second, outcome.error());
        }
    }
    releaseRooms(batch.drafts);
}

// Nothing of the batch was appended. Some of it may have been said before, which has an id then.
// False: there is nothing to look up.
bool Hub::lookUpAll(UnderWay& batch, const Error& error) {
    batch.hasFailed = true;
    for (size_t i = 0; i < batch.drafts.size(); ++i)
        batch.lookUps.try_emplace(i, LookUp{error, {}});
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
