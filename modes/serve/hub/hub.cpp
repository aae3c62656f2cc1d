#include "modes/serve/hub/hub.h"

#include <algorithm>
#include <limits>

#include "modes/serve/hub/rejoin.h"
#include "modes/serve/names/nick_profile.h"
#include "protocol/limits.h"
#include "protocol/message.h"
#include "protocol/names.h"

namespace netchat::serve {

namespace {

Publisher::Wanted wantedIn(const Room& room) {
    Publisher::Wanted wanted;
    for (size_t d = 0; d < kDialects; ++d) wanted[d] = room.perDialect[d] > 0;
    return wanted;
}

// The page of `users` after `after`, up to `most`; with cloaks for an operator.
std::vector<MemberInfo> rosterOf(const std::vector<User*>& users, UserId after, size_t most,
                                 const Sanctions* cloaks, bool& more) {
    const auto from =
        std::upper_bound(users.begin(), users.end(), after,
                         [](UserId number, const User* user) { return number < user->number; });
    const auto count = std::min<size_t>(most, static_cast<size_t>(users.end() - from));
    std::vector<MemberInfo> roster;
    roster.reserve(count);
    for (auto it = from; it != from + static_cast<std::ptrdiff_t>(count); ++it) {
        const User& user = **it;
        roster.push_back({user.nick, user.number, user.dialect,
                          cloaks ? cloaks->cloakOf(user.host) : std::string()});
    }
    more = from + static_cast<std::ptrdiff_t>(count) != users.end();
    return roster;
}

bool hasEntries(const store::Range& range) {
    return range.first <= range.last;
}

Error notInRoom(std::string_view room) {
    return {ErrorCode::NotInRoom, "join the room '" + std::string(room) + "' first"};
}

}  // namespace

Hub::Hub(store::RoomLog& log, Encoders encoders, Directory::MakeSecret makeSecret, size_t shards,
         store::UserLog* users)
    : log_(log), encoders_(encoders), directory_(std::move(makeSecret), users), effects_(shards) {
    roomNames_.add(kLobby);  // whether there is somebody in it or not
    log.eachRoom([this](std::string_view name, const store::Range&) { roomNames_.add(name); });
}

void Hub::setNow(Now now) {
    nowMs_ = now.trustedMs;
    wallMs_ = now.wallMs;
    directory_.setNow(nowMs_);
}

void Hub::apply(CommandBatch batch, Now now) {
    setNow(now);
    for (const Command& command : batch.commands) {
        // What is not said into a log happens after everything that was said before it.
        if (!std::holds_alternative<Say>(command) && !std::holds_alternative<DropFile>(command)) {
            commitDrafts();
        }
        std::visit([this](const auto& c) { on(c); }, command);
    }
    if (!pending_.empty()) held_.push_back(std::move(batch));
}

void Hub::commit() {
    // A user who was welcomed is kept before anybody hears of it. Where the log takes nothing now
    // they may stay and read; what they say is refused.
    (void)directory_.save();
    commitDrafts();
    flushTouched();
}

// ---- coming and going

void Hub::on(const Greet& c) {
    // A session that was ended without a word has left its place to this one.
    if (User* before = directory_.inSlotOf(c.session)) depart(*before);
    User* const earlier = directory_.bySecret(c.secret);
    // A classic user's name is mended before it is shown: it is banned by either.
    Result<std::string> mended = std::string(c.nick);
    if (c.dialect == Dialect::Classic) mended = mendedName(c.nick);
    auto unwelcome = bannedError(c.nick, earlier, c.host);
    if (!unwelcome && mended && *mended != c.nick)
        unwelcome = bannedError(*mended, earlier, c.host);
    if (!unwelcome && !earlier) unwelcome = newUserError(c);
    if (c.dialect == Dialect::Classic) {
        if (!unwelcome) unwelcome = closedError(kLobby);
        if (!unwelcome) unwelcome = fullRoomError(findRoom(kLobby));
    }
    if (unwelcome) {
        Refused refused{c.session, *unwelcome, v2::kGreeting, {}, {}, std::string(c.nick)};
        refused.fatal = true;
        return emit(c.session, std::move(refused));
    }
    if (earlier && earlier->session != 0 && directory_.checkFree(c.nick, earlier, c.guest)) {
        replaceSession(*earlier);
    }
    auto entered = c.dialect == Dialect::V2
                       ? directory_.enter(c.session, c.nick, c.secret, c.address, c.guest)
                       : directory_.enterClassic(c.session, c.nick);
    if (!entered) {
        Refused refused{c.session, entered.error(), v2::kGreeting, {}, {}, std::string(c.nick)};
        refused.fatal = true;
        emit(c.session, std::move(refused));
        return;
    }
    User& user = **entered;
    user.host = c.host;
    emit(c.session, Greeted{c.session, user.number, user.nick, user.secret(), log_.durability(),
                            log_.identity(), user.guest});
    if (user.guest && user.nick != c.nick) {
        notify(c.session, "another guest has the nick '" + std::string(c.nick) + "': you are '" +
                              user.nick + "'");
    }
    welcome(user, earlier != nullptr);
    tellOfLease(user);
    if (user.dialect == Dialect::Classic) enterRoom(user, kLobby, {});
}

// The same user has come by another connection: the one that it had is over.
void Hub::replaceSession(User& user) {
    Refused refused{user.session,
                    {ErrorCode::BadState, "this user has connected from elsewhere"},
                    v2::kGreeting,
                    {},
                    {},
                    user.nick};
    refused.fatal = true;
    emit(user.session, std::move(refused));
    leaveAllRooms(user);
    ending_[user.session] = user.number;
    Replaced& replaced = replaced_[user.number];
    ++replaced.sessions;
    replaced.offers.clear();
    directory_.leave(user);
}

void Hub::releaseOffers(SessionId gone) {
    const auto ending = ending_.find(gone);
    if (ending == ending_.end()) return;
    const auto it = replaced_.find(ending->second);
    ending_.erase(ending);
    if (--it->second.sessions > 0) return;
    for (OfferAllowed& offer : it->second.offers) emit(offer.session, std::move(offer));
    replaced_.erase(it);
}

void Hub::on(const Gone& c) {
    releaseOffers(c.session);
    if (User* user = directory_.bySession(c.session)) depart(*user);
    emit(c.session, Departed{c.session});
}

void Hub::depart(User& user) {
    // Its last words come before its end.
    for (const RoomId id : user.rooms) flushRoom(*rooms_.at(id));
    leaveAllRooms(user);
    if (const auto it = replaced_.find(user.number); it != replaced_.end()) {
        it->second.offers.clear();
    }
    directory_.leave(user);
}

void Hub::on(const Join& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    auto status = checkRoom(c.room);
    if (!status) return refuse(c.session, status.error(), v2::Join::kVerb, c.room);
    if (memberRoom(*user, c.room)) {
        return refuse(c.session, {ErrorCode::BadState, "you are in this room already"},
                      v2::Join::kVerb, c.room);
    }
    if (auto closed = closedError(c.room)) {
        return refuse(c.session, std::move(*closed), v2::Join::kVerb, c.room);
    }
    if (auto unfit = newRoomError(c.room)) {
        return refuse(c.session, std::move(*unfit), v2::Join::kVerb, c.room);
    }
    if (auto full = fullError(*user, c)) {
        return refuse(c.session, std::move(*full), v2::Join::kVerb, c.room);
    }
    const auto read = parseLogPlaces(c.log);
    if (!read) return refuse(c.session, read.error(), v2::Join::kVerb, c.room);
    enterRoom(*user, c.room, c.since, *read, c.address);
}

void Hub::enterRoom(User& user, std::string_view name, std::optional<uint64_t> since,
                    const LogPlaces& read, AddressKey address) {
    Room& room = roomNamed(name, address);
    announce(room, "joined", user);
    flushRoom(room);
    insertByNumber(room.members, user);
    ++room.perShard[shardOf(user.session)];
    ++room.perDialect[indexOf(user.dialect)];
    user.rooms.push_back(room.id);

    const uint64_t last = log_.range(room.name).last;
    const Beginning beginning = beginningIn(log_, room.name, since, read);
    Subscribed subscribed{user.session, room.id,           room.name,
                          last,         beginning.nextSeq, room.members.size(),
                          {},           log_.identity(),   beginning.common};
    if (user.dialect == Dialect::V2 && room.members.size() <= limits::kPresenceMembersMax) {
        bool more = false;
        subscribed.roster =
            rosterOf(room.members, 0, limits::kPresenceMembersMax, cloaksFor(user), more);
    }
    emit(user.session, std::move(subscribed));
}

void Hub::on(const Leave& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    Room* room = memberRoom(*user, c.room);
    if (!room) return refuse(c.session, notInRoom(c.room), v2::Leave::kVerb, c.room);
    flushRoom(*room);
    emit(c.session, Unsubscribed{c.session, room->id, log_.range(room->name).last, true, {}});
    user->rooms.erase(std::find(user->rooms.begin(), user->rooms.end(), room->id));
    leaveRoom(*user, *room);
}

void Hub::leaveAllRooms(User& user) {
    for (const RoomId id : user.rooms) leaveRoom(user, *rooms_.at(id));
    user.rooms.clear();
}

void Hub::leaveRoom(User& user, Room& room) {
    eraseByNumber(room.members, user);
    --room.perShard[shardOf(user.session)];
    --room.perDialect[indexOf(user.dialect)];
    if (!room.members.empty()) {
        announce(room, "left", user);
        return;
    }
    dropIfUnused(room.id);
}

void Hub::dropIfUnused(RoomId id) {
    const auto it = rooms_.find(id);
    if (it == rooms_.end() || !it->second->members.empty()) return;
    if (log_.range(it->second->name).last == 0) dropRoom(*it->second);
}

// A room without members and history leaves nothing behind.
void Hub::dropRoom(Room& room) {
    std::erase(touched_, &room);
    if (room.name != kLobby) roomNames_.remove(room.name);
    if (room.maker != kUncounted) roomsMade_.remove(room.maker);
    roomsByName_.erase(room.name);
    rooms_.erase(room.id);
}

void Hub::on(const Rename& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    if (auto banned = bannedError(c.nick, user, user->host)) {
        return refuse(c.session, std::move(*banned), v2::Nick::kVerb, {}, {}, c.nick);
    }
    const std::string was = user->nick;
    auto status = directory_.rename(*user, c.nick, c.address);
    if (!status) return refuse(c.session, status.error(), v2::Nick::kVerb, {}, {}, c.nick);
    emit(c.session, Renamed{c.session, user->nick});
    if (user->nick == was) return;
    tellOfLease(*user);
    user->muted = operators_.sanctions.muteOf(*user, nowMs_) != nullptr;
    for (const RoomId id : user->rooms) announce(*rooms_.at(id), "renamed", *user, was);
}

// Rooms of up to kPresenceMembersMax see who comes and goes: beyond, it would cost the square of
// the members.
void Hub::announce(Room& room, std::string_view state, const User& user, std::string_view was) {
    if (room.members.size() > limits::kPresenceMembersMax) return;
    if (room.perDialect[indexOf(Dialect::V2)] == 0) return;
    touch(room);
    room.publisher.add(encoders_, wantedIn(room), {room.name, state, user.nick, was, user.number});
}

// ---- saying

void Hub::on(const Say& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    Room* room = memberRoom(*user, c.room);
    store::Entry entry;
    entry.id = c.id;
    entry.text = c.text;
    if (!room) return refuseEntry(*user, notInRoom(c.room), v2::Say::kVerb, c.room, entry);
    if (user->muted && isMuted(*user)) {
        return refuseEntry(*user, mutedError(*user), v2::Say::kVerb, c.room, entry);
    }
    user->speaks(nowMs_, c.text.size());
    draft(*room, *user, v2::Say::kVerb, entry);
}

void Hub::on(const Offer& c) {
    User* user = directory_.bySession(c.session);
    if (!user || wasTaken(*user, c)) return;
    if (!memberRoom(*user, c.room)) {
        return refuse(c.session, notInRoom(c.room), v2::Offer::kVerb, c.room, c.id);
    }
    if (user->muted && isMuted(*user)) {
        return refuse(c.session, mutedError(*user), v2::Offer::kVerb, c.room, c.id);
    }
    auto full = c.limited ? quotaError(*user, c) : std::nullopt;
    if (full) return refuse(c.session, std::move(*full), v2::Offer::kVerb, c.room, c.id);
    OfferAllowed allowed{c.session,           std::string(c.room),   std::string(c.id),
                         std::string(c.name), std::string(c.sha256), c.size};
    const auto replaced = replaced_.find(user->number);
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
    if (user->muted && isMuted(*user)) {
        return refuseEntry(*user, mutedError(*user), v2::Offer::kVerb, c.room, entry);
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
    pending_.push_back(pendingOf(user, verb, room.name, entry));
    pending_.back().room = &room;
}

void Hub::commitDrafts() {
    if (pending_.empty()) return;
    std::vector<store::Draft> drafts;
    drafts.reserve(pending_.size());
    for (const Pending& pending : pending_) drafts.push_back(pending.draft);
    const auto saved = directory_.save();
    const bool wasUnsure = log_.isUnsure();
    const auto appended = saved ? log_.append(drafts) : saved.error();
    if (!wasUnsure && log_.isUnsure()) {
        keepUnsure();
    } else {
        appended ? publishEntries(*appended) : refuseDrafts(appended.error());
    }
    if (!appended) operators_.logState = appended.error().text;
    if (appended && !operators_.logState.empty()) operators_.logState.clear();
    pending_.clear();
    held_.clear();
}

void Hub::publishEntries(const std::vector<store::Appended>& appended) {
    for (size_t i = 0; i < pending_.size(); ++i) {
        Pending& pending = pending_[i];
        if (appended[i].duplicate) {
            answerDuplicate(pending, appended[i]);
            continue;
        }
        pending.draft.entry.seq = appended[i].seq;
        Room& room = *pending.room;
        ++operators_.messages;
        operators_.bytes += pending.draft.entry.text.size() + pending.draft.entry.size;
        touch(room);
        room.publisher.add(encoders_, wantedIn(room), room.name, pending.draft.entry);
        if (room.publisher.full()) flushRoom(room);
    }
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
    SaidBefore answer{pending.session, {}};
    Encoder& encoder = *encoders_[indexOf(pending.dialect)];
    (void)log_.read(room, said.seq, [&](const store::Entry& entry) {
        if (entry.seq == said.seq && entry.user == draft.user && entry.id == draft.id) {
            encoder.again(answer.bytes, room, entry);
        }
        return false;
    });
    if (answer.bytes.empty()) {
        // It was taken, and is kept no longer: a message has no text any more.
        store::Entry forgotten = draft;
        forgotten.seq = said.seq;
        forgotten.time = 0;
        if (forgotten.kind == store::EntryKind::Message) forgotten.text = {};
        encoder.again(answer.bytes, room, forgotten);
    }
    emit(pending.session, std::move(answer));
}

void Hub::on(const Tell& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    if (user->muted && isMuted(*user)) {
        return refuse(c.session, mutedError(*user), v2::Tell::kVerb, {}, c.id, c.to);
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

// ---- asking

void Hub::on(const AskWho& c) {
    const User* user = directory_.bySession(c.session);
    if (!user) return;
    const Room* room = c.room.empty() ? nullptr : findRoom(c.room);
    static const std::vector<User*> kNobody;
    const bool isKnown = room || c.room.empty() || hasEntries(log_.range(c.room));
    if (!isKnown) {
        return refuse(c.session,
                      {ErrorCode::BadRoom, "there is no room '" + std::string(c.room) + "'"},
                      v2::Who::kVerb, c.room);
    }
    const auto& users = room ? room->members : c.room.empty() ? directory_.present() : kNobody;
    RosterReady answer{c.session, std::string(c.room), users.size(), false, {}};
    answer.roster = rosterOf(users, c.after, limits::kWhoMembersMax, cloaksFor(*user), answer.more);
    emit(c.session, std::move(answer));
}

void Hub::on(const AskRooms& c) {
    if (!directory_.bySession(c.session)) return;
    RoomsReady answer{c.session, 0, allRooms()};
    answer.count = answer.rooms.size();
    // The most visited first.
    const auto busier = [](const RoomInfo& a, const RoomInfo& b) {
        return a.members != b.members ? a.members > b.members : a.name < b.name;
    };
    const size_t listed = std::min(answer.rooms.size(), limits::kRoomsListedMax);
    std::partial_sort(answer.rooms.begin(),
                      answer.rooms.begin() + static_cast<std::ptrdiff_t>(listed),
                      answer.rooms.end(), busier);
    answer.rooms.resize(listed);
    emit(c.session, std::move(answer));
}

void Hub::on(const AskHistory& c) {
    const User* user = directory_.bySession(c.session);
    if (!user) return;
    const Room* room = memberRoom(*user, c.room);
    if (!room) return refuse(c.session, notInRoom(c.room), v2::History::kVerb, c.room);
    const auto kept = log_.range(room->name);
    const uint64_t end = c.before == 0 ? kept.last + 1 : std::min(c.before, kept.last + 1);
    const uint64_t wanted = std::clamp<uint64_t>(c.limit, 1, limits::kHistoryEntriesMax);
    const uint64_t start = std::max(kept.first, end > wanted ? end - wanted : 1);
    Page page;
    // Long texts make a page shorter at its old end: it must touch what the client has.
    for (uint64_t from = start; from < end; from = (from + end + 1) / 2) {
        page = readPage(*room, *user, from, end - from, limits::kPageBytesMax, Reading::Looking);
        if (page.last + 1 == end) break;
    }
    page.more = page.first > kept.first;
    emit(c.session, HistoryReady{c.session, room->name, std::move(page)});
}

void Hub::on(const AskSearch& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    const auto no = [&](ErrorCode code, std::string text) {
        refuse(c.session, {code, std::move(text)}, v2::Search::kVerb, c.room);
    };
    const Room* room = memberRoom(*user, c.room);
    if (!room) return refuse(c.session, notInRoom(c.room), v2::Search::kVerb, c.room);
    if (!askSearcher_) return no(ErrorCode::BadState, "this server has no search");
    if (user->searching) {
        return no(ErrorCode::TooMany, "one search at a time; wait for its result");
    }
    user->searching = true;
    const auto limit = std::clamp<uint64_t>(c.limit, 1, limits::kFoundEntriesMax);
    askSearcher_(c.session, {room->name, std::string(c.words), c.before, limit});
}

void Hub::on(const Searched& c) {
    User* user = directory_.bySession(c.session);
    if (!user) return;
    user->searching = false;
    if (!c.result) return refuse(c.session, c.result.error(), v2::Search::kVerb, c.room);
    const auto& entries = c.result->entries;
    // What is in doubt is found by the index before the log knows of it.
    const uint64_t last = log_.range(c.room).last;
    // The newest that fit into a page.
    size_t from = entries.size(), bytes = 0;
    while (from > 0 && bytes < limits::kPageBytesMax) bytes += entries[--from].text.size();
    SearchReady answer{c.session, c.room, {}};
    const size_t dialect = indexOf(user->dialect);
    for (size_t i = from; i < entries.size() && entries[i].seq <= last; ++i) {
        addToPage(answer.page, *encoders_[dialect], dialect, c.room, entries[i].view());
    }
    for (const uint64_t seq : c.result->lost) answer.page.lost.emplace_back(seq, seq);
    answer.page.more = c.result->more || from > 0;
    // What comes next begins where looking ended.
    if (from == 0 && c.result->lookedTo > 0) answer.page.first = c.result->lookedTo;
    emit(c.session, std::move(answer));
}

void Hub::on(const CatchUp& c) {
    const User* user = directory_.bySession(c.session);
    const auto it = rooms_.find(c.room);
    if (!user) return;
    if (it == rooms_.end()) {
        // An operator has removed the room: nothing of it is kept.
        Page nothing;
        nothing.gapFirst = c.seq;
        nothing.gapLast = std::numeric_limits<uint64_t>::max();
        return emit(c.session, CaughtUp{c.session, c.room, c.seq, std::move(nothing)});
    }
    // What is published in this turn must be in the batch before the page that may contain it.
    flushRoom(*it->second);
    Page page = readPage(*it->second, *user, c.seq, SIZE_MAX, catchUpBytes_, Reading::Following);
    emit(c.session, CaughtUp{c.session, c.room, c.seq, std::move(page)});
}

// Entries from `seq` on, oldest first; at least one if there is one.
Page Hub::readPage(const Room& room, const User& user, uint64_t seq, size_t entriesMax,
                   size_t bytesMax, Reading reading) const {
    const size_t dialect = indexOf(user.dialect);
    Page page;
    const auto kept = log_.range(room.name);
    if (seq < kept.first && kept.first > 1) {
        page.gapFirst = seq;
        page.gapLast = kept.first - 1;
        seq = kept.first;
    }
    (void)log_.read(room.name, seq, [&](const store::Entry& entry) {
        if (page.items.size() >= entriesMax || page.bytes.size() >= bytesMax) return false;
        if (entry.kind == store::EntryKind::Lost) {
            addLostToPage(page, *encoders_[dialect], dialect, room.name, entry,
                          reading == Reading::Following);
        } else if (entry.user == user.number && !encoders_[dialect]->sendsOwn()) {
            ++page.ownSkipped;
            page.last = entry.seq;
        } else {
            addToPage(page, *encoders_[dialect], dialect, room.name, entry);
        }
        return true;
    });
    return page;
}

// ---- rooms

Room* Hub::findRoom(std::string_view name) const {
    const auto it = roomsByName_.find(name);
    return it == roomsByName_.end() ? nullptr : it->second;
}

// Those with members or something in the log, which may be from before the server was started.
std::vector<RoomInfo> Hub::allRooms() const {
    std::vector<RoomInfo> rooms;
    rooms.reserve(rooms_.size());
    log_.eachRoom([&](std::string_view name, const store::Range& range) {
        const Room* room = findRoom(name);
        rooms.push_back({std::string(name), room ? room->members.size() : 0, range.last});
    });
    for (const auto& [name, room] : roomsByName_) {
        const auto range = log_.range(name);
        if (!hasEntries(range) && !room->members.empty())
            rooms.push_back({room->name, room->members.size(), range.last});
    }
    return rooms;
}

// A room that was there before, in the log, is not made again.
Room& Hub::roomNamed(std::string_view name, AddressKey address) {
    if (Room* room = findRoom(name)) return *room;
    const bool made = name != kLobby && log_.range(name).last == 0;
    const RoomId id = ++lastRoom_;
    auto room = std::make_unique<Room>(Room{id, std::string(name), Publisher(id), {}, {}, {}});
    room->perShard.resize(effects_.size());
    if (made && address != kUncounted) {
        room->maker = address;
        roomsMade_.add(address);
    }
    roomsByName_.emplace(room->name, room.get());
    roomNames_.add(name);
    return *rooms_.emplace(id, std::move(room)).first->second;
}

Room* Hub::memberRoom(const User& user, std::string_view name) const {
    Room* room = findRoom(name);
    const bool member =
        room && std::find(user.rooms.begin(), user.rooms.end(), room->id) != user.rooms.end();
    return member ? room : nullptr;
}

void Hub::touch(Room& room) {
    if (room.publisher.empty()) touched_.push_back(&room);
}

void Hub::flushRoom(Room& room) {
    auto publication = room.publisher.flush(log_.range(room.name).last);
    if (!publication) return;
    std::erase(touched_, &room);
    for (size_t shard = 0; shard < effects_.size(); ++shard) {
        if (room.perShard[shard] > 0) effects_[shard].push_back(Published{publication});
    }
}

void Hub::flushTouched() {
    const auto rooms = std::exchange(touched_, {});
    for (Room* room : rooms) flushRoom(*room);
}

void Hub::refuse(SessionId session, Error error, std::string_view re, std::string_view room,
                 std::string_view id, std::string_view nick, bool wasEntry) {
    Refused refused{session,         std::move(error),  re,
                    std::string(id), std::string(room), std::string(nick)};
    refused.wasEntry = wasEntry;
    emit(session, std::move(refused));
}

}  // namespace netchat::serve
