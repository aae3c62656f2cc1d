#include "modes/bot/expand.h"

#include <algorithm>

#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::bot {
namespace {

constexpr size_t kNameBytesMax = 32;  // PCRE's own bound on group names, which become variables

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

std::string escaped(std::string_view value) {
    std::string out;
    for (char c : value) {
        bool plain = isLetter(c) || isDigit(c) || (static_cast<unsigned char>(c) & 0x80);
        if (!plain) out += '\\';
        out += c;
    }
    return out;
}

template <class Form>
Result<std::string> join(const Template& text, const Variables& variables, Form form) {
    std::string out;
    for (const Piece& piece : text) {
        if (piece.kind == Piece::Kind::Literal) {
            out += piece.text;
        } else {
            auto found = variables.find(piece.text);
            if (found == variables.end())
                return Error{ErrorCode::Internal, "the variable $" + piece.text + " is not set"};
            out += form(found->second);
        }
        if (out.size() > kValueBytesMax)
            return Error{ErrorCode::TooLong, "after inserting variables this is longer than " +
                                                 std::to_string(kValueBytesMax) + " bytes"};
    }
    return out;
}

}  // namespace

Result<std::string> expand(const Template& text, const Variables& variables) {
    return join(text, variables,
                [](const std::string& value) -> const std::string& { return value; });
}

Result<std::string> expandPattern(const Template& text, const Variables& variables) {
    return join(text, variables, [](const std::string& value) { return escaped(value); });
}

Result<std::string> expandShown(const Template& text, const Variables& variables) {
    return join(text, variables, [](const std::string& value) { return neutralised(value); });
}

std::string written(const Template& text) {
    std::string out;
    for (const Piece& piece : text)
        out += piece.kind == Piece::Kind::Literal ? piece.text : "${" + piece.text + "}";
    return out;
}

bool isLiteral(const Template& text) {
    return std::all_of(text.begin(), text.end(),
                       [](const Piece& piece) { return piece.kind == Piece::Kind::Literal; });
}

std::string literal(const Template& text) {
    std::string out;
    for (const Piece& piece : text) out += piece.text;
    return out;
}

bool isVariableName(std::string_view name) {
    if (name.empty() || name.size() > kNameBytesMax || !isLetter(name.front())) return false;
    return std::all_of(name.begin(), name.end(), [](char c) { return isLetter(c) || isDigit(c); });
}

Result<std::pair<std::string, std::string>> parseAssignment(std::string_view text) {
    size_t equals = text.find('=');
    if (equals == std::string_view::npos || !isVariableName(text.substr(0, equals)))
        return Error{ErrorCode::BadValue,
                     "invalid variable \"" + std::string(text) +
                         "\"; use NAME=VALUE, with letters, digits and _ in NAME"};
    std::string_view value = text.substr(equals + 1);
    if (value.size() > kValueBytesMax || !utf8::isValid(value))
        return Error{ErrorCode::BadValue, "the value of " + std::string(text.substr(0, equals)) +
                                              " must be valid UTF-8 of at most 1 MiB"};
    return std::pair{std::string(text.substr(0, equals)), std::string(value)};
}

}  // namespace netchat::bot
