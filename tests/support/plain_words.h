#pragma once

// The rule that texts for readers keep: sentences are short enough to be understood at first
// reading. STYLE asks for 18 words on average and never more than 35. Tests apply it to documents
// and to help.
//
// Prose is text without markup, in blocks that a blank line separates. A block ends a sentence, so
// a list item or a table cell is a block of its own.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::test {

inline constexpr size_t kSentenceWordsMax = 35;
inline constexpr double kMeanSentenceWordsMax = 18;

// The prose of a Markdown document: no headings, code blocks, tables or pictures. A link is its
// text, and inline code is one word, because a reader takes `netchat log verify` as one name.
std::string markdownProse(std::string_view document);

// The prose of a page of `--help`: its description and the text of each option, one block each. The
// usage line, the names of options, tables of one word and the examples are left out.
std::string helpProse(std::string_view page);

// The sentences of prose, each with single spaces.
std::vector<std::string> sentences(std::string_view prose);

// Words between spaces; a sign by itself, such as a dash, is no word.
size_t countWords(std::string_view text);

// The sentences with more than `wordsMax` words.
std::vector<std::string> longSentences(std::string_view prose, size_t wordsMax = kSentenceWordsMax);

// The mean number of words of a sentence, or 0 without sentences. Fragments of fewer than four
// words, such as labels of lists, do not count: they would hide long sentences.
double meanWords(std::string_view prose);

// Every way in which the prose breaks the rule, in lines that begin with `name`. Empty if it is
// kept.
std::vector<std::string> unplainWords(std::string_view name, std::string_view prose);

}  // namespace netchat::test
