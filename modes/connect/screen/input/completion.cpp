#include "modes/connect/screen/input/completion.h"

#include <algorithm>
#include <iterator>

#include "modes/connect/command_table.h"
#include "modes/connect/screen/text/folded_text.h"
#include "modes/connect/screen/text/letter_case.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

using PlaceKind = CompletionPlace::Kind;

// What cannot be put into an input as it is would become another word there.
bool isShowable(std::string_view word) {
    while (!word.empty()) {
        const char32_t c = utf8::next(word);
        if (c == utf8::kInvalid || utf8::isControl(c)) return false;
    }
    return true;
}

bool isHidden(std::string_view entry) {
    return entry.starts_with('.');
}

std::vector<std::string> pathsAt(const CompletionPlace& place, const Completion::Words& words) {
    if (place.typed == "~" && place.folder.empty()) return {"~/"};
    auto entries = words.paths(place.folder);
    if (!isHidden(place.typed)) std::erase_if(entries, isHidden);
    if (place.typed == "..") entries.insert(entries.begin(), "../");
    return entries;
}

// Who types the sign of IRC may know its names only.
std::vector<std::string> commandsFor(const CompletionPlace& place, const Completion::Words& words) {
    auto names = words.commands();
    if (place.folder != "/") return names;
    for (std::string& name : ircNames()) names.push_back(std::move(name));
    return names;
}

std::vector<std::string> wordsFor(const CompletionPlace& place, const Completion::Words& words) {
    switch (place.kind) {
        case PlaceKind::Nothing:
            return {};
        case PlaceKind::Nick:
            return words.nicks();
        case PlaceKind::CommandName:
            return commandsFor(place, words);
        case PlaceKind::Setting:
            return words.settings();
        case PlaceKind::Room:
            return words.rooms();
        case PlaceKind::File:
            return words.files();
        case PlaceKind::Path:
            return pathsAt(place, words);
    }
    return {};
}

// The bytes of a word that was begun like this; none: it begins otherwise. Where it does not begin
// as typed, accents make no difference.
std::optional<size_t> beginningOf(std::string_view word, std::string_view typed) {
    if (const auto matched = matchedBeginning(word, typed)) return matched;
    const FoldedText folded(word, FoldedText::Accents::Strip);
    const auto found = folded.find(FoldedText(typed, FoldedText::Accents::Strip));
    return found && found->begin == 0 ? std::optional(found->end) : std::nullopt;
}

std::vector<std::string> candidatesFor(const CompletionPlace& place,
                                       const Completion::Words& words) {
    auto all = wordsFor(place, words);
    std::erase_if(all, [](const std::string& word) { return word.empty() || !isShowable(word); });
    const auto begins = [&](const std::string& word) {
        return matchedBeginning(word, place.typed).has_value();
    };
    const bool asTyped = std::any_of(all.begin(), all.end(), begins);
    std::erase_if(all, [&](const std::string& word) {
        return asTyped ? !begins(word) : !beginningOf(word, place.typed);
    });
    const auto inTypedCase = [&](const std::string& word) { return word.starts_with(place.typed); };
    const bool cased =
        place.kind == PlaceKind::Path && std::any_of(all.begin(), all.end(), inTypedCase);
    if (cased) std::erase_if(all, [&](const std::string& word) { return !inTypedCase(word); });
    return all;
}

size_t commonOfTwo(PlaceKind kind, const std::string& a, const std::string& b) {
    if (kind != PlaceKind::Path) return commonBeginning(a, b);
    const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
    return utf8::prefix(a, static_cast<size_t>(end - a.begin())).size();
}

// As far as all of them agree, in the spelling of the first.
std::string_view commonOf(PlaceKind kind, const std::vector<std::string>& words) {
    const std::string& first = words.front();
    size_t common = first.size();
    for (const std::string& word : words) common = std::min(common, commonOfTwo(kind, first, word));
    return std::string_view(first).substr(0, common);
}

}  // namespace

std::optional<Completion::Edit> Completion::tab(std::string_view text, size_t cursor,
                                                bool backwards, const Words& words) {
    const bool goesOn = candidates_.size() > 1 && cursor == cursor_ && text == text_;
    if (goesOn) return offerWhole(text, cursor, nextOne(backwards));
    reset();
    place_ = placeOf(text, cursor);
    candidates_ = candidatesFor(place_, words);
    if (candidates_.empty()) return std::nullopt;
    const auto common = commonOf(place_.kind, candidates_);
    const bool agreed = common.size() > *beginningOf(candidates_.front(), place_.typed);
    if (candidates_.size() > 1 && agreed) {
        return remembered(text, cursor, beginningAt(place_, common));
    }
    Edit edit = offerWhole(text, cursor, nextOne(backwards));
    const bool nothingNew = text_ == text;
    if (nothingNew && candidates_.size() == 1) {
        reset();
        return std::nullopt;
    }
    return edit;
}

void Completion::reset() {
    candidates_.clear();
    chosen_.reset();
    place_ = {};
    text_.clear();
    cursor_ = 0;
}

Completion::Edit Completion::offerWhole(std::string_view text, size_t end, size_t candidate) {
    chosen_ = candidate;
    return remembered(text, end, wordAt(place_, candidates_[candidate], text.substr(end)));
}

Completion::Edit Completion::remembered(std::string_view text, size_t end, std::string with) {
    text_.assign(text.substr(0, place_.begin)).append(with).append(text.substr(end));
    cursor_ = place_.begin + with.size();
    return {place_.begin, end, std::move(with)};
}

size_t Completion::nextOne(bool backwards) const {
    const size_t count = candidates_.size();
    if (!chosen_) return backwards ? count - 1 : 0;
    return (*chosen_ + (backwards ? count - 1 : 1)) % count;
}

}  // namespace netchat::connect
