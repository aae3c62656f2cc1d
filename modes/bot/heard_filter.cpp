#include "modes/bot/heard_filter.h"

#include <Poco/Exception.h>
#include <Poco/Glob.h>

#include <algorithm>

#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::bot {

namespace {

Result<std::shared_ptr<const Pattern>> patternOf(const std::string& match) {
    const size_t end = match.rfind('/');
    if (end == 0) {
        return Error{ErrorCode::BadValue,
                     "must end with a slash if it begins with one: /REGEX/ or /REGEX/i"};
    }
    auto pattern = Pattern::compile(match.substr(1, end - 1), match.substr(end + 1));
    if (!pattern) return pattern.error();
    return std::shared_ptr<const Pattern>(std::make_shared<Pattern>(std::move(*pattern)));
}

Status checkGlob(const std::string& match) {
    if (match.empty()) return Error{ErrorCode::BadValue, "must be /REGEX/ or the name of a file"};
    for (size_t i = 0; i < match.size(); ++i) {
        if (match[i] == '[' && match.find(']', i + 2) == std::string::npos) {
            return Error{ErrorCode::BadValue, "has an unclosed bracket"};
        }
        if (match[i] == '\\') ++i;
    }
    if (!utf8::isValid(match)) return Error{ErrorCode::BadValue, "must be valid UTF-8"};
    return Ok{};
}

}  // namespace

Result<HeardFilter> HeardFilter::make(const std::vector<std::string>& matches,
                                      const std::vector<std::string>& nicks) {
    HeardFilter filter;
    filter.matches_ = !matches.empty();
    filter.nicks_ = nicks;
    for (const std::string& match : matches) {
        if (match.starts_with('/')) {
            auto pattern = patternOf(match);
            if (!pattern) return pattern.error();
            filter.texts_.push_back(std::move(*pattern));
        } else {
            if (auto status = checkGlob(match); !status) return status.error();
            filter.names_.push_back(match);
        }
    }
    return filter;
}

bool HeardFilter::fitsText(std::string_view from, std::string_view text,
                           std::string& warning) const {
    return isOf(from) && (!matches_ || hasText(text, warning));
}

bool HeardFilter::fitsFile(std::string_view from, std::string_view name) const {
    return isOf(from) && (!matches_ || hasName(name));
}

bool HeardFilter::fetches(const client::event::File& file, uint64_t bytesMax) const {
    return isOf(file.from) && (matches_ ? hasName(file.name) : file.size <= bytesMax);
}

bool HeardFilter::isOf(std::string_view nick) const {
    return nicks_.empty() || std::find(nicks_.begin(), nicks_.end(), nick) != nicks_.end();
}

bool HeardFilter::hasText(std::string_view text, std::string& warning) const {
    const std::string copy = utf8::repaired(text);
    const Pattern::GiveUp giveUp = afterCpuMs(kPatternMs);
    const bool fits = std::any_of(texts_.begin(), texts_.end(), [&](const auto& pattern) {
        Captures ignored;
        const auto found = pattern->find(copy, ignored, giveUp);
        if (!found) warning = "a message counts as no match: " + found.error().text;
        return found && *found == Pattern::Outcome::Match;
    });
    if (fits) warning.clear();
    return fits;
}

bool HeardFilter::hasName(std::string_view name) const {
    const std::string copy = utf8::repaired(name);
    return std::any_of(names_.begin(), names_.end(), [&](const std::string& glob) {
        try {
            return Poco::Glob(glob).match(copy);
        } catch (const Poco::Exception&) {
            return false;
        }
    });
}

}  // namespace netchat::bot
