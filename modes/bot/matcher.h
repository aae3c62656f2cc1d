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

enum class Expected {
    Msg,           // a message in a room
    Private,       // a message to this bot alone
    File,          // a file received, verified and in its place
    Offer,         // a file announced
    Failed,        // a download that did not succeed
    Uploaded,      // one's own file is at the server
    Joined,        // somebody came into a room
    Left,          // somebody left a room
    Renamed,       // somebody has a new nick
    Roster,        // the answer to `who`
    Rooms,         // the answer to `rooms`
    History,       // the beginning of an answer to `history`; its entries follow as msg and offer
    Error,         // a refusal by the server
    Gap,           // entries that the server keeps no longer
    LogChanged,    // a room's log was restored, or has lost its end: it is read again from there
    Notice,        // what whoever runs the server says, and that an operator's order is done
    Connected,     //
    Disconnected,  //
    Reconnecting,
};

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
    Expected kind = Expected::Msg;
    size_t count = 1;
    std::vector<Filter> filters;
    std::optional<PatternSource> pattern;
};

// What may be asked of a kind.
struct KindRule {
    std::string_view name;
    Expected kind;
    std::string_view keys;  // of its filters, separated by spaces
};

// Null for a name that is no kind.
const KindRule* findKind(std::string_view name);
const KindRule& ruleOf(Expected kind);
std::string kindNames();  // "msg, private, …"
bool hasKey(const KindRule& rule, std::string_view key);

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
    Matcher() = default;
    bool exactValuesAgree(const EventRecord& event) const;
    bool mayBeOwn() const;

    Expected kind_ = Expected::Msg;
    std::vector<Wanted> filters_;
    std::optional<Pattern> pattern_;
    std::string text_;
};

}  // namespace netchat::bot
