#pragma once

// What `expect` asks for, and whether an event is it. Pure.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/bot/event_record.h"
#include "modes/bot/expand.h"
#include "modes/bot/pattern.h"

namespace netchat::bot {

// One row of what may be expected, and what may be asked of it.
struct KindRule {
    std::string_view name;
    EventKind event;
    std::string_view keys;               // of its filters, separated by spaces
    std::string_view presence = {};      // also a Presence with this state
    std::optional<EventKind> also = {};  // or another event
};

// Null for a name that is no kind.
const KindRule* findKind(std::string_view name);
std::string kindNames();  // "msg, private, …"
bool hasKey(const KindRule& rule, std::string_view key);

struct Filter {
    std::string key;
    Template value;
    std::optional<std::string> flags = {};  // of a value that is a /regex/
};

struct PatternSource {
    Template text;
    std::string flags;
};

struct Expectation {
    const KindRule* kind = findKind("msg");
    size_t count = 1;
    std::vector<Filter> filters;
    std::optional<PatternSource> pattern;
};

// Whether its values are texts, which a regular expression can look at.
bool isTextKey(std::string_view key);

// BadValue for a value that this filter can never have, such as size=big.
Status checkFilterValue(std::string_view key, std::string_view value);

// "msg from=alice /build/": as it was written.
std::string written(const Expectation& expectation);

// An expectation with its variables filled in.
class Matcher {
  public:
    static Result<Matcher> make(const Expectation& expectation, const Variables& variables);

    // Captures are set on a match only. An Error is a pattern too expensive for this event's text.
    Result<bool> matches(const EventRecord& event, Captures& captures,
                         const Pattern::GiveUp& giveUp = {}) const;
    // A file is expected, and this event says that it will not come.
    bool isHopeless(const EventRecord& event, const Pattern::GiveUp& giveUp) const;

    const std::string& text() const { return text_; }  // with its values, for reports

  private:
    struct Wanted {
        std::string key, value;
        std::optional<Pattern> pattern;
    };
    explicit Matcher(const KindRule& kind) : kind_(&kind) {}
    bool exactValuesAgree(const EventRecord& event) const;
    bool mayBeOwn() const;

    const KindRule* kind_;
    std::vector<Wanted> filters_;
    std::optional<Pattern> pattern_;
    std::string text_;
};

}  // namespace netchat::bot
