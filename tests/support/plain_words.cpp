#include "tests/support/plain_words.h"

#include <algorithm>
#include <cctype>
#include <iomanip>
#include <set>
#include <sstream>

namespace netchat::test {

namespace {

constexpr size_t kFragmentWordsMax = 3;
// The name of an option begins at most here; text further right goes on with the row above.
constexpr size_t kRowIndentMax = 7;

std::vector<std::string> linesOf(std::string_view text) {
    std::vector<std::string> lines;
    std::istringstream in{std::string(text)};
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

size_t indentOf(std::string_view line) {
    return std::min(line.find_first_not_of(' '), line.size());
}

// Blocks of text, which a blank line separates.
class Blocks {
  public:
    void add(std::string_view line) {
        text_ += line;
        text_ += '\n';
    }
    void end() { text_ += '\n'; }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

// The length of the marker of a list item at the start of a line, such as "- " or "12. "; else 0.
size_t itemMarker(std::string_view line) {
    if (line.starts_with("- ") || line.starts_with("* ")) return 2;
    const size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
    return digits > 0 && line.substr(digits).starts_with(". ") ? digits + 2 : 0;
}

// A line of links, such as "[one](#one) · [two](#two)", is a menu and no sentence.
bool isMarkup(std::string_view line) {
    if (line.starts_with('[') && line.find(") · ") != std::string_view::npos) return true;
    return line.starts_with('#') || line.starts_with('|') || line.starts_with("![") ||
           line.starts_with("<!--");
}

// `a b` becomes one word; [text](target) becomes its text.
std::string withoutInlineMarkup(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const size_t ticks = std::min(text.find_first_not_of('`', i), text.size()) - i;
        if (ticks > 0) {
            const size_t end = text.find(std::string(ticks, '`'), i + ticks);
            if (end == std::string_view::npos) break;
            out += "code";
            i = end + ticks - 1;
        } else if (text.substr(i).starts_with("](")) {
            i = std::min(text.find(')', i), text.size());
        } else if (text[i] != '[' && text[i] != '*') {
            out += text[i];
        }
    }
    return out;
}

// "(default: 5s; also PORT in the environment)" is a note of the page and no part of a sentence.
std::string withoutNotes(std::string text) {
    for (const char* note : {"(default:", "(also ", "(may be repeated"}) {
        for (size_t at = text.find(note); at != std::string::npos; at = text.find(note)) {
            size_t end = at;
            int depth = 0;
            do {
                depth += text[end] == '(' ? 1 : text[end] == ')' ? -1 : 0;
            } while (++end < text.size() && depth > 0);
            text.erase(at, end - at);
        }
    }
    return text;
}

bool endsSentence(std::string word) {
    static const std::set<std::string> kAbbreviations = {"e.g.", "i.e.", "etc.", "vs.", "cf."};
    word.erase(word.find_last_not_of(")\"'_") + 1);
    return !word.empty() && std::string_view(".!?").find(word.back()) != std::string_view::npos &&
           !kAbbreviations.contains(word);
}

// It has a letter or a digit. In UTF-8, letters beyond ASCII begin with 0xC3 or more, but 0xE2
// begins dashes, arrows and lines.
bool isWord(const std::string& text) {
    return std::any_of(text.begin(), text.end(),
                       [](unsigned char c) { return std::isalnum(c) || (c >= 0xC3 && c != 0xE2); });
}

}  // namespace

std::string markdownProse(std::string_view document) {
    Blocks blocks;
    bool isFenced = false, isItem = false, afterBlank = true, isIndentedCode = false;
    for (const std::string& line : linesOf(document)) {
        const std::string_view text = std::string_view(line).substr(indentOf(line));
        if (text.starts_with("```")) isFenced = !isFenced;
        if (isFenced || text.starts_with("```")) continue;
        if (text.empty()) {
            blocks.end();
            afterBlank = true;
            continue;
        }
        // Four columns after a blank line are code, but inside a list they go on with the item.
        const bool isIndented = indentOf(line) >= 4;
        isIndentedCode = isIndented && (isIndentedCode || (afterBlank && !isItem));
        if (!isIndented && itemMarker(text) == 0 && afterBlank) isItem = indentOf(line) > 0;
        afterBlank = false;
        if (isIndentedCode) continue;
        if (isMarkup(text)) {
            blocks.end();
        } else if (const size_t marker = itemMarker(text)) {
            isItem = true;
            blocks.end();
            blocks.add(text.substr(marker));
        } else {
            blocks.add(text);
        }
    }
    return withoutInlineMarkup(blocks.take());
}

std::string helpProse(std::string_view page) {
    Blocks blocks;
    bool isUsage = false;
    for (const std::string& line : linesOf(page)) {
        if (line == "Examples:") break;
        if (line.starts_with("usage:")) isUsage = true;
        const size_t indent = indentOf(line);
        if (indent == line.size()) isUsage = false;
        if (isUsage) continue;
        const size_t gap = line.find("  ", indent);
        if (indent == line.size() || (indent == 0 && line.ends_with(':'))) {
            blocks.end();
        } else if (indent == 0 || indent > kRowIndentMax) {
            blocks.add(line);
        } else {
            blocks.end();
            if (gap != std::string::npos) blocks.add(line.substr(gap));
        }
    }
    return withoutNotes(blocks.take());
}

std::vector<std::string> sentences(std::string_view prose) {
    std::vector<std::string> found;
    std::string sentence;
    const auto finish = [&] {
        if (countWords(sentence) > 0) found.push_back(sentence);
        sentence.clear();
    };
    for (const std::string& line : linesOf(prose)) {
        std::istringstream words(line);
        bool isBlank = true;
        for (std::string word; words >> word; isBlank = false) {
            sentence += (sentence.empty() ? "" : " ") + word;
            if (endsSentence(word)) finish();
        }
        if (isBlank) finish();
    }
    finish();
    return found;
}

size_t countWords(std::string_view text) {
    std::istringstream words{std::string(text)};
    size_t count = 0;
    for (std::string word; words >> word;) count += isWord(word) ? 1 : 0;
    return count;
}

std::vector<std::string> longSentences(std::string_view prose, size_t wordsMax) {
    std::vector<std::string> found;
    for (std::string& sentence : sentences(prose)) {
        if (countWords(sentence) > wordsMax) found.push_back(std::move(sentence));
    }
    return found;
}

double meanWords(std::string_view prose) {
    size_t words = 0, count = 0;
    for (const std::string& sentence : sentences(prose)) {
        const size_t length = countWords(sentence);
        if (length <= kFragmentWordsMax) continue;
        words += length;
        ++count;
    }
    return count == 0 ? 0 : static_cast<double>(words) / static_cast<double>(count);
}

std::vector<std::string> unplainWords(std::string_view name, std::string_view prose) {
    std::vector<std::string> found;
    const std::string begin = std::string(name) + ": ";
    for (const std::string& sentence : longSentences(prose)) {
        found.push_back(begin + "a sentence of " + std::to_string(countWords(sentence)) +
                        " words, at most " + std::to_string(kSentenceWordsMax) + ": " + sentence);
    }
    if (const double mean = meanWords(prose); mean > kMeanSentenceWordsMax) {
        std::ostringstream text;
        text << begin << std::fixed << std::setprecision(1) << mean
             << " words in a sentence on average, at most " << std::setprecision(0)
             << kMeanSentenceWordsMax;
        found.push_back(text.str());
    }
    return found;
}

}  // namespace netchat::test
