#include "modes/connect/screen/input/key_names.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

using Kind = Key::Kind;

struct NamedKey {
    Kind kind;
    std::string_view name;
};

constexpr NamedKey kNamedKeys[] = {
    {Kind::Enter, "Enter"},   {Kind::Tab, "Tab"},       {Kind::Backspace, "Backspace"},
    {Kind::Delete, "Delete"}, {Kind::Escape, "Escape"}, {Kind::Insert, "Insert"},
    {Kind::Up, "Up"},         {Kind::Down, "Down"},     {Kind::Left, "Left"},
    {Kind::Right, "Right"},   {Kind::Home, "Home"},     {Kind::End, "End"},
    {Kind::PageUp, "PgUp"},   {Kind::PageDown, "PgDn"},
};

constexpr int kFunctionsMax = 12;

std::string prefixes(bool ctrl, bool meta, bool shift) {
    return std::string(ctrl ? "C-" : "") + (meta ? "M-" : "") + (shift ? "S-" : "");
}

Error notAKey(std::string_view text) {
    return {ErrorCode::BadValue,
            "'" + forLog(text, 40) +
                "' is not a key; keys are written M-u, C-s, F5, C-PgUp or M-S-Left"};
}

bool isFunction(std::string_view name) {
    if (!name.starts_with('F')) return false;
    int number = 0;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + 1, end, number);
    return error == std::errc() && stop == end && number >= 1 && number <= kFunctionsMax;
}

bool isOneCharacter(std::string_view name) {
    if (name.empty() || !utf8::isValid(name)) return false;
    const char32_t c = utf8::next(name);
    return name.empty() && !utf8::isControl(c) && !utf8::isSpace(c);
}

}  // namespace

std::string keyName(const Key& key) {
    if (key.kind == Kind::Char) {
        const std::string name = key.text == " " ? "Space" : key.text;
        return prefixes(key.ctrl, key.meta, false) + name;
    }
    const std::string before = prefixes(key.ctrl, key.meta, key.shift);
    if (key.kind == Kind::Function) return before + "F" + std::to_string(key.number);
    const auto* named = std::find_if(std::begin(kNamedKeys), std::end(kNamedKeys),
                                     [&](const NamedKey& other) { return other.kind == key.kind; });
    return named == std::end(kNamedKeys) ? "" : before + std::string(named->name);
}

Result<std::string> canonicalKeyName(std::string_view text) {
    std::string_view rest = text;
    bool ctrl = false, meta = false, shift = false;
    while (rest.size() > 2 && rest[1] == '-') {
        bool* held = rest[0] == 'C'   ? &ctrl
                     : rest[0] == 'M' ? &meta
                     : rest[0] == 'S' ? &shift
                                      : nullptr;
        if (held == nullptr || *held) return notAKey(text);
        *held = true;
        rest.remove_prefix(2);
    }
    const bool named = std::any_of(std::begin(kNamedKeys), std::end(kNamedKeys),
                                   [&](const NamedKey& key) { return key.name == rest; });
    if (named || isFunction(rest)) {
        const bool needed =
            !ctrl && !meta && !shift &&
            (rest == "Enter" || rest == "Tab" || rest == "Backspace" || rest == "Escape");
        if (needed) return notAKey(text);
        return prefixes(ctrl, meta, shift) + std::string(rest);
    }
    const bool character = isOneCharacter(rest) || rest == "Space";
    // What is typed is a text, and a terminal has no Shift beside a letter.
    if (!character || shift || (!ctrl && !meta)) return notAKey(text);
    return prefixes(ctrl, meta, false) + std::string(rest);
}

}  // namespace netchat::connect
