#include "modes/bot/pattern.h"

#include <Poco/Exception.h>

#include <algorithm>

#include "modes/bot/expand.h"
#include "protocol/utf8.h"

namespace netchat::bot {
namespace {

using Regex = Poco::RegularExpression;

// PCRE recurses on the stack, about half a KiB a level: 6,000 levels stay below half of the usual
// 8 MiB. The match limit ends one attempt within some 10 ms; GiveUp bounds the number of attempts.
constexpr std::string_view kBounds = "(*LIMIT_RECURSION=6000)(*LIMIT_MATCH=1000000)";
// POCO keeps this many groups of a match, besides the whole.
constexpr int kGroupsMax = 20;

// Walks through a pattern and counts its groups as PCRE does.
class GroupScanner {
  public:
    explicit GroupScanner(std::string_view pattern) : text_(pattern) {}

    Result<std::vector<Group>> scan() {
        while (at_ < text_.size() && error_.empty()) step();
        if (error_.empty() && count_ > kGroupsMax)
            error_ = "at most " + std::to_string(kGroupsMax) +
                     " groups are possible; (?:…) groups without capturing";
        if (!error_.empty()) return Error{ErrorCode::BadText, error_};
        return std::move(groups_);
    }

  private:
    bool takes(std::string_view prefix) {
        if (text_.substr(at_, prefix.size()) != prefix) return false;
        at_ += prefix.size();
        return true;
    }
    void skipPast(std::string_view end) {
        size_t found = text_.find(end, at_);
        at_ = found == std::string_view::npos ? text_.size() : found + end.size();
    }

    void step() {
        if (takes("\\Q")) return skipPast("\\E");
        if (takes("\\")) {
            ++at_;
        } else if (takes("[")) {
            skipClass();
        } else if (takes("(")) {
            group();
        } else {
            ++at_;
        }
    }

    void skipClass() {
        takes("^");
        takes("]");  // the first one is an ordinary member
        while (at_ < text_.size() && !takes("]")) {
            if (takes("\\Q")) {
                skipPast("\\E");
            } else if (takes("[:")) {
                skipPast(":]");
            } else {
                at_ += text_[at_] == '\\' ? 2 : 1;
            }
        }
    }

    void group() {
        if (takes("*")) return skipPast(")");
        if (!takes("?")) {
            ++count_;
            return;
        }
        if (takes("#")) return skipPast(")");
        if (takes("|")) {
            error_ = "(?|…) is not possible here: give each alternative its own group";
        } else if (takes("(")) {
            condition();
        } else if (text_.substr(at_, 2) != "<=" && text_.substr(at_, 2) != "<!" &&
                   (takes("<") || takes("P<"))) {
            name('>');
        } else if (takes("'")) {
            name('\'');
        } else {
            options();
        }
    }

    void condition() {
        if (text_.substr(at_, 1) == "?") {
            group();  // an assertion, whose parenthesis is like any other's
        } else {
            skipPast(")");
        }
    }

    void name(char end) {
        size_t close = std::min(text_.find(end, at_), text_.size());
        std::string found(text_.substr(at_, close - at_));
        at_ = close;
        ++count_;
        if (!isVariableName(found)) {
            error_ = "a group's name must be letters, digits and _, not \"" + found + "\"";
        } else if (std::any_of(groups_.begin(), groups_.end(),
                               [&](const Group& group) { return group.name == found; })) {
            error_ = "two groups are named \"" + found + "\"; give each its own name";
        } else {
            groups_.push_back({found, count_});
        }
    }

    void options() {
        while (at_ < text_.size() && std::string_view("imsxJU-").find(text_[at_]) != text_.npos) {
            if (text_[at_] == 'x' || text_[at_] == 'J')
                error_ = std::string("the option (?") + text_[at_] + ") is not possible here";
            ++at_;
        }
    }

    std::string_view text_;
    size_t at_ = 0;
    int count_ = 0;
    std::vector<Group> groups_;
    std::string error_;
};

int optionsOf(std::string_view flags) {
    int options = Regex::RE_UTF8;
    for (char flag : flags) {
        if (flag == 'i') options |= Regex::RE_CASELESS;
        if (flag == 'm') options |= Regex::RE_MULTILINE;
        if (flag == 's') options |= Regex::RE_DOTALL;
    }
    return options;
}

size_t nextCodePoint(const std::string& text, size_t at) {
    std::string_view rest = std::string_view(text).substr(at);
    if (rest.empty()) return at + 1;
    utf8::next(rest);
    return text.size() - rest.size();
}

}  // namespace

Result<std::vector<Group>> namedGroups(std::string_view pattern) {
    return GroupScanner(pattern).scan();
}

Result<Pattern> Pattern::compile(const std::string& pattern, std::string_view flags) {
    size_t unknown = flags.find_first_not_of("ims");
    if (unknown != std::string_view::npos)
        return Error{ErrorCode::BadText, "there is no flag \"" + std::string(1, flags[unknown]) +
                                             "\" of regular expressions; i, m and s are there"};
    if (pattern.find('\0') != std::string::npos || !utf8::isValid(pattern))
        return Error{ErrorCode::BadText, "a regular expression must be valid UTF-8 without NUL"};
    Result<std::vector<Group>> groups = namedGroups(pattern);
    if (!groups) return groups.error();
    try {
        auto regex =
            std::make_unique<Regex>(std::string(kBounds) + pattern, optionsOf(flags), false);
        return Pattern(std::move(regex), std::move(*groups));
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::BadText, "not a regular expression: " + e.message()};
    }
}

Result<Pattern::Outcome> Pattern::find(const std::string& text, Captures& captures,
                                       const GiveUp& giveUp) const {
    // One attempt per place, so that between two of them the time can be looked at: PCRE's own
    // limit counts from each place anew.
    constexpr size_t kAttemptsBetweenLooks = 16;
    size_t attempt = 0;
    int options = Regex::RE_ANCHORED;
    try {
        for (size_t at = 0; at <= text.size(); at = nextCodePoint(text, at)) {
            if (++attempt % kAttemptsBetweenLooks == 0 && giveUp && giveUp()) break;
            Regex::MatchVec found;
            bool matched = regex_->match(text, at, found, options) > 0;
            options |= Regex::RE_NO_UTF8_CHECK;  // the first attempt has checked all of it
            if (!matched) {
                if (at == text.size()) return Outcome::NoMatch;
                continue;
            }
            for (const Group& group : groups_) {
                auto number = static_cast<size_t>(group.number);
                bool took = number < found.size() && found[number].offset != std::string::npos;
                captures[group.name] =
                    took ? text.substr(found[number].offset, found[number].length) : "";
            }
            return Outcome::Match;
        }
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::TooLong, "the regular expression is too expensive for a text of " +
                                             std::to_string(text.size()) + " bytes (" +
                                             e.message() + "); make it simpler, or anchor it"};
    }
    return Error{ErrorCode::TooLong, "the regular expression takes too long on a text of " +
                                         std::to_string(text.size()) +
                                         " bytes; make it simpler, or anchor it"};
}

}  // namespace netchat::bot
