// The hub's part in the limits: how many rooms, how many in each, and what one user stores in a
// day.

#include "modes/serve/hub.h"
#include "modes/serve/nick_profile.h"
#include "modes/serve/pace.h"

namespace netchat::serve {

namespace {

constexpr int64_t kDayMs = 24LL * 3600 * 1000;

}  // namespace

std::optional<Error> Hub::fullError(const User& user, std::string_view name) const {
    if (user.rooms.size() >= limits_.roomsPerUserMax) {
        return Error{ErrorCode::TooMany,
                     "you are in " + std::to_string(user.rooms.size()) + " rooms; leave one first"};
    }
    const Room* const room = findRoom(name);
    if (!room && rooms_.size() >= limits_.roomsMax) {
        return Error{ErrorCode::TooMany, "the server has too many rooms"};
    }
    return fullRoomError(room);
}

std::optional<Error> Hub::fullRoomError(const Room* room) const {
    if (!room || room->members.size() < limits_.membersPerRoomMax) return {};
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
    for (const auto* closed : operators_.rulings.all(store::Ruling::Kind::Closed, nowMs_)) {
        if (looksAlike(closed->target, name)) return closedError(closed->target);
    }
    return {};
}

// A file counts when it is offered, so that cut ones count, too; once a day, so that one that goes
// on after a cut does not count again.
std::optional<Error> Hub::quotaError(const User& user, std::string_view sha256, uint64_t bytes) {
    const uint64_t most = limits_.storedBytesPerDay;
    if (most == 0) return {};
    if (const int64_t day = nowMs_ / kDayMs; day != storedDay_) {
        stored_.clear();
        storedDay_ = day;
    }
    Stored& stored = stored_[user.number];
    if (stored.files.count(std::string(sha256)) > 0) return {};
    if (bytes > most || stored.bytes > most - bytes) return tooMuchStored(most);
    stored.bytes += bytes;
    stored.files.emplace(sha256);
    return {};
}

}  // namespace netchat::serve
