#pragma once

// What a search means: a text is found when each word that was typed is a part of it, without
// regard to case and accents. The one place that says so; each searcher may find candidates as it
// likes, and asks contains() at last. Pure; any thread.
//
//     folded text    "Привет, Мир!" -> "привет, мир!", with one space for all white space
//     question       its words, folded
//     index          of each place in each word the next three characters (fewer at its end):
//                    "мир!" -> "мир" "ир!" "р!" "!"; a word of three and more characters is found
//                    by its own threes, a shorter one as the beginning of some

#include <string>
#include <string_view>
#include <vector>

#include "modes/store/room_log.h"

namespace netchat::store {

// Without case, without accents in the scripts of Europe and the points of Hebrew and Arabic ("ё"
// is "е"; "й" is a letter of its own), full and half width alike, without what is not seen.
// `text`: valid UTF-8.
std::string folded(std::string_view text);

// The words, folded. A '"' around a word and a '*' behind it are left out: they mean something in
// other searches. Empty: there is no word.
std::vector<std::string> wordsOf(std::string_view question);

// What of an entry is searched: of a file its name, not the labels behind it.
std::string_view searchedText(EntryKind kind, std::string_view text);

bool contains(std::string_view foldedText, const std::vector<std::string>& words);

// What FTS5 is given to index: terms between spaces, for its tokenizer `kIndexTokenizer`.
std::string indexTerms(std::string_view foldedText);

extern const char kIndexTokenizer[];

// The question for FTS5. It finds at least what contains() finds.
struct IndexQuestion {
    std::string expression;
    // There is no word of three characters or more in an alphabet: there may be very many
    // candidates, and the newest entries are looked through first.
    bool isWide = false;
};
IndexQuestion indexQuestion(const std::vector<std::string>& words);

}  // namespace netchat::store
