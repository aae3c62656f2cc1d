// The hub's part in the limits: how many rooms, how many in each, and what one user stores in a
// day.

#include "modes/serve/hub/hub.h"
#include "modes/serve/limits/rate_limiter.h"
#include "modes/serve/names/nick_profile.h"
#include "protocol/names.h"

namespace netchat::serve {

namespace {

constexpr int64_t kDayMs = 24LL * 3600 * 1000;
// Users and files that are remembered for a day; more of them are counted all the same.
constexpr size_t kStoredUsersMax = 100'000, kStoredFilesMax = 1000;

}  // namespace

std::optional<Error> Hub::fullError(const User& user, const Join& c) const {
    if (user.rooms.size() >= options_.limits.roomsPerUserMax) {
        return Error{ErrorCode::TooMany,
                     "you are in " + std::to_string(user.rooms.size()) + " rooms; leave one first"};
    }
    const Room* const room = findRoom(c.room);
    return room ? fullRoomError(room) : roomCountError(c);
}

// The lobby and what has a history can be entered, however many rooms there are.
std::optional<Error> Hub::roomCountError(const Join& c) const {
    if (c.room == kLobby || log_.range(c.room).last > 0) return {};
    if (rooms_.size() >= options_.limits.roomsMax) {
        return Error{ErrorCode::TooMany, "the server has too many rooms; join an existing one"};
    }
    const size_t made = c.address == kUncounted ? 0 : roomsMade_.of(c.address);
    if (made < options_.limits.roomsPerAddressMax) return {};
    return Error{
        ErrorCode::TooMany,
        std::to_string(made) + " rooms were created from your address; join an existing one"};
}

std::optional<Error> Hub::fullRoomError(const Room* room) const {
    if (!room || room->members.size() < options_.limits.membersPerRoomMax) return {};
    return Error{ErrorCode::TooMany, "the room " + room->name + " is full: it has " +
                                         std::to_string(room->members.size()) + " members"};
}

// A room that exists is entered by its own name, whatever that is; a new one must be seen to be
// another.
std::optional<Error> Hub::newRoomError(std::string_view name) const {
    if (findRoom(name) || log_.range(name).last > 0) return {};
    if (auto status = checkNewRoom(name); !status) return status.error();
    if (const std::string like = roomNames_.like(name); !like.empty()) {
        return Error{ErrorCode::BadRoom, "there is a room '" + like + "', which looks like '" +
                                             std::string(name) + "': join that one"};
    }
    return moderation_.closedLikeError(name);
}

// A nick that is refused costs nothing.
std::optional<Error> Hub::newUserError(const Greet& c) const {
    const bool counts = c.address != kUncounted && c.dialect == Dialect::V2;
    if (!counts || !options_.addresses.makeUser) return {};
    if (!directory_.checkFree(c.nick, nullptr, c.guest)) return {};
    auto status = options_.addresses.makeUser(c.address);
    if (status) return {};
    return status.error();
}

void Hub::tellOfLease(const User& user) {
    if (!directory_.lacksLease(user)) return;
    notify(user.session,
           "your nick is not reserved while you are away: too many nicks are reserved already");
}

// For its user a file counts when it is offered, so that cut ones count, too; once a day, so that
// one that goes on after a cut does not count again. Of its address only what has come counts: what
// one user announces costs the others of the address nothing.
std::optional<Error> Hub::quotaError(const User& user, const Offer& c) {
    if (const int64_t day = nowMs_ / kDayMs; day != storedDay_) {
        stored_.clear();
        storedDay_ = day;
    }
    // Of very many users the latest are not told apart: their addresses are.
    const bool known = stored_.size() < kStoredUsersMax || stored_.count(user.number) > 0;
    Stored& stored = stored_[known ? user.number : 0];
    const bool again = stored.files.count(std::string(c.sha256)) > 0;
    if (options_.addresses.mayStore) {
        // Some of one that is offered again may be here: it is due what its address has left.
        auto status =
            options_.addresses.mayStore(c.address, again ? std::min<uint64_t>(c.size, 1) : c.size);
        if (!status) return status.error();
    }
    if (again) return {};
    const uint64_t most = known ? options_.limits.storedBytesPerDay : 0;
    if (most > 0 && (c.size > most || stored.bytes > most - c.size)) return tooMuchStored(most);
    stored.bytes += c.size;
    if (stored.files.size() < kStoredFilesMax) stored.files.emplace(c.sha256);
    return {};
}

}  // namespace netchat::serve
