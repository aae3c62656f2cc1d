// What is said into the log and what only passes: drafts, one append for all of them, and what is
// published of it.

#include <algorithm>

#include "modes/serve/hub/hub.h"
#include "protocol/limits.h"
#include "protocol/message.h"
#include "protocol/names.h"

namespace netchat::serve {

void Hub::on(const Say& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    Room* room = memberRoom(*user, c.room);
    store::Entry entry;
    entry.id = c.id;
    entry.text = c.text;
    if (!room) return refuseEntry(*user, notInRoom(c.room), v2::Say::kVerb, c.room, entry);
    if (user->muted && moderation_.refreshMuted(*user)) {
        return refuseEntry(*user, moderation_.mutedError(*user), v2::Say::kVerb, c.room, entry);
    }
    user->speaks(nowMs_, c.text.size());
    draft(*room, *user, v2::Say::kVerb, entry);
}

void Hub::on(const Offer& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    if (options_.logPort && !c.id.empty()) {
        return lookUp(*user, c);
    }
    if (options_.logPort || !wasTaken(*user, c)) offer(*user, c);
}

void Hub::offer(User& user, const Offer& c) {
    if (!memberRoom(user, c.room)) {
        return refuse(c.session, notInRoom(c.room), v2::Offer::kVerb, c.room, c.id);
    }
    if (user.muted && moderation_.refreshMuted(user)) {
        return refuse(c.session, moderation_.mutedError(user), v2::Offer::kVerb, c.room, c.id);
    }
    auto full = c.limited ? quotaError(user, c) : std::nullopt;
    if (full) return refuse(c.session, std::move(*full), v2::Offer::kVerb, c.room, c.id);
    OfferAllowed allowed{c.session,           std::string(c.room),   std::string(c.id),
                         std::string(c.name), std::string(c.sha256), c.size};
    const auto replaced = replaced_.find(user.number);
    if (replaced != replaced_.end()) {
        replaced->second.offers.push_back(std::move(allowed));
    } else {
        emit(c.session, std::move(allowed));
    }
}

void Hub::on(const DropFile& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    Room* room = memberRoom(*user, c.room);
    const store::Entry entry = fileEntryOf(c);
    if (!room) return refuseEntry(*user, notInRoom(c.room), v2::Offer::kVerb, c.room, entry);
    if (user->muted && moderation_.refreshMuted(*user)) {
        return refuseEntry(*user, moderation_.mutedError(*user), v2::Offer::kVerb, c.room, entry);
    }
    user->speaks(nowMs_, c.size);
    draft(*room, *user, v2::Offer::kVerb, entry);
}

Hub::Pending Hub::pendingOf(const User& user, std::string_view verb, std::string_view room,
                            store::Entry entry) const {
    entry.time = wallMs_;
    entry.user = user.number;
    entry.from = user.nick;
    return {nullptr, user.session, user.dialect, verb, {room, entry}};
}

void Hub::draft(Room& room, const User& user, std::string_view verb, const store::Entry& entry) {
    add(pendingOf(user, verb, room.name, entry));
    pending_.back().room = &room;
    ++room.drafts;
}

void Hub::add(Pending pending) {
    if (options_.logPort) {
        addLate(pending);
    } else if (held_.empty() || held_.back() != current_) {
        held_.push_back(current_);
    }
    pending_.push_back(pending);
}

void Hub::commitDrafts() {
    if (pending_.empty() || underWay_) return;
    const auto saved = directory_.save();
    if (options_.logPort) return appendLater(saved);
    std::vector<store::Draft> drafts;
    drafts.reserve(pending_.size());
    for (const Pending& pending : pending_) drafts.push_back(pending.draft);
    const auto outcome = saved ? log_.append(drafts) : LogPort::Outcome(saved.error());
    auto concluded = std::exchange(pending_, {});
    conclude(concluded, outcome);
    held_.clear();
    concluded.clear();
    pending_ = std::move(concluded);  // for its room
}

void Hub::conclude(std::vector<Pending>& drafts, const LogPort::Outcome& outcome) {
    if (!outcome && !isUnsure() && log_.isUnsure()) {
        keepUnsure(drafts);
    } else {
        outcome ? publishEntries(drafts, *outcome) : refuseDrafts(drafts, outcome.error());
    }
    if (!outcome) operators_.logState = outcome.error().text;
    if (outcome && !operators_.logState.empty()) operators_.logState.clear();
    releaseRooms(drafts);
}

void Hub::publishEntries(std::vector<Pending>& drafts,
                         const std::vector<store::Appended>& appended) {
    for (size_t i = 0; i < drafts.size(); ++i) publishEntry(drafts[i], appended[i]);
}

void Hub::publishEntry(Pending& pending, const store::Appended& appended) {
    if (appended.duplicate) return answerDuplicate(pending, appended);
    pending.draft.entry.seq = appended.seq;
    Room& room = *pending.room;
    ++operators_.messages;
    operators_.bytes += pending.draft.entry.text.size() + pending.draft.entry.size;
    touch(room);
    room.publisher.add(options_.encoders, room.wanted(), room.name, pending.draft.entry);
    if (room.publisher.full()) flushRoom(room);
}

void Hub::answerDuplicate(const Pending& pending, const store::Appended& said) {
    const store::Entry& draft = pending.draft.entry;
    const std::string_view room = pending.draft.room;
    // An id is unique per user, not per room.
    if (said.elsewhere) {
        return refuse(pending.session,
                      {ErrorCode::BadId, "this id was already used in another room"}, pending.verb,
                      room, draft.id, {}, true);
    }
    if (options_.logPort) return readDuplicate(pending, said);
    bool answered = false;
    (void)log_.read(room, said.seq, [&](const store::Entry& entry) {
        answerAgain(pending.session, pending.dialect, pending.draft, said, &entry);
        answered = true;
        return false;
    });
    if (!answered) answerAgain(pending.session, pending.dialect, pending.draft, said, nullptr);
}

// `found`: what the log has where it was said; null: nothing.
void Hub::answerAgain(SessionId session, Dialect dialect, const store::Draft& draft,
                      const store::Appended& said, const store::Entry* found) {
    const store::Entry& entry = draft.entry;
    const bool isKept =
        found && found->seq == said.seq && found->user == entry.user && found->id == entry.id;
    store::Entry forgotten = entry;
    if (!isKept) {
        // It was taken, and is kept no longer: a message has no text any more.
        forgotten.seq = said.seq;
        forgotten.time = 0;
        if (forgotten.kind == store::EntryKind::Message) forgotten.text = {};
    }
    SaidBefore answer{session, {}};
    options_.encoders[indexOf(dialect)]->again(answer.bytes, draft.room,
                                               isKept ? *found : forgotten);
    emit(session, std::move(answer));
}

void Hub::on(const Tell& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    if (user->muted && moderation_.refreshMuted(*user)) {
        return refuse(c.session, moderation_.mutedError(*user), v2::Tell::kVerb, {}, c.id, c.to);
    }
    const auto to = directory_.byNick(c.to);
    if (!to) return refuse(c.session, to.error(), v2::Tell::kVerb, {}, c.id, c.to);
    Told told{(*to)->session,    user->number,        user->nick, (*to)->nick,
              std::string(c.id), std::string(c.text), wallMs_};
    // What is told again after a lost connection arrives once; private messages are in no log.
    user->speaks(nowMs_, c.text.size());
    if (!user->spoken->toldIds) user->spoken->toldIds = std::make_unique<std::deque<std::string>>();
    auto& ids = *user->spoken->toldIds;
    const bool again = std::find(ids.begin(), ids.end(), c.id) != ids.end();
    if (!again) {
        ids.emplace_back(c.id);
        if (ids.size() > limits::kToldIdsMax) ids.pop_front();
    }
    // The sender gets it, too: that is its acknowledgement.
    if (*to != user && !again) emit((*to)->session, told);
    told.session = c.session;
    emit(c.session, std::move(told));
}

}  // namespace netchat::serve
