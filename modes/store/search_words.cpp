#include "modes/store/search_words.h"

#include <algorithm>
#include <set>

#include "modes/store/text_folding.h"
#include "protocol/file_labels.h"
#include "protocol/utf8.h"

namespace netchat::store {

namespace {

constexpr size_t kTermCharacters = 3;
// More terms make a question slower and hardly narrower.
constexpr size_t kTermsMax = 24;
// Each beginning makes FTS5 join the lists of all terms that begin so.
constexpr size_t kBeginningsMax = 2;

size_t characterBytes(std::string_view text) {
    const std::string_view whole = text;
    utf8::next(text);
    return whole.size() - text.size();
}

// The terms of one word: whole ones, and at its end shorter ones.
template <class Take>
void eachTerm(std::string_view word, Take take) {
    while (!word.empty()) {
        size_t bytes = 0, characters = 0;
        for (; characters < kTermCharacters && bytes < word.size(); ++characters) {
            bytes += characterBytes(word.substr(bytes));
        }
        take(word.substr(0, bytes), characters);
        word.remove_prefix(characterBytes(word));
    }
}

// A character of a script that has thousands, or a symbol: few texts have it.
bool isRare(std::string_view word) {
    while (!word.empty()) {
        if (utf8::next(word) >= 0x2000) return true;
    }
    return false;
}

void append(std::string& expression, std::string_view term, bool beginning) {
    if (!expression.empty()) expression += " AND ";
    expression += '"';
    for (const char c : term) {
        expression += c;
        if (c == '"') expression += c;
    }
    expression += beginning ? "\"*" : "\"";
}

}  // namespace

std::string folded(std::string_view text) {
    std::string out = withoutCaseAndAccents(text);
    // One space for all white space, none at the ends.
    size_t size = 0;
    for (const char c : out) {
        const bool space = c == ' ' || (c >= '\0' && c < ' ') || c == '\x7F';
        if (!space) {
            out[size++] = c;
        } else if (size > 0 && out[size - 1] != ' ') {
            out[size++] = ' ';
        }
    }
    if (size > 0 && out[size - 1] == ' ') --size;
    out.resize(size);
    return out;
}

std::vector<std::string> wordsOf(std::string_view question) {
    std::vector<std::string> words;
    const std::string typed = folded(question);
    for (std::string_view rest = typed; !rest.empty();) {
        const size_t size = std::min(rest.find(' '), rest.size());
        std::string_view word = rest.substr(0, size);
        rest.remove_prefix(std::min(size + 1, rest.size()));
        if (word.size() > 1 && word.ends_with('*')) word.remove_suffix(1);
        if (word.size() > 1 && word.starts_with('"')) word.remove_prefix(1);
        if (word.size() > 1 && word.ends_with('"')) word.remove_suffix(1);
        if (std::find(words.begin(), words.end(), word) == words.end()) words.emplace_back(word);
    }
    return words;
}

std::string_view searchedText(EntryKind kind, std::string_view text) {
    return kind == EntryKind::File ? parseFileText(text).name : text;
}

bool contains(std::string_view foldedText, const std::vector<std::string>& words) {
    return std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return foldedText.find(word) != std::string_view::npos;
    });
}

const char kIndexTokenizer[] = R"(ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~')";

std::string indexTerms(std::string_view foldedText) {
    std::string out;
    out.reserve(4 * foldedText.size());
    while (!foldedText.empty()) {
        const size_t size = std::min(foldedText.find(' '), foldedText.size());
        eachTerm(foldedText.substr(0, size),
                 [&](std::string_view term, size_t) { out.append(term).push_back(' '); });
        foldedText.remove_prefix(std::min(size + 1, foldedText.size()));
    }
    return out;
}

IndexQuestion indexQuestion(const std::vector<std::string>& words) {
    std::set<std::string_view> whole, rare, other;
    for (const std::string& word : words) {
        size_t longest = 0;
        eachTerm(word, [&](std::string_view term, size_t characters) {
            longest = std::max(longest, characters);
            if (characters == kTermCharacters) whole.insert(term);
        });
        if (longest < kTermCharacters) (isRare(word) ? rare : other).insert(word);
    }
    IndexQuestion question;
    size_t terms = 0;
    for (const auto term : whole) {
        if (terms++ < kTermsMax) append(question.expression, term, false);
    }
    terms = 0;
    for (const auto* beginnings : {&rare, &other}) {
        if (beginnings == &other && !question.expression.empty()) break;
        for (const auto beginning : *beginnings) {
            if (terms++ < kBeginningsMax) append(question.expression, beginning, true);
        }
    }
    question.isWide = whole.empty() && rare.empty();
    return question;
}

}  // namespace netchat::store
