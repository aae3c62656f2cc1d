#include "modes/connect/screen/settings.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "modes/connect/screen/input/key_names.h"
#include "modes/connect/screen/theme.h"
#include "modes/connect/trimmed.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/nearest.h"
#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

// More than anybody lists; a value is a line of a configuration.
constexpr size_t kWordsMax = 100, kValueBytesMax = 4096;

constexpr SettingName kSettings[] = {
    {"nick", "", "your nick, from the next run on", true},
    {"rooms", "", "rooms to join at the start, separated by commas", true},
    {"bell", "no", "yes: ring the bell when somebody mentions you"},
    {"highlight", "", "words that count as mentions, separated by commas"},
    {"joins", "all", "joins and leaves to show: all, talkers (who said something), none"},
    {"quiet", "", "rooms where only mentions count, separated by commas"},
    {"notify", "off", "desktop notifications of mentions: off, osc9, osc777"},
    {"remember", "yes", "no: forget rooms, private chats, ignored nicks and input"},
    {"mouse", "on", "on: the wheel scrolls; off: the terminal handles the mouse", true},
    {"history", "50", "how many of a room's last messages to show at first", true},
    {"downloads", "", "the folder for received files", true},
    {"auto-download", "64MiB", "download files up to this size automatically", true},
    {"auto-download-total", "1GiB", "limit for automatic downloads in one run", true},
};

Error mustBe(std::string_view name, std::string_view what, std::string_view value) {
    return {ErrorCode::BadValue, std::string(name) + " must be " + std::string(what) + ", not '" +
                                     forLog(value, 60) + "'"};
}

std::vector<std::string> listOf(std::string_view value) {
    std::vector<std::string> list;
    while (!value.empty()) {
        const size_t end = std::min(value.find(','), value.size());
        const auto word = trimmed(value.substr(0, end));
        if (!word.empty() && list.size() < kWordsMax) list.emplace_back(word);
        value.remove_prefix(std::min(end + 1, value.size()));
    }
    return list;
}

Result<bool> yesOrNo(std::string_view name, std::string_view value) {
    for (const std::string_view yes : {"yes", "on", "true", "1"}) {
        if (value == yes) return true;
    }
    for (const std::string_view no : {"no", "off", "false", "0"}) {
        if (value == no) return false;
    }
    return mustBe(name, "yes or no", value);
}

Result<std::vector<std::string>> roomsOf(std::string_view name, std::string_view value) {
    auto rooms = listOf(value);
    for (const std::string& room : rooms) {
        if (const Status good = checkRoom(room); !good) {
            return Error{ErrorCode::BadValue, std::string(name) + ": " + good.error().text};
        }
    }
    return rooms;
}

// Options of connect that the screen knows by name only.
Status checkOption(std::string_view name, std::string_view value) {
    if (name == "mouse" && value != "on" && value != "off") {
        return mustBe(name, "on or off", value);
    }
    if (name == "history") {
        unsigned count = 0;
        const auto [stop, error] =
            std::from_chars(value.data(), value.data() + value.size(), count);
        const bool whole = error == std::errc() && stop == value.data() + value.size();
        if (!whole || count > limits::kHistoryEntriesMax) {
            return mustBe(name, "0 to " + std::to_string(limits::kHistoryEntriesMax), value);
        }
    }
    if (name.starts_with("auto-download") && !parseSize(value)) {
        return mustBe(name, "a size such as 64MiB", value);
    }
    return Ok{};
}

const SettingName* settingNamed(std::string_view name) {
    const auto* found = std::find_if(std::begin(kSettings), std::end(kSettings),
                                     [&](const SettingName& other) { return other.name == name; });
    return found == std::end(kSettings) ? nullptr : found;
}

bool isOfFamily(std::string_view name) {
    return name.starts_with(kColorFamily) || name.starts_with(kKeyFamily);
}

Error unknownSetting(std::string_view name) {
    std::vector<std::string_view> names;
    for (const SettingName& known : kSettings) names.push_back(known.name);
    const auto near = nearestWord(name, names);
    std::string text = "unknown setting '" + forLog(name, 40) + "'";
    if (!near.empty()) text += "; did you mean " + std::string(near) + "?";
    return {ErrorCode::BadValue, text + (near.empty() ? "; !set lists them" : "")};
}

Error unknownPart(std::string_view part) {
    std::vector<std::string_view> names = themeParts();
    const auto near = nearestWord(part, names);
    std::string text = "unknown color." + forLog(part, 40);
    if (!near.empty())
        return {ErrorCode::BadValue, text + "; did you mean color." + std::string(near) + "?"};
    text += "; the parts are";
    for (const auto name : names) text += " " + std::string(name);
    return {ErrorCode::BadValue, text};
}

}  // namespace

std::span<const SettingName> settingNames() {
    return kSettings;
}

