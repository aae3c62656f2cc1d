#include "modes/bot/matcher.h"

#include <algorithm>
#include <array>

#include "protocol/size_text.h"

namespace netchat::bot {
namespace {

constexpr std::array<KindRule, 19> kRules{{
    {"msg", Expected::Msg, "from room text id seq history"},
    {"private", Expected::Private, "from to text id"},
    {"file", Expected::File, "from room name size sha256"},
    {"offer", Expected::Offer, "from room name size sha256 id seq history"},
    {"failed", Expected::Failed, "name sha256 code text"},
    {"uploaded", Expected::Uploaded, "name size sha256 id"},
    {"joined", Expected::Joined, "from room members"},
    {"left", Expected::Left, "from room"},
    {"renamed", Expected::Renamed, "from was room"},
    {"roster", Expected::Roster, "room members has text"},
    {"rooms", Expected::Rooms, "has text"},
    {"history", Expected::History, "room first last"},
    {"error", Expected::Error, "code re room id text"},
    {"gap", Expected::Gap, "room first last"},
    {"log-changed", Expected::LogChanged, "room common last text"},
    {"notice", Expected::Notice, "re text"},
    {"connected", Expected::Connected, "from"},
    {"disconnected", Expected::Disconnected, "code text"},
    {"reconnecting", Expected::Reconnecting, "code text"},
}};

bool isPresence(const EventRecord& e, std::string_view state) {
    return e.kind == EventKind::Presence && e.state == state;
}

bool isOfKind(const EventRecord& e, Expected kind) {
    switch (kind) {
        case Expected::Msg:
            return e.kind == EventKind::Message;
        case Expected::Private:
            return e.kind == EventKind::Private;
        case Expected::File:
            return e.kind == EventKind::FileReceived;
        case Expected::Offer:
            return e.kind == EventKind::File;
        case Expected::Failed:
            return e.kind == EventKind::FileFailed;
        case Expected::Uploaded:
            return e.kind == EventKind::Uploaded;
        case Expected::Joined:
            return e.kind == EventKind::Joined || isPresence(e, "joined");
        case Expected::Left:
            return e.kind == EventKind::Left || isPresence(e, "left");
        case Expected::Renamed:
            return e.kind == EventKind::Named || isPresence(e, "renamed");
        case Expected::Roster:
            return e.kind == EventKind::Roster;
        case Expected::Rooms:
            return e.kind == EventKind::RoomList;
        case Expected::History:
            return e.kind == EventKind::HistoryPage;
        case Expected::Error:
            return e.kind == EventKind::Refused;
        case Expected::Gap:
            return e.kind == EventKind::Gap;
        case Expected::LogChanged:
            return e.kind == EventKind::LogChanged;
        case Expected::Notice:
            return e.kind == EventKind::Notice;
        case Expected::Connected:
            return e.kind == EventKind::Connected;
        case Expected::Disconnected:
            return e.kind == EventKind::Disconnected || e.kind == EventKind::Reconnecting;
        case Expected::Reconnecting:
            return e.kind == EventKind::Reconnecting;
    }
    return false;
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

const KindRule& ruleOf(Expected kind) {
    return *std::find_if(kRules.begin(), kRules.end(),
                         [&](const KindRule& rule) { return rule.kind == kind; });
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
    std::string out(ruleOf(expectation.kind).name);
    for (const Filter& filter : expectation.filters)
        out += " " + filter.key + "=" +
               (filter.flags ? "/" + written(filter.value) + "/" + *filter.flags
                             : quotedIfNeeded(written(filter.value)));
    if (expectation.pattern)
        out += " /" + written(expectation.pattern->text) + "/" + expectation.pattern->flags;
    return out;
}

Result<Matcher> Matcher::make(const Expectation& expectation, const Variables& variables) {
    Matcher matcher;
    matcher.kind_ = expectation.kind;
    matcher.text_ = ruleOf(expectation.kind).name;
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
    if (!isOfKind(event, kind_) || (event.own && !mayBeOwn()) || !exactValuesAgree(event))
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
    if (kind_ != Expected::File || event.kind != EventKind::FileFailed) return false;
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
