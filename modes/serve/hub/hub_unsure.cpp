// What becomes of drafts while the log does not know whether it has them. They are answered with
// what is so in the end: a refusal that a start would prove wrong is worse than waiting.

#include "modes/serve/hub/hub.h"
#include "protocol/message.h"

namespace netchat::serve {

void Hub::keepUnsure(const std::vector<Pending>& drafts) {
    unsure_.reserve(drafts.size());
    for (const Pending& pending : drafts) {
        unsure_.emplace_back(pending.session, pending.dialect, pending.verb, pending.draft);
    }
}

// Where the log has taken none of them. Who says again what it has already, or may have, is not
// told that it was refused.
void Hub::refuseDrafts(const std::vector<Pending>& drafts, const Error& error) {
    for (const Pending& pending : drafts) {
        refuseEntry(pending, error);
    }
}

void Hub::refuseEntry(const Pending& pending, const Error& error) {
    const auto& [room, entry] = pending.draft;
    if (isUnsureAgain(pending)) return;
    if (options_.logPort && !entry.id.empty()) return lookUp(pending, {error, {}});
    if (options_.logPort) return refuse(pending.session, error, pending.verb, room, {}, {}, true);
    if (const auto said = log_.alreadySaid(pending.draft)) return answerDuplicate(pending, *said);
    refuse(pending.session, error, pending.verb, room, entry.id, {}, true);
}

// Its user may not say it now, but may have said it before leaving the room, or being muted.
void Hub::refuseEntry(const User& user, const Error& error, std::string_view verb,
                      std::string_view room, const store::Entry& entry) {
    refuseEntry(pendingOf(user, verb, room, entry), error);
}

// A file that is announced, or may be, needs no upload: one that fails would be answered with a
// refusal.
bool Hub::wasTaken(const User& user, const Offer& c) {
    const store::Entry entry = fileEntryOf(c);
    const Pending pending = pendingOf(user, v2::Offer::kVerb, c.room, entry);
    const bool unsure = isUnsureAgain(pending);
    const auto said = unsure ? std::nullopt : log_.alreadySaid(pending.draft);
    if (!unsure && (!said || said->elsewhere)) return false;
    emit(c.session, SaidBefore{c.session, {}, true});
    if (said) answerDuplicate(pending, *said);
    return true;
}

// Said again over another connection, where the answer is to go then.
bool Hub::isUnsureAgain(const Pending& pending) {
    const store::Entry& entry = pending.draft.entry;
    if (entry.id.empty()) return false;
    for (UnsureDraft& kept : unsure_) {
        if (kept.user != entry.user || kept.id != entry.id) continue;
        kept.session = pending.session;
        return true;
    }
    return false;
}

void Hub::findOut() {
    if (unsure_.empty()) return;
    commitDrafts();  // what was said meanwhile
    if (isAppending()) return;
    const auto found = log_.findOut();
    if (log_.isUnsure()) return;
    const auto unsure = std::exchange(unsure_, {});
    std::vector<Pending> drafts;
    for (const UnsureDraft& kept : unsure) {
        Room& room = roomNamed(kept.room, kUncounted);
        ++room.drafts;
        drafts.push_back({&room, kept.session, kept.dialect, kept.verb, kept.draft()});
    }
    conclude(drafts, found);
    if (found) answerThoseOutside(drafts, *found);
    flushTouched();
}

// Who has left the room meanwhile does not get the entry there.
void Hub::answerThoseOutside(const std::vector<Pending>& drafts,
                             const std::vector<store::Appended>& appended) {
    for (size_t i = 0; i < drafts.size(); ++i) {
        const Pending& pending = drafts[i];
        if (appended[i].duplicate || pending.draft.entry.id.empty()) continue;
        const User* user = directory_.bySession(pending.session);
        if (!user || memberRoom(*user, pending.draft.room)) continue;
        answerDuplicate(pending, {appended[i].seq, true});
    }
}

}  // namespace netchat::serve