Status Settings::set(std::string_view name, std::string_view value) {
    value = trimmed(value);
    if (value.size() > kValueBytesMax) return mustBe(name, "at most 4096 bytes", "a longer value");
    const Status applied = isOfFamily(name) ? applyFamily(name, value) : apply(name, value);
    if (applied) set_[std::string(name)] = value;
    return applied;
}

Status Settings::apply(std::string_view name, std::string_view value) {
    if (name == "nick") {
        if (const Status good = checkNick(value); !value.empty() && !good) return good.error();
        nick_ = value;
    } else if (name == "bell" || name == "remember") {
        const auto yes = yesOrNo(name, value);
        if (!yes) return yes.error();
        (name == "bell" ? bell_ : remember_) = *yes;
    } else if (name == "highlight") {
        highlight_ = listOf(value);
    } else if (name == "joins") {
        if (value != "all" && value != "talkers" && value != "none") {
            return mustBe(name, "all, talkers or none", value);
        }
        joins_ = value == "all" ? Joins::All : value == "none" ? Joins::None : Joins::Talkers;
    } else if (name == "notify") {
        if (value != "off" && value != "osc9" && value != "osc777") {
            return mustBe(name, "off, osc9 or osc777", value);
        }
        notify_ = value == "off" ? Notify::Off : value == "osc9" ? Notify::Osc9 : Notify::Osc777;
    } else if (name == "rooms" || name == "quiet") {
        auto rooms = roomsOf(name, value);
        if (!rooms) return rooms.error();
        if (name == "quiet") quiet_ = {rooms->begin(), rooms->end()};
        if (name == "rooms") rooms_ = std::move(*rooms);
    } else {
        return settingNamed(name) == nullptr ? Status(unknownSetting(name))
                                             : checkOption(name, value);
    }
    return Ok{};
}

Status Settings::applyFamily(std::string_view name, std::string_view value) {
    if (name.starts_with(kKeyFamily)) return keys_.bind(name.substr(kKeyFamily.size()), value);
    const std::string_view part = name.substr(kColorFamily.size());
    const auto parts = themeParts();
    if (std::find(parts.begin(), parts.end(), part) == parts.end()) return unknownPart(part);
    const auto style = parseStyle(value);
    if (!style) return style.error();
    colors_[std::string(part)] = *style;
    return Ok{};
}

Status Settings::unset(std::string_view name) {
    if (name.starts_with(kKeyFamily)) {
        if (const Status done = keys_.unbind(name.substr(kKeyFamily.size())); !done) return done;
    } else if (name.starts_with(kColorFamily)) {
        const auto part = colors_.find(name.substr(kColorFamily.size()));
        if (part == colors_.end()) return unknownPart(name.substr(kColorFamily.size()));
        colors_.erase(part);
    } else if (const SettingName* known = settingNamed(name)) {
        if (const Status done = apply(name, known->fallback); !done) return done;
    } else {
        return unknownSetting(name);
    }
    const auto was = set_.find(name);
    if (was != set_.end()) set_.erase(was);
    return Ok{};
}

Result<std::string> Settings::text(std::string_view name) const {
    const auto was = set_.find(name);
    if (was != set_.end()) return was->second;
    if (const SettingName* known = settingNamed(name)) return std::string(known->fallback);
    if (isOfFamily(name)) return std::string("default");
    return unknownSetting(name);
}

std::vector<std::string> Settings::lines() const {
    std::vector<std::string> lines;
    for (const SettingName& known : kSettings) {
        const auto value = text(known.name);
        lines.push_back(std::string(known.name) + " = " + (value ? *value : ""));
    }
    for (const auto& [name, value] : set_) {
        if (isOfFamily(name)) lines.push_back(name + " = " + value);
    }
    return lines;
}

std::vector<std::string> Settings::lines(std::string_view family) const {
    std::vector<std::string> lines;
    std::string all;
    if (family == kColorFamily) {
        for (const auto part : themeParts()) all += " " + std::string(part);
        lines.push_back("!set color.PART STYLE, such as: !set color.mention bold orange");
        lines.push_back("parts:" + all);
    } else {
        for (const ActionName& action : actionNames()) {
            all += (all.empty() ? " " : ", ") + std::string(action.name) + " (" +
                   std::string(action.keys) + ")";
        }
        lines.push_back(
            "!set key.KEY ACTION, such as: !set key.M-u first-unread; or a command, "
            "such as !who; or none");
        lines.push_back("actions and their default keys:" + all);
    }
    for (const auto& [name, value] : set_) {
        if (name.starts_with(family)) lines.push_back(name + " = " + value);
    }
    return lines;
}

std::string Settings::withQuiet(std::string_view room, bool quiet) const {
    std::string rooms;
    for (const std::string& other : quiet_) {
        if (other != room) rooms += (rooms.empty() ? "" : ",") + other;
    }
    if (quiet) rooms += (rooms.empty() ? "" : ",") + std::string(room);
    return rooms;
}

}  // namespace netchat::connect
