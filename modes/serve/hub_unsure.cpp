// What becomes of drafts while the log does not know whether it has them. They are answered with
// what is so in the end: a refusal that a start would prove wrong is worse than waiting.

#include "modes/serve/hub.h"

namespace netchat::serve {

void Hub::keepUnsure() {
    unsure_.reserve(pending_.size());
    for (const Pending& pending : pending_) {
        unsure_.emplace_back(pending.session, pending.dialect, pending.verb, pending.draft);
    }
}

// Where the log has taken none of them. Who says again what it has already, or may have, is not told
// that it was refused.
void Hub::refuseDrafts(const Error& error) {
    for (const Pending& pending : pending_) {
        const store::Entry& entry = pending.draft.entry;
        if (isUnsureAgain(pending)) continue;
        if (const auto said = log_.alreadySaid(pending.draft)) {
            answerDuplicate(pending, *said);
            continue;
        }
        refuse(pending.session, error, pending.verb, pending.room->name, entry.id, {}, true);
    }
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
    const auto found = log_.findOut();
    if (log_.isUnsure()) return;
    const auto drafts = std::exchange(unsure_, {});
    for (const UnsureDraft& kept : drafts) {
        Room& room = roomNamed(kept.room, kUncounted);
        pending_.push_back({&room, kept.session, kept.dialect, kept.verb, kept.draft()});
    }
    found ? publishEntries(*found) : refuseDrafts(found.error());
    operators_.logState = found ? std::string() : found.error().text;
    pending_.clear();
    flushTouched();
    for (const UnsureDraft& kept : drafts) {
        if (const Room* room = findRoom(kept.room)) dropIfUnused(room->id);
    }
}

}  // namespace netchat::serve
