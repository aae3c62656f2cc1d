#pragma once

// Words of a script with variables in them, and the variables. Pure.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat::bot {

// A script can double a variable with every line; no value that is of use is longer than a text.
inline constexpr size_t kValueBytesMax = limits::kTextBytesMax;
inline constexpr size_t kVariablesMax = 10'000;

struct Piece {
    enum class Kind { Literal, Variable };
    Kind kind;
    std::string text;  // what it says, or the variable's name
};

// Literal text and variables in turn; empty for an empty word.
using Template = std::vector<Piece>;
using Variables = std::map<std::string, std::string, std::less<>>;

// TooLong above kValueBytesMax; Internal for a variable that is not set, which a script that was
// parsed cannot ask for.
Result<std::string> expand(const Template& text, const Variables& variables);

// The same for a regular expression: values stand for themselves, their special characters escaped.
Result<std::string> expandPattern(const Template& text, const Variables& variables);

// The same for people and pipes: control and invisible characters of values have become harmless,
// and newlines spaces, so that no value can begin a line of its own.
Result<std::string> expandShown(const Template& text, const Variables& variables);

// As it was written: "build $n".
std::string written(const Template& text);

// Whether it says the same whatever the variables are; then literal() says what.
bool isLiteral(const Template& text);
std::string literal(const Template& text);

// [A-Za-z_][A-Za-z0-9_]*, at most 32 characters.
bool isVariableName(std::string_view name);

// "NAME=VALUE", as --var takes it.
Result<std::pair<std::string, std::string>> parseAssignment(std::string_view text);

}  // namespace netchat::bot
