#pragma once

// The numbers and durations of a step. What is written out is judged with the script; what a
// variable says, when the step begins. Pure.

#include <string_view>

#include "modes/bot/script.h"
#include "protocol/result.h"

namespace netchat::bot {

// Puts a number or a duration into its place in the step; BadText says what it must be.
Status setNumber(Step& step, const Late& late, std::string_view text);

// The step with its late numbers in place.
Result<Step> withNumbers(const Step& step, const Variables& variables);

// 0 to 255.
Result<int> parseExitCode(std::string_view text);

}  // namespace netchat::bot
