#include "modes/bot/late.h"

#include <charconv>

#include "protocol/duration.h"
#include "protocol/limits.h"
#include "protocol/text_safety.h"

namespace netchat::bot {
namespace {

Error mustBe(std::string_view what, std::string_view text) {
    return {ErrorCode::BadValue, std::string(what) + ", not '" + forLog(text) + "'"};
}

Status setDuration(std::string_view text, int64_t& ms) {
    Result<int64_t> duration = parseDuration(text);
    if (!duration) return duration.error();
    ms = *duration;
    return Ok{};
}

Status setValue(Step& step, std::string_view text) {
    if (step.verb == Verb::Sleep) {
        Result<int64_t> ms = parseDuration(text);
        if (!ms) return ms.error();
        step.value = static_cast<uint64_t>(*ms);
        return Ok{};
    }
    if (step.verb == Verb::Exit) {
        Result<int> code = parseExitCode(text);
        if (!code) return code.error();
        step.value = static_cast<uint64_t>(*code);
        return Ok{};
    }
    uint64_t number = 0;
    const std::string option = step.verb == Verb::Join ? "-since=" : "-before=";
    if (!readNumber(text, 0, UINT64_MAX, number))
        return mustBe(option + " must be a whole number", text);
    step.value = number;
    return Ok{};
}

}  // namespace

bool readNumber(std::string_view text, uint64_t min, uint64_t max, uint64_t& number) {
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && stop == end && number >= min && number <= max;
}

Result<int> parseExitCode(std::string_view text) {
    uint64_t code = 0;
    if (!readNumber(text, 0, 255, code))
        return mustBe("an exit code must be a number from 0 to 255", text);
    return static_cast<int>(code);
}

Status setNumber(Step& step, const Late& late, std::string_view text) {
    uint64_t number = 0;
    switch (late.what) {
        case Late::What::Wait:
            return setDuration(text, step.waitMs);
        case Late::What::Value:
            return setValue(step, text);
        case Late::What::Limit:
            if (!readNumber(text, 1, limits::kHistoryEntriesMax, number))
                return mustBe("-limit= must be a whole number from 1 to 1000", text);
            step.limit = number;
            return Ok{};
        case Late::What::Count:
            break;
    }
    const bool ofBlock = late.line < step.block.size();
    const size_t most = ofBlock ? kBlockCountMax : kCountMax;
    if (!readNumber(text, 1, most, number))
        return mustBe("the option of expect is -count=N, with N from 1 to " + std::to_string(most),
                      text);
    (ofBlock ? step.block[late.line].expectation : step.expectation).count = number;
    return Ok{};
}

Status fillNumbers(Step& step, const Variables& variables) {
    for (const Late& late : step.late) {
        Result<std::string> text = expand(late.text, variables);
        if (!text) return text.error();
        if (Status status = setNumber(step, late, *text); !status) return status;
    }
    return Ok{};
}

}  // namespace netchat::bot
