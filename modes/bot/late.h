#pragma once

// The numbers and durations of a step. What is written out is judged with the script; what a
// variable says, when the step begins. Pure.

#include <string_view>

#include "modes/bot/script.h"
#include "protocol/result.h"

namespace netchat::bot {

// Puts a number or a duration into its place in the step; BadValue says what it must be.
Status setNumber(Step& step, const Late& late, std::string_view text);

// Puts all of its late numbers into their places; on an error some are.
Status fillNumbers(Step& step, const Variables& variables);

// A whole number from `min` to `max`, and nothing else.
bool readNumber(std::string_view text, uint64_t min, uint64_t max, uint64_t& number);

// 0 to 255.
Result<int> parseExitCode(std::string_view text);

}  // namespace netchat::bot
