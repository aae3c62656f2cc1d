#include "modes/serve/moderation/admin_command_text.h"

#include <charconv>
#include <utility>

#include "protocol/duration.h"
#include "protocol/text_safety.h"

namespace netchat::serve {

Error wrongOrder(std::string text) {
    return {ErrorCode::BadText, std::move(text)};
}

std::string inQuotes(std::string_view text) {
    return "'" + forLog(text, 130) + "'";
}

std::string orderDetails(const AdminCommand& order) {
    const std::string text = order.text.value_or("");
    return (order.forMs > 0 ? " for " + durationText(order.forMs) : "") +
           (text.empty() ? "" : ": " + text);
}

std::optional<UserId> userNumberIn(std::string_view target) {
    UserId number = 0;
    const char* const end = target.data() + target.size();
    const bool whole = target.size() > 1 && target.front() == '#' &&
                       std::from_chars(target.data() + 1, end, number).ptr == end;
    if (!whole) return {};
    return number;
}

}  // namespace netchat::serve
