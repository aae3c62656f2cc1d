#pragma once

// What a word is, for searching: a run of letters and digits, without regard to case. What a
// question asks for: all of its parts, where a part that holds several words ("foo-bar") asks for
// them in a row, and one that ends with '*' for words that begin so.

#include <string>
#include <string_view>
#include <vector>

namespace netchat::store {

struct SoughtPart {
    std::string typed;               // without the '*'
    std::vector<std::string> words;  // in lower case; at least one
    bool prefix = false;             // of the last word
};

// In lower case, in order. `text`: valid UTF-8.
std::vector<std::string> wordsOf(std::string_view text);

// Parts without a word in them are left out.
std::vector<SoughtPart> readQuestion(std::string_view words);

bool occurIn(const std::vector<SoughtPart>& sought, const std::vector<std::string>& words);

// The question for FTS5: everything that was typed stands in quotes, so that nothing of it can be
// taken for an operator.
std::string ftsExpression(const std::vector<SoughtPart>& sought);

}  // namespace netchat::store
