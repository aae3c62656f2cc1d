#include "modes/connect/screen/input/completion_place.h"

#include <algorithm>

#include "modes/connect/command_table.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

using PlaceKind = CompletionPlace::Kind;
using Ending = CompletionPlace::Ending;

constexpr std::string_view kBlanks = " \t";

bool isQuote(char c) {
    return c == '"' || c == '\'';
}

bool isAsciiPunctuation(char c) {
    const bool sign = c > ' ' && c < 0x7F;
    return sign && !utf8::isPythonWord(static_cast<char32_t>(c));
}

bool beginsWithSpace(std::string_view text) {
    return !text.empty() && utf8::isSpace(utf8::next(text));
}

// The first place from here on without a blank, or the cursor.
size_t skipBlanks(std::string_view text, size_t from, size_t cursor) {
    return std::min(text.find_first_not_of(kBlanks, from), cursor);
}

// Where the word begins that ends at the cursor.
size_t wordBegin(std::string_view text, size_t cursor) {
    size_t begin = 0;
    for (std::string_view rest = text.substr(0, cursor); !rest.empty();) {
        if (utf8::isSpace(utf8::next(rest))) begin = cursor - rest.size();
    }
    return begin;
}

// A nick in a text; none is offered there where nothing of it was typed.
CompletionPlace nickInText(std::string_view text, size_t cursor) {
    CompletionPlace place{.kind = PlaceKind::Nick, .begin = wordBegin(text, cursor)};
    std::string_view typed = text.substr(place.begin, cursor - place.begin);
    if (place.begin > 0 && typed.empty()) return {};
    if (typed.starts_with('@')) {
        place.folder = "@";
        typed.remove_prefix(1);
    } else if (place.begin == 0) {
        place.ending = Ending::Address;
    }
    place.typed = typed;
    return place;
}

CompletionPlace restOfLine(std::string_view text, size_t begin, size_t cursor, PlaceKind kind) {
    CompletionPlace place{.kind = kind, .ending = Ending::Rest, .begin = begin};
    std::string_view typed = text.substr(begin, cursor - begin);
    if (!typed.empty() && isQuote(typed.front())) {
        place.quote = typed.front();
        typed.remove_prefix(1);
    }
    const size_t slash = kind == PlaceKind::Path ? typed.rfind('/') : std::string_view::npos;
    const size_t folder = slash == std::string_view::npos ? 0 : slash + 1;
    place.folder = typed.substr(0, folder);
    place.typed = typed.substr(folder);
    return place;
}

// One word, and a text behind it.
CompletionPlace wordOrText(std::string_view text, size_t begin, size_t cursor, PlaceKind kind) {
    const std::string_view typed = text.substr(begin, cursor - begin);
    const bool further = typed.find_first_of(kBlanks) != std::string_view::npos;
    if (further) return nickInText(text, cursor);
    return {.kind = kind, .begin = begin, .typed = std::string(typed)};
}

CompletionPlace argumentPlace(std::string_view text, size_t begin, size_t cursor,
                              Completes completes) {
    switch (completes) {
        case Completes::Text:
            return nickInText(text, cursor);
        case Completes::Nick:
            return wordOrText(text, begin, cursor, PlaceKind::Nick);
        case Completes::SpacyNick:
            return {.kind = PlaceKind::Nick,
                    .begin = begin,
                    .typed = std::string(text.substr(begin, cursor - begin))};
        case Completes::Room:
            return wordOrText(text, begin, cursor, PlaceKind::Room);
        case Completes::File:
            return restOfLine(text, begin, cursor, PlaceKind::File);
        case Completes::Path:
            return restOfLine(text, begin, cursor, PlaceKind::Path);
        case Completes::Setting:
            return wordOrText(text, begin, cursor, PlaceKind::Setting);
    }
    return nickInText(text, cursor);
}

// A path that would lose something without quotes around it.
bool needsQuotes(std::string_view path) {
    if (path.empty()) return false;
    const auto isBlank = [](char c) { return kBlanks.find(c) != std::string_view::npos; };
    const bool looksQuoted =
        path.size() > 1 && isQuote(path.front()) && path.front() == path.back();
    return isBlank(path.front()) || isBlank(path.back()) || looksQuoted;
}

std::string endingOf(Ending ending, std::string_view rest) {
    const bool space = beginsWithSpace(rest);
    const bool sign = !rest.empty() && isAsciiPunctuation(rest.front());
    if (sign || ending == Ending::Rest) return "";
    const std::string colon = ending == Ending::Address ? ":" : "";
    return space ? colon : colon + " ";
}

}  // namespace

CompletionPlace placeOf(std::string_view text, size_t cursor) {
    const bool sign = text.starts_with('!') || text.starts_with('/');
    // Two of the sign say what begins with it.
    const bool command = sign && (text.size() < 2 || text[1] != text[0]);
    if (!command) return nickInText(text, cursor);
    if (cursor == 0) return {};
    const size_t nameEnd = std::min(text.find_first_of(kBlanks), text.size());
    if (cursor <= nameEnd) {
        return {.kind = PlaceKind::CommandName,
                .folder = std::string(text.substr(0, 1)),
                .typed = std::string(text.substr(1, cursor - 1))};
    }
    const std::string_view name = text.substr(1, nameEnd - 1);
    const CommandInfo* const row = text.front() == '/' ? findIrcCommand(name) : findCommand(name);
    if (row == nullptr) return nickInText(text, cursor);
    return argumentPlace(text, skipBlanks(text, nameEnd, cursor), cursor, row->completes);
}

std::string wordAt(const CompletionPlace& place, std::string_view word, std::string_view rest) {
    std::string whole = place.folder + std::string(word);
    if (place.ending != Ending::Rest) return whole + endingOf(place.ending, rest);
    // In a folder there is more to come.
    if (whole.ends_with('/')) return beginningAt(place, word);
    const char quote = place.quote != 0 ? place.quote : needsQuotes(whole) ? '"' : '\0';
    if (quote == 0) return whole;
    return quote + whole + (rest.empty() ? std::string(1, quote) : "");
}

std::string beginningAt(const CompletionPlace& place, std::string_view beginning) {
    std::string written = place.folder + std::string(beginning);
    const bool blank = place.ending == Ending::Rest && beginsWithSpace(written);
    const char quote = place.quote != 0 ? place.quote : blank ? '"' : '\0';
    return quote == 0 ? written : quote + written;
}

}  // namespace netchat::connect
