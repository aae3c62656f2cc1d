#pragma once

// What is said on the control socket: JSON, one object a line. A request:
//
//     {"v":1,"act":"mute","target":"bob","text":"spam","for_ms":600000}
//
// Its answer: an object for each row, as far as it has any, then one with "ok":
//
//     {"nick":"bob","user":2,…}
//     {"v":1,"ok":true,"text":"bob is muted for 10m: spam"}
//     {"v":1,"ok":false,"code":"no-such-nick","text":"nobody here is called 'bob'"}
//
// Pure; any thread.

#include <string>
#include <string_view>

#include "modes/serve/moderation/admin_command.h"
#include "protocol/result.h"

namespace netchat::serve {

inline constexpr int kControlVersion = 1;
// A motd, with every byte of it escaped, and the rest.
inline constexpr size_t kControlLineBytesMax = 64 * 1024;

std::string toJsonLine(const AdminCommand& order);
// BadText: it is no request, or of another version.
Result<AdminCommand> orderOf(std::string_view line);
std::string toJsonLines(const Answer& answer);

}  // namespace netchat::serve
