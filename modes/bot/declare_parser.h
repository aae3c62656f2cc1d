#pragma once

// The lines that declare bots: bot NAME… [options].

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "modes/bot/parse_state.h"

namespace netchat::bot {

// Which bot a line is about must be known before the script runs.
inline constexpr const char* kBotNameIsLate =
    "the name of a bot must be known before the script runs: write it out, or use a variable of "
    "--var or of an earlier `set`";

class DeclareParser {
  public:
    // All must outlive it.
    DeclareParser(ParseState& state, const ParseOptions& options, Script& script)
        : state_(state), options_(options), script_(script) {}

    // Puts them into the script, and their indexes into the step. False: there were errors.
    bool declare(const std::vector<Word>& words, Step& step);

    // The index of a bot that was declared.
    std::optional<size_t> find(const std::string& name) const;

  private:
    bool option(const Word& word, BotSpec& spec);
    bool header(const Word& word, const std::string& value, BotSpec& spec);
    bool roomsAreGood(const Word& word, const std::vector<Template>& rooms);
    bool add(const Word& word, const BotSpec& common, Step& step);
    std::optional<std::string> nameOf(const Word& word);
    bool classicOptionsFit(const Word& word, const BotSpec& spec);
    bool error(size_t column, std::string text);

    ParseState& state_;
    const ParseOptions& options_;
    Script& script_;
    std::map<std::string, size_t> bots_;
};

}  // namespace netchat::bot
