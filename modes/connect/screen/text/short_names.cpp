#include "modes/connect/screen/text/short_names.h"

#include <algorithm>

#include "modes/connect/screen/text/graphemes.h"

namespace netchat::connect {

namespace {

constexpr std::string_view kEllipsis = "…";

// The end of a name, of whole clusters, in at most so many columns.
std::string_view suffixOfColumns(std::string_view text, size_t columns) {
    size_t begin = text.size();
    while (begin > 0) {
        const size_t before = clusterBefore(text, begin);
        if (columnsOf(text.substr(before)) > columns) break;
        begin = before;
    }
    return text.substr(begin);
}

// "alexan…ll": of so many columns, the last `tail` ones are the name's end.
std::string cut(std::string_view name, size_t columns, std::string_view tail) {
    const size_t room = columns - std::min(columns, columnsOf(tail) + columnsOf(kEllipsis));
    return std::string(prefixOfColumns(name, room)) + std::string(kEllipsis) + std::string(tail);
}

}  // namespace

void ShortNames::begin(int columns) {
    const auto wanted = static_cast<size_t>(std::max(columns, 1));
    if (wanted == columns_ && shortOf_.size() <= kNamesMax) return;
    columns_ = wanted;
    shortOf_.clear();
    nameOf_.clear();
}

const std::string& ShortNames::of(std::string_view safeName) {
    const std::string name(safeName);
    const auto known = shortOf_.find(name);
    if (known != shortOf_.end()) return known->second;
    std::string text = unused(name);
    nameOf_[text] = name;
    return shortOf_[name] = std::move(text);
}

bool ShortNames::isFree(const std::string& text, std::string_view name) const {
    const auto owner = nameOf_.find(text);
    return columnsOf(text) <= columns_ && (owner == nameOf_.end() || owner->second == name);
}

std::string ShortNames::unused(std::string_view name) const {
    // Only a name that somebody made to look as if it were cut is ever taken.
    if (std::string whole(name); isFree(whole, name)) return whole;
    for (size_t tail = 0; 2 * tail < columns_; ++tail) {
        if (std::string text = cut(name, columns_, suffixOfColumns(name, tail));
            isFree(text, name)) {
            return text;
        }
    }
    // Names that differ in the middle only.
    for (size_t number = 2;; ++number) {
        std::string text = cut(name, columns_, std::to_string(number));
        if (columnsOf(text) > columns_ || isFree(text, name)) return text;
    }
}

}  // namespace netchat::connect
