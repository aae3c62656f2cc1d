#pragma once

// A text as it is compared: without regard to upper and lower case in any script, and however its
// accents are written (NFC). Each grapheme cluster is folded by itself, so that what is found
// begins and ends where a cluster does: "alice" is not found in "alice" with a combining mark on
// its last letter. Pure; any thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::connect {

class FoldedText {
  public:
    enum class Accents {
        Keep,   // for names: "é" is not "e"
        Strip,  // for searching: as the server does, but "й" stays a letter of its own
    };
    // `text`: valid UTF-8.
    explicit FoldedText(std::string_view text, Accents accents = Accents::Keep);

    struct Part {
        size_t begin = 0, end = 0;  // bytes of the text
        friend bool operator==(const Part&, const Part&) = default;
    };
    bool empty() const { return folded_.empty(); }
    // The first place at or after byte `from` where `wanted` is; none: nowhere. Nothing is nowhere.
    std::optional<Part> find(const FoldedText& wanted, size_t from = 0) const;
    // The same, where it stands as a word of its own.
    std::optional<Part> findWord(const FoldedText& wanted, size_t from = 0) const;

  private:
    void addCluster(std::string_view cluster, size_t at, Accents accents);
    bool isWordAt(size_t first, size_t last) const;

    std::u32string folded_;
    // Of each code point of it: where its cluster begins in the text; at the end: the text's size.
    std::vector<uint32_t> places_;
};

// The words of a search: a text fits that has each of them somewhere.
class SoughtWords {
  public:
    SoughtWords() = default;
    explicit SoughtWords(std::string_view words);
    bool empty() const { return words_.empty(); }
    bool fit(const FoldedText& text) const;
    // Where any of them is in the text, in order.
    std::vector<FoldedText::Part> partsOf(const FoldedText& text) const;

  private:
    std::vector<FoldedText> words_;
};

}  // namespace netchat::connect
