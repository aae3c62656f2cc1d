#include "modes/store/search_words.h"

#include <Poco/TextIterator.h>
#include <Poco/UTF8Encoding.h>
#include <Poco/Unicode.h>

#include <algorithm>
#include <utility>

namespace netchat::store {

namespace {

using Poco::Unicode;

void appendUtf8(std::string& out, int ch) {
    static const Poco::UTF8Encoding utf8;
    unsigned char bytes[4];
    const int size = utf8.convert(ch, bytes, sizeof bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
}

bool isMark(int ch) {
    Unicode::CharacterProperties properties{};
    Unicode::properties(ch, properties);
    return properties.category == Unicode::UCP_MARK;
}

bool matches(const SoughtPart& part, std::vector<std::string>::const_iterator at) {
    for (size_t i = 0; i < part.words.size(); ++i, ++at) {
        const bool begins = part.prefix && i + 1 == part.words.size();
        if (begins ? at->compare(0, part.words[i].size(), part.words[i]) != 0
                   : *at != part.words[i]) {
            return false;
        }
    }
    return true;
}

bool occursIn(const SoughtPart& part, const std::vector<std::string>& words) {
    for (auto at = words.begin();
         words.end() - at >= static_cast<std::ptrdiff_t>(part.words.size()); ++at) {
        if (matches(part, at)) return true;
    }
    return false;
}

}  // namespace

std::vector<std::string> wordsOf(std::string_view text) {
    static const Poco::UTF8Encoding utf8;
    std::vector<std::string> words;
    std::string word;
    const std::string copy(text);
    const Poco::TextIterator end(copy);
    for (Poco::TextIterator it(copy, utf8); it != end; ++it) {
        const int ch = *it;
        if (Unicode::isAlpha(ch) || Unicode::isDigit(ch)) {
            appendUtf8(word, Unicode::toLower(ch));
        } else if (!isMark(ch) && !word.empty()) {
            words.push_back(std::exchange(word, {}));
        }
    }
    if (!word.empty()) words.push_back(std::move(word));
    return words;
}

std::vector<SoughtPart> readQuestion(std::string_view words) {
    constexpr std::string_view kSpaces(" \t\r\n\0", 5);
    std::vector<SoughtPart> sought;
    while (!words.empty()) {
        const size_t size = std::min(words.find_first_of(kSpaces), words.size());
        std::string_view typed = words.substr(0, size);
        words.remove_prefix(std::min(size + 1, words.size()));
        const bool prefix = typed.ends_with('*');
        if (prefix) typed.remove_suffix(1);
        auto found = wordsOf(typed);
        if (!found.empty()) sought.push_back({std::string(typed), std::move(found), prefix});
    }
    return sought;
}

bool occurIn(const std::vector<SoughtPart>& sought, const std::vector<std::string>& words) {
    return std::all_of(sought.begin(), sought.end(),
                       [&words](const SoughtPart& part) { return occursIn(part, words); });
}

std::string ftsExpression(const std::vector<SoughtPart>& sought) {
    std::string out;
    for (const SoughtPart& part : sought) {
        if (!out.empty()) out += " AND ";
        out += '"';
        for (const char c : part.typed) out += c == '"' ? "\"\"" : std::string(1, c);
        out += part.prefix ? "\"*" : "\"";
    }
    return out;
}

}  // namespace netchat::store
