#pragma once

// What the lines of a script have in common while they are read: the errors so far, and what is
// known of the variables. A script has no loops, so a variable whose value is written out, or comes
// from the command line, is known before anything runs; one that a match sets is only known to
// have a value by then.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "modes/bot/late.h"
#include "modes/bot/lexer.h"
#include "modes/bot/parser.h"

namespace netchat::bot {

// The variables that have a value; what it is, where that is known.
using KnownVariables = std::map<std::string, std::optional<std::string>, std::less<>>;

class ParseState {
  public:
    explicit ParseState(const ParseOptions& options);

    size_t line = 0;  // the one that is read, from 1
    KnownVariables known;
    // Those that only some lines of a block have set, and where that is.
    std::map<std::string, size_t, std::less<>> setBySome;

    void error(size_t column, std::string text);
    bool full() const { return errors_.size() >= kParseErrorsMax; }
    std::vector<ParseError>& errors() { return errors_; }

    // Each is false, and an error, where it is not so.
    bool check(const Word& word, const Status& status);
    bool variablesKnown(const Word& word);
    // A number or a duration: into its place if it is known, else for later.
    bool number(const Word& word, Step& step, Late late);

    // What it says, where that is known.
    std::optional<std::string> constant(const Template& text) const;
    // A line of the script gives the variable this value.
    void learn(const std::string& name, std::optional<std::string> value);

  private:
    std::vector<ParseError> errors_;
};

// What is known where either may have happened.
KnownVariables knownByBoth(const KnownVariables& a, const KnownVariables& b);

std::string inQuotes(std::string_view text);
// A word that looks like KEY=VALUE where none is meant.
Template wholeWord(const Word& word);

}  // namespace netchat::bot
