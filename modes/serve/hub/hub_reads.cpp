// What is read of a log that answers later. What is asked for ends with what has been published by
// then, so that nothing is shown that the log has not given back; what is published meanwhile comes
// before the page, and follows it in the log.

#include <algorithm>

#include "modes/serve/hub/hub.h"
#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat::serve {

namespace {

// What an entry takes in a page beside its text, at least.
constexpr size_t kEntryBytesMin = 128;
// Whoever asks for history waits for so long at most.
constexpr int64_t kHistoryPatienceMs = 10'000;

}  // namespace

void Hub::read(OpenRead read) {
    read.ticket = ++lastTicket_;
    if (read.sinceMs == 0) read.sinceMs = nowMs_;
    const auto outcome = options_.logPort->read(read.ticket, read.request);
    outcome ? conclude(std::move(read), *outcome) : reads_.add(std::move(read));
}

void Hub::on(const LogRead& c) {
    auto read = reads_.take(c.ticket);
    if (!read) return;
    released_.push_back(read->session);
    toldOfSlowLog_.erase(read->session);
    conclude(std::move(*read), c.outcome);
}

// Whose page does not come is told that what they say waits for it. History is given up: whoever
// asked may ask again, and goes on meanwhile.
void Hub::lookAtSlowReads() {
    std::vector<uint64_t> givenUp;
    reads_.each([&](const OpenRead& read) {
        const int64_t forMs = nowMs_ - read.sinceMs;
        if (forMs >= kSlowLogMs && waiting_.has(read.session)) tellOfSlowLog(read.session);
        if (forMs < kHistoryPatienceMs || read.kind != OpenRead::Kind::History) return;
        givenUp.push_back(read.ticket);
    });
    for (const uint64_t ticket : givenUp) {
        on(LogRead{ticket, Error{ErrorCode::Timeout, "the log does not answer; ask again later"}});
    }
    resumeReleased();
}

// Of those who have gone meanwhile, or come by another connection, nobody waits for it.
void Hub::conclude(OpenRead read, const LogPort::ReadOutcome& outcome) {
    const User* const user = directory_.bySession(read.session);
    if (!user) return;
    if (read.kind == OpenRead::Kind::History) return tellHistory(*user, read, outcome);
    if (!outcome) {
        // It is there: nobody is told otherwise because it cannot be read now.
        read.ticket = 0;
        return reads_.add(std::move(read));
    }
    if (read.kind == OpenRead::Kind::CatchUp) return catchUp(*user, std::move(read), *outcome);
    const store::Entry found = outcome->empty() ? store::Entry{} : outcome->front().view();
    answerAgain(read.session, read.said->dialect, read.said->draft(), {read.request.from, true},
                outcome->empty() ? nullptr : &found);
}

void Hub::askAgain() {
    for (OpenRead& read : reads_.takeFailed()) {
        released_.push_back(read.session);
        if (!directory_.bySession(read.session)) continue;
        if (read.kind == OpenRead::Kind::CatchUp) {
            on(CatchUp{read.session, read.room, read.from});
        } else {
            this->read(std::move(read));
        }
    }
    resumeReleased();
    current_.reset();
}

void Hub::endReads(SessionId session) {
    if (!reads_.has(session)) return;
    reads_.forget(session);
    toldOfSlowLog_.erase(session);
    released_.push_back(session);
}

// ---- pages

void Hub::askPage(const CatchUp& c, const Room& room) {
    const auto kept = log_.range(room.name);
    OpenRead page{OpenRead::Kind::CatchUp, c.session, c.room, c.seq};
    page.request = {room.name, std::max(c.seq, kept.first), kept.last + 1,
                    options_.catchUpBytes / kEntryBytesMin + 1, options_.catchUpBytes};
    if (page.request.from < page.request.end) return read(std::move(page));
    emit(c.session, CaughtUp{c.session, c.room, c.seq, pageAfterGap(page, {})});
}

void Hub::catchUp(const User& user, OpenRead read, const std::vector<store::KeptEntry>& entries) {
    const auto it = rooms_.find(read.room);
    if (it == rooms_.end()) return tellOfNoRoom({read.session, read.room, read.from});
    Page page = pageAfterGap(read, entries);
    for (const store::KeptEntry& entry : entries) {
        if (page.bytes.size() >= options_.catchUpBytes) break;
        addEntry(page, *it->second, user, entry.view(), Reading::Following);
    }
    if (page.last == 0 && page.gapLast == 0) {
        // There is something, whatever was answered.
        read.ticket = 0;
        return reads_.add(std::move(read));
    }
    emit(read.session, CaughtUp{read.session, read.room, read.from, std::move(page)});
}

// What is not kept any more comes first.
Page Hub::pageAfterGap(const OpenRead& read, const std::vector<store::KeptEntry>& entries) const {
    Page page;
    const uint64_t first = entries.empty()
                               ? std::min(log_.range(read.request.room).first, read.request.end)
                               : entries.front().seq;
    if (first > read.from) {
        page.gapFirst = read.from;
        page.gapLast = first - 1;
    }
    return page;
}

void Hub::tellHistory(const User& user, const OpenRead& read, const LogPort::ReadOutcome& outcome) {
    const std::string& name = read.request.room;
    const Room* const room = memberRoom(user, name);
    const auto no = [&](Error error) {
        refuse(read.session, std::move(error), v2::History::kVerb, name);
    };
    if (!room || room->id != read.room) return no(notInRoom(name));
    if (!outcome) return no(outcome.error());
    const auto& entries = *outcome;
    Page page;
    // Long texts make a page shorter at its old end: it must touch what the client has.
    for (size_t from = 0; from < entries.size(); from = (from + entries.size() + 1) / 2) {
        page = {};
        size_t at = from;
        for (; at < entries.size() && page.bytes.size() < limits::kPageBytesMax; ++at) {
            addEntry(page, *room, user, entries[at].view(), Reading::Looking);
        }
        if (at == entries.size()) break;
    }
    page.more = page.first > log_.range(name).first;
    emit(read.session, HistoryReady{read.session, name, std::move(page)});
}

// ---- what was said twice

void Hub::readDuplicate(const Pending& pending, const store::Appended& said) {
    OpenRead again{OpenRead::Kind::Again, pending.session};
    again.request = {std::string(pending.draft.room), said.seq, said.seq + 1};
    again.said.emplace(pending.session, pending.dialect, pending.verb, pending.draft);
    read(std::move(again));
}

}  // namespace netchat::serve
