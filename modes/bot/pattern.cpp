#include "modes/bot/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <time.h>

#include <algorithm>

#include "modes/bot/expand.h"
#include "protocol/utf8.h"

namespace netchat::bot {
namespace {

// A match that needs more than these is given up: steps from one place of the text, and KiB for
// what may have to be tried again. GiveUp bounds the time of all places.
constexpr uint32_t kStepsMax = 10'000'000;
constexpr uint32_t kHeapKiBMax = 64 * 1024;
// PCRE2 calls out at each item of a pattern: every so often the time is looked at.
constexpr unsigned kCalloutsBetweenLooks = 256;

std::string errorText(int code) {
    PCRE2_UCHAR text[256];
    return pcre2_get_error_message(code, text, sizeof text) > 0
               ? std::string(reinterpret_cast<const char*>(text))
               : "error " + std::to_string(code);
}

PCRE2_SPTR unitsOf(std::string_view text) {
    return reinterpret_cast<PCRE2_SPTR>(text.data());
}

uint32_t optionsOf(std::string_view flags) {
    uint32_t options = PCRE2_UTF | PCRE2_AUTO_CALLOUT | PCRE2_NEVER_BACKSLASH_C;
    for (const char flag : flags) {
        if (flag == 'i') options |= PCRE2_CASELESS;
        if (flag == 'm') options |= PCRE2_MULTILINE;
        if (flag == 's') options |= PCRE2_DOTALL;
    }
    return options;
}

// PCRE2's table: for each name the number in two bytes, then the name and a zero.
std::vector<Group> namedGroups(const pcre2_code* code) {
    uint32_t count = 0, entryBytes = 0;
    PCRE2_SPTR table = nullptr;
    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &entryBytes);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
    std::vector<Group> groups;
    for (uint32_t i = 0; i < count; ++i) {
        const PCRE2_SPTR entry = table + i * entryBytes;
        groups.push_back({reinterpret_cast<const char*>(entry + 2), entry[0] << 8 | entry[1]});
    }
    std::sort(groups.begin(), groups.end(),
              [](const Group& a, const Group& b) { return a.number < b.number; });
    return groups;
}

int64_t threadCpuMs() {
    timespec spent{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return int64_t{spent.tv_sec} * 1000 + spent.tv_nsec / 1'000'000;
}

struct Looks {
    const Pattern::GiveUp& giveUp;
    unsigned callouts = 0;
};

// Anything but 0 ends the match with that error.
int lookAtTime(pcre2_callout_block*, void* data) {
    Looks& looks = *static_cast<Looks*>(data);
    const bool look = ++looks.callouts % kCalloutsBetweenLooks == 0;
    return look && looks.giveUp && looks.giveUp() ? PCRE2_ERROR_CALLOUT : 0;
}

struct FreeContext {
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};
struct FreeData {
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
};

Error tooExpensive(const std::string& text, int code) {
    return {ErrorCode::TooLong,
            "the regular expression takes too long on a text of " + std::to_string(text.size()) +
                " bytes" + (code == PCRE2_ERROR_CALLOUT ? "" : " (" + errorText(code) + ")") +
                "; make it simpler, or anchor it"};
}

}  // namespace

// Only ever a pcre2_code.
struct Pattern::Program {};

void Pattern::Free::operator()(Program* program) const {
    pcre2_code_free(reinterpret_cast<pcre2_code*>(program));
}

Result<Pattern> Pattern::compile(const std::string& pattern, std::string_view flags) {
    const size_t unknown = flags.find_first_not_of("ims");
    if (unknown != std::string_view::npos)
        return Error{ErrorCode::BadValue, "unknown flag \"" + std::string(1, flags[unknown]) +
                                              "\" of a regular expression; use i, m or s"};
    if (pattern.find('\0') != std::string::npos || !utf8::isValid(pattern))
        return Error{ErrorCode::BadValue, "a regular expression must be valid UTF-8 without NUL"};
    int error = 0;
    PCRE2_SIZE at = 0;
    pcre2_code* code =
        pcre2_compile(unitsOf(pattern), pattern.size(), optionsOf(flags), &error, &at, nullptr);
    if (!code)
        return Error{ErrorCode::BadValue,
                     "invalid regular expression: " + errorText(error) + ", after /" +
                         pattern.substr(0, std::min(at, pattern.size())) + "/"};
    std::unique_ptr<Program, Free> program(reinterpret_cast<Program*>(code));
    std::vector<Group> groups = namedGroups(code);
    for (const Group& group : groups) {
        if (!isVariableName(group.name))
            return Error{
                ErrorCode::BadValue,
                "a group's name must be letters, digits and _, not \"" + group.name + "\""};
    }
    return Pattern(std::move(program), std::move(groups));
}

Result<Pattern::Outcome> Pattern::find(const std::string& text, Captures& captures,
                                       const GiveUp& giveUp) const {
    const auto* code = reinterpret_cast<const pcre2_code*>(program_.get());
    const std::unique_ptr<pcre2_match_context, FreeContext> context(
        pcre2_match_context_create(nullptr));
    const std::unique_ptr<pcre2_match_data, FreeData> data(
        pcre2_match_data_create_from_pattern(code, nullptr));
    if (!context || !data) return Error{ErrorCode::NoRoom, "not enough memory for a match"};
    Looks looks{giveUp};
    pcre2_set_match_limit(context.get(), kStepsMax);
    pcre2_set_heap_limit(context.get(), kHeapKiBMax);
    pcre2_set_callout(context.get(), lookAtTime, &looks);
    const int found =
        pcre2_match(code, unitsOf(text), text.size(), 0, 0, data.get(), context.get());
    if (found == PCRE2_ERROR_NOMATCH) return Outcome::NoMatch;
    if (found < 0) return tooExpensive(text, found);
    const PCRE2_SIZE* places = pcre2_get_ovector_pointer(data.get());
    Captures values;
    for (const Group& group : groups_) {
        const auto number = static_cast<size_t>(group.number);
        std::string& value = values[group.name];
        const bool took = number < static_cast<size_t>(found) &&
                          places[2 * number] != PCRE2_UNSET &&
                          places[2 * number] <= places[2 * number + 1];
        if (took && value.empty())
            value = text.substr(places[2 * number], places[2 * number + 1] - places[2 * number]);
    }
    for (auto& [name, value] : values) captures[name] = std::move(value);
    return Outcome::Match;
}

Pattern::GiveUp afterCpuMs(int64_t ms) {
    return [until = threadCpuMs() + ms] { return threadCpuMs() > until; };
}

}  // namespace netchat::bot
