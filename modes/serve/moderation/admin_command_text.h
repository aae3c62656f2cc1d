#pragma once

// The words that orders and their answers have in common. Pure; any thread.

#include <optional>
#include <string>
#include <string_view>

#include "modes/serve/base/ids.h"
#include "modes/serve/moderation/admin_command.h"
#include "protocol/result.h"

namespace netchat::serve {

// BadText: an order that cannot be carried out as it was given.
Error wrongOrder(std::string text);
// Fit for a line of a log, and cut where it is very long.
std::string inQuotes(std::string_view text);
// " for 1h: spam"
std::string orderDetails(const AdminCommand& order);
// The number in "#12"; none in anything else.
std::optional<UserId> userNumberIn(std::string_view target);

}  // namespace netchat::serve
