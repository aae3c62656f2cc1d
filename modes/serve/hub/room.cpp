#include "modes/serve/hub/room.h"

#include <algorithm>

#include "modes/serve/moderation/moderation.h"

namespace netchat::serve {

Publisher::Wanted Room::wanted() const {
    Publisher::Wanted wanted;
    for (size_t d = 0; d < kDialects; ++d) wanted[d] = perDialect[d] > 0;
    return wanted;
}

std::vector<MemberInfo> rosterOf(const std::vector<User*>& users, UserId after, size_t most,
                                 const Moderation* cloaks, bool& more) {
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

Error notInRoom(std::string_view room) {
    return {ErrorCode::NotInRoom, "join the room '" + std::string(room) + "' first"};
}

}  // namespace netchat::serve
