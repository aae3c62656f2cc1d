#pragma once

// The table of what a script can say, except `bot`, `timeout` and `expect`, whose words have a
// grammar of their own. Pure data.

#include <cstddef>
#include <string>
#include <string_view>

#include "modes/bot/script.h"

namespace netchat::bot {

enum class Scope { Script, Bot, Both };
enum class Speaks { Both, V2Only };

struct VerbRule {
    std::string_view name;
    Verb verb;
    Scope scope;
    size_t argsMin, argsMax;
    std::string_view options;  // separated by spaces
    Speaks speaks;
    bool mayFail;  // `!` may stand before it
    bool waits;    // `within` may follow
    std::string_view usage;
};

inline constexpr std::string_view kExpectUsage =
    "BOT: expect [-count=N] KIND [KEY=VALUE]… [/REGEX/flags] [within DURATION]";
inline constexpr std::string_view kBlockUsage =
    "BOT: expect all|any {, one expectation a line, and } [within DURATION] alone on the last";
inline constexpr std::string_view kBotUsage =
    "bot NAME… [-classic] [-room=ROOM,…] [-nick=NICK] [-header=N] [-encoding=NAME]";

// Null for a name that is no step of the script, or of a bot.
const VerbRule* findVerb(std::string_view name, bool ofBot);
std::string verbNames(bool ofBot);
// Of a bot that speaks the classic protocol.
std::string classicVerbNames();

}  // namespace netchat::bot
