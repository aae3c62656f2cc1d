#include "modes/connect/screen/key_map.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "modes/connect/screen/input/key_names.h"
#include "protocol/nearest.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

constexpr ActionName kActions[] = {
    {"page-up", Action::PageUp, "PgUp S-PgUp"},
    {"page-down", Action::PageDown, "PgDn S-PgDn"},
    {"previous-room", Action::PreviousRoom, "C-PgUp M-Left M-S-Left"},
    {"next-room", Action::NextRoom, "C-PgDn M-Right M-S-Right"},
    {"next-active", Action::NextActive, "M-a"},
    {"jump", Action::Jump, "M-j"},
    {"top", Action::Top, "M-< C-Home M-Home"},
    {"end", Action::End, "M-> C-End M-End"},
    {"first-unread", Action::FirstUnread, "M-u"},
    {"previous-mention", Action::PreviousMention, "M-p"},
    {"next-mention", Action::NextMention, "M-n"},
    {"search", Action::Search, "C-s"},
    {"help", Action::Help, "F1"},
    {"roster", Action::Roster, "F2 M-m"},
    {"bare", Action::Bare, "M-l"},
    {"fold", Action::Fold, "M-o"},
    {"redraw", Action::Redraw, "C-l"},
    {"suspend", Action::Suspend, "C-z"},
    {"fetch", Action::Fetch, "M-g"},
};

constexpr std::string_view kNoAction = "none";

// Calls `with` for each word.
template <class With>
void forEachWord(std::string_view words, With with) {
    while (!words.empty()) {
        const size_t end = std::min(words.find(' '), words.size());
        with(words.substr(0, end));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
}

const ActionName* actionNamed(std::string_view name) {
    const auto* found = std::find_if(std::begin(kActions), std::end(kActions),
                                     [&](const ActionName& other) { return other.name == name; });
    return found == std::end(kActions) ? nullptr : found;
}

Error unknownKey(std::string_view what) {
    std::vector<std::string_view> names;
    for (const ActionName& action : kActions) names.push_back(action.name);
    const auto near = nearestWord(what, names);
    std::string text = "'" + forLog(what, 40) + "' is not an action for a key";
    if (!near.empty()) text += "; did you mean " + std::string(near) + "?";
    if (near.empty())
        text += "; use an action such as first-unread, a command such as !who, or none";
    return {ErrorCode::BadValue, text};
}

}  // namespace

std::span<const ActionName> actionNames() {
    return kActions;
}

KeyMap::KeyMap() {
    for (const ActionName& action : kActions) {
        forEachWord(action.keys, [&](std::string_view key) {
            bound_[std::string(key)] = {.action = &action.action};
        });
    }
}

Status KeyMap::bind(std::string_view key, std::string_view what) {
    const auto name = canonicalKeyName(key);
    if (!name) return name.error();
    if (what == kNoAction) return bound_.erase(*name), Ok{};
    if (what.size() > 1 && what.front() == '!') {
        bound_[*name] = {.command = std::string(what)};
        return Ok{};
    }
    const ActionName* action = actionNamed(what);
    if (action == nullptr) return unknownKey(what);
    bound_[*name] = {.action = &action->action};
    return Ok{};
}

Status KeyMap::unbind(std::string_view key) {
    const auto name = canonicalKeyName(key);
    if (!name) return name.error();
    bound_.erase(*name);
    for (const ActionName& action : kActions) {
        forEachWord(action.keys, [&](std::string_view first) {
            if (first == *name) bound_[*name] = {.action = &action.action};
        });
    }
    return Ok{};
}

const KeyMap::Bound* KeyMap::find(const Key& key) const {
    const bool typed = key.kind == Key::Kind::Char && !key.ctrl && !key.meta;
    if (typed) return nullptr;
    const auto found = bound_.find(keyName(key));
    return found == bound_.end() ? nullptr : &found->second;
}

}  // namespace netchat::connect
