#include "modes/serve/moderation/admin_command.h"

#include <array>

namespace netchat::serve {

namespace {

// In the order of AdminAction.
constexpr std::array<std::string_view, 21> kNames = {
    "who",  "rooms",     "bans",       "stats",       "kick",       "ban",        "unban",
    "mute", "unmute",    "close-room", "open-room",   "motd",       "drain",      "op",
    "deop", "free-nick", "reload",     "remove-file", "purge-room", "purge-user", "remove-room"};

}  // namespace

std::string_view actionName(AdminAction act) {
    return kNames[static_cast<size_t>(act)];
}

std::optional<AdminAction> actionNamed(std::string_view name) {
    for (size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name) return static_cast<AdminAction>(i);
    }
    return {};
}

}  // namespace netchat::serve
