#pragma once

// The words of `expect`, and the lines of its blocks:
//
//     BOT: expect any {
//         msg from=boss /^reject (?<why>.+)/ -> exit 7
//     } within 10m

#include <string_view>
#include <vector>

#include "modes/bot/parse_state.h"

namespace netchat::bot {

class ExpectParser {
  public:
    // The state must outlive it.
    explicit ExpectParser(ParseState& state) : state_(state) {}

    // words: BOT: expect …, without its `within`. `step` is begun. False: there were errors.
    bool single(const std::vector<Word>& words, Step& step);

    // words: BOT: expect all|any {. What follows are the block's lines, also after an error.
    static bool opensBlock(const std::vector<Word>& words);
    void open(const std::vector<Word>& words, Step step);
    bool inBlock() const { return open_; }
    size_t blockLine() const { return block_.place.line; }
    // A line of the block that does not close it; `source` is how it was written.
    void line(const std::vector<Word>& words, std::string_view source);
    // The block's step, without its `within`; its header's line has its place. Nothing where there
    // were errors.
    std::optional<Step> close(size_t column);
    // A line of the block could not be read: its step is none.
    void spoil() { good_ = false; }
    // Gives the block up: it was not closed.
    void abandon();

  private:
    struct Target;

    bool words(const std::vector<Word>& words, size_t from, size_t to, Target& target);
    bool word(const Word& word, Target& target);
    bool count(const Word& word, Target& target);
    bool filter(const Word& word, Target& target);
    bool pattern(const Word& word, Target& target);
    bool compiles(const Word& word, Target& target);
    bool reaction(const std::vector<Word>& words, size_t arrow, BlockLine& line);
    void mergeKnown(bool ends);

    ParseState& state_;
    bool open_ = false;
    bool good_ = true;
    Step block_;
    KnownVariables before_;
    std::optional<KnownVariables> after_;  // of the lines so far; none: each has ended the script
};

// The names of a word's groups; an Error where it is no regular expression.
Result<std::vector<Group>> groupsOf(const Word& word);

// `compare`, too, has KEY=VALUE for the file that it means.
bool parseFilter(ParseState& state, const Word& word, Expectation& expectation);

}  // namespace netchat::bot
