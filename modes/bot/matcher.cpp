#include "modes/bot/matcher.h"

#include <algorithm>

#include "protocol/size_text.h"

namespace netchat::bot {
namespace {

constexpr KindRule kRules[] = {
    {"msg", EventKind::Message, "from room text id seq history"},
    {"private", EventKind::Private, "from to text id"},  // to this bot alone
    {"file", EventKind::FileReceived, "from room name size sha256"},
    {"offer", EventKind::File, "from room name size sha256 id seq history"},
    {"failed", EventKind::FileFailed, "name sha256 code text"},
    {"uploaded", EventKind::Uploaded, "name size sha256 id"},
    {"joined", EventKind::Joined, "from room members", "joined"},
    {"left", EventKind::Left, "from room", "left"},
    {"renamed", EventKind::Named, "from was room", "renamed"},
    {"roster", EventKind::Roster, "room members has text"},
    {"rooms", EventKind::RoomList, "has text"},
    // The beginning of an answer; its entries follow as msg and offer.
    {"history", EventKind::HistoryPage, "room first last"},
    {"error", EventKind::Refused, "code re room id text"},
    {"gap", EventKind::Gap, "room first last"},
    {"log-changed", EventKind::LogChanged, "room common last text"},
    {"notice", EventKind::Notice, "re text"},
    {"connected", EventKind::Connected, "from"},
    {"disconnected", EventKind::Disconnected, "code text", "", EventKind::Reconnecting},
    {"reconnecting", EventKind::Reconnecting, "code text"},
};

bool isOfKind(const EventRecord& e, const KindRule& rule) {
    if (e.kind == rule.event || e.kind == rule.also) return true;
    return e.kind == EventKind::Presence && !rule.presence.empty() && e.state == rule.presence;
}

// What a regular expression looks at.
const std::string& subject(const EventRecord& e) {
    switch (e.kind) {
        case EventKind::File:
        case EventKind::FileReceived:
        case EventKind::Uploaded:
            return e.name;
        case EventKind::Presence:
        case EventKind::Named:
        case EventKind::Connected:
            return e.from;
        case EventKind::Joined:
        case EventKind::Left:
        case EventKind::HistoryPage:
        case EventKind::Gap:
            return e.room;
        default:
            return e.text;
    }
}

const std::string* textField(const EventRecord& e, std::string_view key) {
    if (key == "from") return &e.from;
    if (key == "to") return &e.to;
    if (key == "room") return &e.room;
    if (key == "text") return &e.text;
    if (key == "name") return &e.name;
    if (key == "id") return &e.id;
    if (key == "sha256") return &e.sha256;
    if (key == "code") return &e.code;
    if (key == "re") return &e.re;
    if (key == "was") return &e.was;
    return nullptr;
}

bool isNumber(std::string_view key) {
    return key == "size" || key == "seq" || key == "members" || key == "first" || key == "last" ||
           key == "common";
}

uint64_t numberField(const EventRecord& e, std::string_view key) {
    if (key == "size") return e.size;
    if (key == "seq" || key == "common") return e.seq;
    if (key == "members") return e.members;
    return key == "first" ? e.first : e.last;
}

bool agrees(const EventRecord& e, std::string_view key, const std::string& value) {
    if (const std::string* field = textField(e, key)) return *field == value;
    if (key == "history") return e.history == (value == "yes");
    if (key == "has") return std::find(e.names.begin(), e.names.end(), value) != e.names.end();
    Result<uint64_t> number = parseSize(value);
    return number && *number == numberField(e, key);
}

Result<bool> matched(Result<Pattern::Outcome> outcome) {
    if (!outcome) return outcome.error();
    return *outcome == Pattern::Outcome::Match;
}

Result<bool> valueMatches(const EventRecord& e, std::string_view key, const Pattern& pattern,
                          Captures& captures, const Pattern::GiveUp& giveUp) {
    if (key != "has") return matched(pattern.find(*textField(e, key), captures, giveUp));
    for (const std::string& name : e.names) {
        Result<bool> found = matched(pattern.find(name, captures, giveUp));
        if (!found || *found) return found;
    }
    return false;
}

std::string quotedIfNeeded(const std::string& value) {
    bool plain = !value.empty() && value.front() != '/' &&
                 value.find_first_of(" \t\n'\"#") == std::string::npos;
    return plain ? value : "'" + value + "'";
}

}  // namespace

const KindRule* findKind(std::string_view name) {
    for (const KindRule& rule : kRules) {
        if (rule.name == name) return &rule;
    }
    return nullptr;
}

std::string kindNames() {
    std::string names;
    for (const KindRule& rule : kRules) {
        if (!names.empty()) names += ", ";
        names += rule.name;
    }
    return names;
}

bool hasKey(const KindRule& rule, std::string_view key) {
    std::string padded = " " + std::string(rule.keys) + " ";
    return !key.empty() && padded.find(" " + std::string(key) + " ") != std::string::npos;
}

bool isTextKey(std::string_view key) {
    static const EventRecord none;
    return key == "has" || textField(none, key) != nullptr;
}

Status checkFilterValue(std::string_view key, std::string_view value) {
    if (key == "history" && value != "yes" && value != "no")
        return Error{ErrorCode::BadValue, "history= is yes or no"};
    if (isNumber(key) && !parseSize(value))
        return Error{ErrorCode::BadValue, std::string(key) + "= must be a number" +
                                              (key == "size" ? ", such as 1024 or 8MiB" : "")};
    return Ok{};
}

std::string written(const Expectation& expectation) {
    std::string out(expectation.kind->name);
    for (const Filter& filter : expectation.filters)
        out += " " + filter.key + "=" +
               (filter.flags ? "/" + written(filter.value) + "/" + *filter.flags
                             : quotedIfNeeded(written(filter.value)));
    if (expectation.pattern)
        out += " /" + written(expectation.pattern->text) + "/" + expectation.pattern->flags;
    return out;
}

Result<Matcher> Matcher::make(const Expectation& expectation, const Variables& variables) {
    Matcher matcher(*expectation.kind);
    matcher.text_ = expectation.kind->name;
    for (const Filter& filter : expectation.filters) {
        if (filter.flags) {
            Result<std::string> source = expandPattern(filter.value, variables);
            if (!source) return source.error();
            Result<Pattern> pattern = Pattern::compile(*source, *filter.flags);
            if (!pattern) return pattern.error();
            matcher.text_ += " " + filter.key + "=/" + *source + "/" + *filter.flags;
            matcher.filters_.push_back({filter.key, {}, std::move(*pattern)});
            continue;
        }
        Result<std::string> value = expand(filter.value, variables);
        if (!value) return value.error();
        if (Status status = checkFilterValue(filter.key, *value); !status) return status.error();
        matcher.text_ += " " + filter.key + "=" + quotedIfNeeded(*value);
        matcher.filters_.push_back({filter.key, std::move(*value), {}});
    }
    if (!expectation.pattern) return matcher;
    Result<std::string> source = expandPattern(expectation.pattern->text, variables);
    if (!source) return source.error();
    Result<Pattern> pattern = Pattern::compile(*source, expectation.pattern->flags);
    if (!pattern) return pattern.error();
    matcher.text_ += " /" + *source + "/" + expectation.pattern->flags;
    matcher.pattern_ = std::move(*pattern);
    return matcher;
}

bool Matcher::mayBeOwn() const {
    return std::any_of(filters_.begin(), filters_.end(), [](const Wanted& wanted) {
        return wanted.key == "from" && !wanted.pattern;
    });
}

bool Matcher::exactValuesAgree(const EventRecord& event) const {
    return std::all_of(filters_.begin(), filters_.end(), [&](const Wanted& wanted) {
        return wanted.pattern || agrees(event, wanted.key, wanted.value);
    });
}

Result<bool> Matcher::matches(const EventRecord& event, Captures& captures,
                              const Pattern::GiveUp& giveUp) const {
    if (!isOfKind(event, *kind_) || (event.own && !mayBeOwn()) || !exactValuesAgree(event))
        return false;
    Captures found;
    for (const Wanted& wanted : filters_) {
        if (!wanted.pattern) continue;
        Result<bool> agreed = valueMatches(event, wanted.key, *wanted.pattern, found, giveUp);
        if (!agreed || !*agreed) return agreed;
    }
    if (pattern_) {
        Result<bool> agreed = matched(pattern_->find(subject(event), found, giveUp));
        if (!agreed || !*agreed) return agreed;
    }
    for (auto& [name, value] : found) captures[name] = std::move(value);
    return true;
}

bool Matcher::isHopeless(const EventRecord& event, const Pattern::GiveUp& giveUp) const {
    if (kind_->event != EventKind::FileReceived || event.kind != EventKind::FileFailed)
        return false;
    bool byName = false;
    for (const Wanted& wanted : filters_) {
        if (wanted.key != "name" && wanted.key != "sha256") continue;
        Captures ignored;
        const Result<bool> fits =
            wanted.pattern ? valueMatches(event, wanted.key, *wanted.pattern, ignored, giveUp)
                           : Result<bool>(agrees(event, wanted.key, wanted.value));
        if (!fits || !*fits) return false;
        byName = true;
    }
    return byName;
}

}  // namespace netchat::bot
