#include "modes/serve/hub/hub.h"

#include <algorithm>
#include <limits>

#include "modes/serve/hub/rejoin.h"
#include "modes/serve/names/nick_profile.h"
#include "protocol/limits.h"
#include "protocol/message.h"
#include "protocol/names.h"

namespace netchat::serve {

Hub::Hub(store::RoomLog& log, HubOptions options)
    : log_(log),
      options_(std::move(options)),
      directory_(options_.makeSecret, options_.users),
      effects_(options_.shards),
      moderation_(*this),
      unanswered_(options_.unanswered) {
    directory_.limitBy(options_.limits.nicksPerAddressMax);
    moderation_.load(std::exchange(options_.operators.kept, {}));
    roomNames_.add(kLobby);  // whether there is somebody in it or not
    log.eachRoom([this](std::string_view name, const store::Range&) { roomNames_.add(name); });
}

void Hub::setNow(Now now) {
    nowMs_ = now.trustedMs;
    wallMs_ = now.wallMs;
    directory_.setNow(nowMs_);
    moderation_.setNow(nowMs_);
}

void Hub::apply(CommandBatch batch, Now now) {
    setNow(now);
    const auto kept = std::make_shared<const CommandBatch>(std::move(batch));
    for (const Command& command : kept->commands) {
        const SessionId session = sessionOf(command);
        if (options_.logPort && std::holds_alternative<Gone>(command)) endInterest(session);
        if (waiting_.has(session) || !mayRun(command)) {
            wait(session, command);
            continue;
        }
        current_ = kept;
        carryOut(command);
        if (!released_.empty()) resumeReleased();
    }
    current_.reset();
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
    auto unwelcome = moderation_.bannedError(c.nick, earlier, c.host);
    if (!unwelcome && mended && *mended != c.nick)
        unwelcome = moderation_.bannedError(*mended, earlier, c.host);
    if (!unwelcome && !earlier) unwelcome = newUserError(c);
    if (c.dialect == Dialect::Classic) {
        if (!unwelcome) unwelcome = moderation_.closedError(kLobby);
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
    endReads(user.session);
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
    for (OfferAllowed& offer : it->second.offers) {
        const SessionId session = offer.session;
        emit(session, std::move(offer));
    }
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
    if (auto closed = moderation_.closedError(c.room)) {
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
    if (it == rooms_.end() || it->second->isInUse()) return;
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
    if (auto banned = moderation_.bannedError(c.nick, user, user->host)) {
        return refuse(c.session, std::move(*banned), v2::Nick::kVerb, {}, {}, c.nick);
    }
    const std::string was = user->nick;
    auto status = directory_.rename(*user, c.nick, c.address);
    if (!status) return refuse(c.session, status.error(), v2::Nick::kVerb, {}, {}, c.nick);
    emit(c.session, Renamed{c.session, user->nick});
    if (user->nick == was) return;
    tellOfLease(*user);
    (void)moderation_.refreshMuted(*user);
    for (const RoomId id : user->rooms) announce(*rooms_.at(id), "renamed", *user, was);
}

// Rooms of up to kPresenceMembersMax see who comes and goes: beyond, it would cost the square of
// the members.
void Hub::announce(Room& room, std::string_view state, const User& user, std::string_view was) {
    if (room.members.size() > limits::kPresenceMembersMax) return;
    if (room.perDialect[indexOf(Dialect::V2)] == 0) return;
    touch(room);
    room.publisher.add(options_.encoders, room.wanted(),
                       {room.name, state, user.nick, was, user.number});
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
        if (range.first > range.last && !room->members.empty())
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
