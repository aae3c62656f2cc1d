#pragma once

// What counts as being spoken to: one's nick, and words that somebody has set. Pure; one thread.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/connect/screen/text/folded_text.h"
#include "modes/connect/screen/text/safe_text.h"

namespace netchat::connect {

class Highlights {
  public:
    // To be called when either may have changed; costs nothing where neither has.
    void are(std::string_view nick, const std::vector<std::string>& words) {
        if (nick == nick_ && words == words_) return;
        nick_ = nick;
        words_ = words;
        folded_.clear();
        if (!nick_.empty()) folded_.emplace_back(SafeText(nick_).view());
        for (const std::string& word : words_) folded_.emplace_back(SafeText(word).view());
    }
    // Whether one of them stands in the text as a word of its own.
    bool in(const SafeText& text) const { return placeIn(text).has_value(); }
    // The byte at which the first of them begins.
    std::optional<size_t> placeIn(const SafeText& text) const {
        std::optional<size_t> first;
        if (folded_.empty()) return first;
        const FoldedText folded(text.view());
        for (const FoldedText& word : folded_) {
            const auto part = folded.findWord(word);
            if (part && (!first || part->begin < *first)) first = part->begin;
        }
        return first;
    }

  private:
    std::string nick_;
    std::vector<std::string> words_;
    std::vector<FoldedText> folded_;
};

}  // namespace netchat::connect
