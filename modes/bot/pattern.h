#pragma once

// Regular expressions of a script: PCRE2, with bounds on the time and the memory that a match may
// take, whatever a stranger wrote into the text. Any thread, one at a time.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/result.h"

namespace netchat::bot {

struct Group {
    std::string name;
    int number;
};

using Captures = std::map<std::string, std::string>;

class Pattern {
  public:
    // Flags: any of i (capitals do not matter), m (^ and $ at each line), s (. matches newlines).
    static Result<Pattern> compile(const std::string& pattern, std::string_view flags);

    // Asked again and again while a match is under way; true gives up.
    using GiveUp = std::function<bool()>;

    enum class Outcome { Match, NoMatch };
    // Looks for the pattern anywhere in the text. `captures` gets every named group; one that took
    // no part is empty. TooLong when the pattern needs too many steps for this text.
    Result<Outcome> find(const std::string& text, Captures& captures, const GiveUp& giveUp) const;

    // The named ones, by number. After (?|…) or with (?J) several may have one name.
    const std::vector<Group>& groups() const { return groups_; }

  private:
    struct Program;  // the compiled pattern
    struct Free {
        void operator()(Program* program) const;
    };

    Pattern(std::unique_ptr<Program, Free> program, std::vector<Group> groups)
        : program_(std::move(program)), groups_(std::move(groups)) {}

    std::unique_ptr<Program, Free> program_;
    std::vector<Group> groups_;
};

// A Pattern's GiveUp: true when this thread has computed for so long from now on. Time that a busy
// machine gives to others does not count: it says nothing about the text.
Pattern::GiveUp afterCpuMs(int64_t ms);

// All regular expressions that look at one event may take this long together.
inline constexpr int64_t kPatternMs = 250;

}  // namespace netchat::bot
