// Every short text that somebody else chooses: UTF-8, names of users, rooms and files, what is
// shown on terminals, sizes, durations, times, and "did you mean".

#include <algorithm>
#include <array>

#include "protocol/duration.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/nearest.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"
#include "protocol/time_text.h"
#include "protocol/utf8.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

void utf8Holds(std::string_view text) {
    std::string again;
    size_t count = 0;
    bool valid = true;
    for (auto left = text; !left.empty(); ++count) {
        const size_t before = left.size();
        const char32_t c = utf8::next(left);
        HOLDS(left.size() < before && before - left.size() <= 4);
        HOLDS(c != utf8::kInvalid || before - left.size() == 1);
        valid = valid && c != utf8::kInvalid;
        utf8::append(again, c == utf8::kInvalid ? U'\uFFFD' : c);
    }
    HOLDS(utf8::isValid(text) == valid);
    HOLDS(utf8::length(text) == count);
    SAME(utf8::repaired(text), again);
    if (valid) SAME(again, text);
    for (const size_t most : {size_t{0}, size_t{1}, size_t{7}, text.size()}) {
        const auto prefix = utf8::prefix(text, most);
        HOLDS(prefix.size() <= most && utf8::isValid(prefix) && text.starts_with(prefix));
    }
}

void shownHolds(std::string_view text) {
    for (const bool newlines : {false, true}) {
        const std::string shown = neutralised(text, newlines);
        isSafeToShow(shown, newlines);
        SAME(neutralised(shown, newlines), shown);
    }
    const std::string logged = forLog(text, 20);
    isSafeToShow(logged, false);
    HOLDS(utf8::length(logged) <= 2 * 20 + 3);
}

void leadsNowhere(std::string_view name) {
    HOLDS(!name.empty() && name.size() <= limits::kFileNameBytesMax);
    HOLDS(name.find_first_of(std::string_view("/\\\0", 3)) == name.npos);
    HOLDS(name.front() != '.' && name.front() != ' ');
    HOLDS(name.back() != '.' && name.back() != ' ');
    isSafeToShow(name, false);
}

void namesHold(std::string_view text) {
    if (checkClassicName(text)) {
        HOLDS(utf8::isValid(text) && utf8::length(text) <= limits::kNickCodePointsMax);
    }
    if (checkNick(text)) {
        HOLDS(checkClassicName(text));
        isSafeToShow(text, false);
    }
    if (checkRoom(text)) isSafeToShow(text, false);
    if (checkId(text)) HOLDS(text.size() <= limits::kIdBytesMax);
    if (checkSha256(text)) HOLDS(text.size() == 64);

    const bool good = static_cast<bool>(checkFileName(text));
    const std::string safe = safeFileName(text);
    HOLDS(checkFileName(safe));
    leadsNowhere(safe);
    if (good) SAME(safe, text);
    for (const unsigned number : {2U, 1'000'000U}) {
        const std::string numbered = numberedFileName(safe, number);
        HOLDS(checkFileName(numbered));
        HOLDS(numbered != safe);
    }
    const std::string announced = classicFileAnnouncement(text);
    HOLDS(matchesFileRule(announced));
    HOLDS(checkFileName(std::string_view(announced).substr(0, announced.size() - 1)));
    std::string buffer;
    const std::string said(classicText(text, buffer));
    HOLDS(!matchesFileRule(said));
    HOLDS(said.starts_with(text) && said.size() <= text.size() + 1);
}

void numbersHold(std::string_view text) {
    if (const auto ms = parseDuration(text)) {
        HOLDS(*ms >= 0 && *ms <= kDurationMsMax);
        const auto again = parseDuration(durationText(*ms));
        HOLDS(again && *again == *ms);
    }
    if (const auto bytes = parseSize(text)) HOLDS(!sizeText(*bytes).empty());
    if (const auto ms = parseIsoTime(text)) {
        const auto again = parseIsoTime(isoTime(*ms));
        HOLDS(again && *again == *ms);
    }
    if (const auto ms = parseClassicTime(text)) {
        const auto again = parseClassicTime(classicTime(*ms));
        HOLDS(again && *again == *ms);
    }
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat;
    using namespace netchat::fuzz;
    const auto text = textOf(data, size);
    utf8Holds(text);
    shownHolds(text);
    namesHold(text);
    numbersHold(text);
    constexpr std::array<std::string_view, 4> kWords = {"connect", "serve", "bot", "harness"};
    const auto near = nearestWord(text, kWords);
    HOLDS(near.empty() || std::find(kWords.begin(), kWords.end(), near) != kWords.end());
    return 0;
}
