#pragma once

// Cuts a line of a script into words. Pure.
//
//     alice: say -room=dev 'build $n is "ready"'   # a comment
//     ^word  ^w  ^key room ^quoted
//
// A word is parts side by side: bare characters, '…' (only variables mean something) and "…"
// (variables, and escapes with \). In all of them $name, ${name} are variables and $$ is a dollar.

#include <optional>
#include <string>
#include <string_view>

#include "modes/bot/expand.h"
#include "protocol/result.h"

namespace netchat::bot {

struct Word {
    size_t column = 1;
    Template text = {};      // without the key
    std::string key = {};    // "room" of room=dev and of -room=dev
    bool option = false;     // begins with a bare '-'
    bool quoted = false;     // begins with a quote, so that it is never an option or a keyword
    std::string flags = {};  // after the second slash of /…/flags, whose pattern is the text
    bool isPattern = false;  // /…/, or KEY=/…/

    // The word where it is bare, has no key and no variable; otherwise empty.
    std::string bare() const;
};

class Lexer {
  public:
    explicit Lexer(std::string_view line) : line_(line) {}

    // At the end, or at a comment.
    bool atEnd();
    // Where a '/' begins a regular expression: paths begin with one, too.
    enum class Patterns {
        None,
        Values,  // in KEY=/…/
        All,     // and in /…/
    };
    // The next word, which must be there. An Error's place is errorColumn().
    Result<Word> next(Patterns patterns = Patterns::None);
    // Takes `c` if it is what comes next, after white space.
    bool takes(char c);

    size_t column();
    size_t errorColumn() const { return errorColumn_; }

  private:
    using Step = std::optional<Error>;

    void skipSpace();
    size_t columnAt(size_t at) const;
    Error fail(size_t at, std::string text);
    std::string takeKey();
    Step part(Word& word);
    Step quotedPart(Word& word);
    Step escape(Word& word);
    Step variable(Template& text);
    Result<Word> pattern(Word word);
    bool textIsLiteral() const;
    bool done() const { return at_ >= line_.size(); }
    bool atBreak() const { return done() || line_[at_] == ' ' || line_[at_] == '\t'; }

    std::string_view line_;
    size_t at_ = 0;
    size_t errorColumn_ = 1;
};

}  // namespace netchat::bot
