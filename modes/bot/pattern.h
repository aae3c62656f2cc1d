#pragma once

// Regular expressions of a script: PCRE through POCO, with names for groups (which POCO's class
// does not tell) and with a bound on the time that a match may take. Any thread, one at a time.

#include <Poco/RegularExpression.h>

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

// The named groups of a pattern, from its text alone. BadText for what the numbering of groups
// cannot be told from: branch resets (?|…), comments in extended mode, and equal names.
Result<std::vector<Group>> namedGroups(std::string_view pattern);

using Captures = std::map<std::string, std::string>;

class Pattern {
  public:
    // Flags: any of i (capitals do not matter), m (^ and $ at each line), s (. matches newlines).
    static Result<Pattern> compile(const std::string& pattern, std::string_view flags);

    // Asked between two attempts; true gives up.
    using GiveUp = std::function<bool()>;

    enum class Outcome { Match, NoMatch };
    // Looks for the pattern anywhere in the text. `captures` gets every named group; one that took
    // no part is empty. TooLong when the pattern needs too many steps for this text.
    Result<Outcome> find(const std::string& text, Captures& captures, const GiveUp& giveUp) const;

    const std::vector<Group>& groups() const { return groups_; }

  private:
    Pattern(std::unique_ptr<Poco::RegularExpression> regex, std::vector<Group> groups)
        : regex_(std::move(regex)), groups_(std::move(groups)) {}

    std::unique_ptr<Poco::RegularExpression> regex_;
    std::vector<Group> groups_;
};

}  // namespace netchat::bot
