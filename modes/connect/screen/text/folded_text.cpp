#include "modes/connect/screen/text/folded_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "modes/connect/screen/text/graphemes.h"
#include "protocol/utf8.h"

namespace netchat::connect {

namespace {

bool isAllAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

char32_t lowerAscii(char c) {
    return static_cast<char32_t>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

// A letter of Cyrillic that is written like another one with an accent.
bool isShortI(std::string_view cluster) {
    return cluster == "й" || cluster == "Й" || cluster == "и\u0306" || cluster == "И\u0306";
}

std::string foldedCluster(std::string_view cluster, FoldedText::Accents accents) {
    const bool strips = accents == FoldedText::Accents::Strip;
    int options = UTF8PROC_STABLE | UTF8PROC_CASEFOLD;
    options |= strips && !isShortI(cluster)
                   ? UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK
                   : UTF8PROC_COMPOSE;
    utf8proc_uint8_t* mapped = nullptr;
    const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(cluster.data()),
                                   static_cast<utf8proc_ssize_t>(cluster.size()), &mapped,
                                   static_cast<utf8proc_option_t>(options));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
    if (size <= 0) return std::string(cluster);
    return {reinterpret_cast<const char*>(mapped), static_cast<size_t>(size)};
}

// Nicks are made of these, too: "alice-bot" is not alice.
bool isWordLike(char32_t c) {
    return utf8::isPythonWord(c) || c == U'-' || c == U'|' || roleOf(c) == Role::Mark;
}

}  // namespace

FoldedText::FoldedText(std::string_view text, Accents accents) {
    if (isAllAscii(text)) {
        folded_.reserve(text.size());
        places_.reserve(text.size() + 1);
        for (size_t i = 0; i < text.size(); ++i) {
            folded_ += lowerAscii(text[i]);
            places_.push_back(static_cast<uint32_t>(i));
        }
    } else {
        for (std::string_view rest = text; !rest.empty();) {
            const size_t at = text.size() - rest.size();
            addCluster(nextCluster(rest).text, at, accents);
        }
    }
    places_.push_back(static_cast<uint32_t>(text.size()));
}

void FoldedText::addCluster(std::string_view cluster, size_t at, Accents accents) {
    const std::string folded = isAllAscii(cluster) && cluster.size() == 1
                                   ? std::string(1, static_cast<char>(lowerAscii(cluster[0])))
                                   : foldedCluster(cluster, accents);
    for (std::string_view rest = folded; !rest.empty();) {
        folded_ += utf8::next(rest);
        places_.push_back(static_cast<uint32_t>(at));
    }
}

// A place counts where it begins and ends with whole clusters.
std::optional<FoldedText::Part> FoldedText::find(const FoldedText& wanted, size_t from) const {
    if (wanted.empty()) return {};
    const auto first = std::lower_bound(places_.begin(), places_.end(), from) - places_.begin();
    for (size_t at = static_cast<size_t>(first);
         (at = folded_.find(wanted.folded_, at)) != std::u32string::npos; ++at) {
        const size_t end = at + wanted.folded_.size();
        const bool begins = at == 0 || places_[at - 1] != places_[at];
        const bool ends = places_[end - 1] != places_[end];
        if (begins && ends) return Part{places_[at], places_[end]};
    }
    return {};
}

std::optional<FoldedText::Part> FoldedText::findWord(const FoldedText& wanted, size_t from) const {
    for (auto part = find(wanted, from); part; part = find(wanted, part->begin + 1)) {
        const auto placeOf = [&](size_t byte) {
            return static_cast<size_t>(std::lower_bound(places_.begin(), places_.end(), byte) -
                                       places_.begin());
        };
        if (isWordAt(placeOf(part->begin), placeOf(part->end))) return part;
    }
    return {};
}

bool FoldedText::isWordAt(size_t first, size_t last) const {
    return (first == 0 || !isWordLike(folded_[first - 1])) &&
           (last >= folded_.size() || !isWordLike(folded_[last]));
}

// ---- searching

SoughtWords::SoughtWords(std::string_view words) {
    while (!words.empty()) {
        const size_t end = std::min(words.find_first_of(" \t\n"), words.size());
        FoldedText word(words.substr(0, end), FoldedText::Accents::Strip);
        if (!word.empty()) words_.push_back(std::move(word));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
}

bool SoughtWords::fit(const FoldedText& text) const {
    return !words_.empty() && std::all_of(words_.begin(), words_.end(), [&](const auto& word) {
        return text.find(word).has_value();
    });
}

std::vector<FoldedText::Part> SoughtWords::partsOf(const FoldedText& text) const {
    std::vector<FoldedText::Part> parts;
    for (const FoldedText& word : words_) {
        for (auto part = text.find(word); part; part = text.find(word, part->end)) {
            parts.push_back(*part);
        }
    }
    std::sort(parts.begin(), parts.end(),
              [](const auto& a, const auto& b) { return a.begin < b.begin; });
    return parts;
}

}  // namespace netchat::connect
