#include "protocol/time_text.h"

#include <algorithm>
#include <chrono>

namespace netchat {

namespace {

struct Civil {
    int year;
    unsigned month, day, hour, minute, second, milli;
};

Civil civilOf(int64_t unixMs) {
    using namespace std::chrono;
    // Years beyond 9999 have no form; the nearest moment that has one stands for them.
    const int64_t clamped = std::clamp<int64_t>(unixMs, -62'167'219'200'000, 253'402'300'799'999);
    const sys_time<milliseconds> moment{milliseconds(clamped)};
    const auto days = floor<std::chrono::days>(moment);
    const year_month_day date(days);
    const auto inDay = static_cast<unsigned>((moment - days).count());
    return {int(date.year()),    unsigned(date.month()), unsigned(date.day()), inDay / 3'600'000,
            inDay / 60'000 % 60, inDay / 1000 % 60,      inDay % 1000};
}

Result<int64_t> unixMsOf(const Civil& c) {
    using namespace std::chrono;
    const year_month_day date{year(c.year), month(c.month), day(c.day)};
    if (!date.ok() || c.hour > 23 || c.minute > 59 || c.second > 59) {
        return Error{ErrorCode::BadHead, "no such time"};
    }
    const auto seconds = sys_days(date).time_since_epoch() + hours(c.hour) + minutes(c.minute) +
                         std::chrono::seconds(c.second);
    return duration_cast<milliseconds>(seconds).count() + c.milli;
}

// Reads `text` by a pattern in which a letter stands for a digit; other characters for themselves.
bool readPattern(std::string_view text, std::string_view pattern, Civil& c) {
    if (text.size() != pattern.size()) return false;
    c = {};
    for (size_t i = 0; i < text.size(); ++i) {
        const unsigned digit = static_cast<unsigned char>(text[i]) - unsigned{'0'};
        const auto push = [digit](auto& value) {
            value = value * 10 + static_cast<std::remove_reference_t<decltype(value)>>(digit);
            return digit < 10;
        };
        bool good = true;
        switch (pattern[i]) {
            case 'y':
                good = push(c.year);
                break;
            case 'm':
                good = push(c.month);
                break;
            case 'd':
                good = push(c.day);
                break;
            case 'h':
                good = push(c.hour);
                break;
            case 'n':
                good = push(c.minute);
                break;
            case 's':
                good = push(c.second);
                break;
            case 'f':
                good = push(c.milli);
                break;
            default:
                good = text[i] == pattern[i];
        }
        if (!good) return false;
    }
    return true;
}

}  // namespace

void TimeText::put(unsigned value, size_t digits, char after) {
    for (size_t i = digits; i > 0; --i, value /= 10) {
        chars_[size_ + i - 1] = static_cast<char>('0' + value % 10);
    }
    size_ += digits;
    if (after != 0) chars_[size_++] = after;
}

TimeText classicTime(int64_t unixMs) {
    const Civil c = civilOf(unixMs);
    TimeText out;
    out.put(c.day, 2, '-'), out.put(c.month, 2, '-');
    out.put(static_cast<unsigned>(c.year), 4, ' ');
    out.put(c.hour, 2, ':'), out.put(c.minute, 2, ':'), out.put(c.second, 2);
    return out;
}

TimeText isoTime(int64_t unixMs) {
    const Civil c = civilOf(unixMs);
    TimeText out;
    out.put(static_cast<unsigned>(c.year), 4, '-');
    out.put(c.month, 2, '-'), out.put(c.day, 2, 'T');
    out.put(c.hour, 2, ':'), out.put(c.minute, 2, ':'), out.put(c.second, 2, '.');
    out.put(c.milli, 3, 'Z');
    return out;
}

Result<int64_t> parseClassicTime(std::string_view text) {
    Civil c{};
    if (!readPattern(text, "dd-mm-yyyy hh:nn:ss", c)) {
        return Error{ErrorCode::BadHead, "a time must look like 23-11-2026 14:36:00"};
    }
    return unixMsOf(c);
}

Result<int64_t> parseIsoTime(std::string_view text) {
    Civil c{};
    if (!readPattern(text, "yyyy-mm-ddThh:nn:ss.fffZ", c)) {
        return Error{ErrorCode::BadHead, "a time must look like 2026-11-23T14:36:00.123Z"};
    }
    return unixMsOf(c);
}

}  // namespace netchat
