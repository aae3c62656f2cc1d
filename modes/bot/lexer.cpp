#include "modes/bot/lexer.h"

#include <algorithm>
#include <charconv>

#include "protocol/utf8.h"

namespace netchat::bot {
namespace {

bool isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool isNameRest(char c) {
    return isNameStart(c) || (c >= '0' && c <= '9');
}

void addLiteral(Template& text, std::string_view bytes) {
    if (text.empty() || text.back().kind != Piece::Kind::Literal)
        text.push_back({Piece::Kind::Literal, {}});
    text.back().text += bytes;
}

}  // namespace

std::string Word::bare() const {
    if (quoted || isPattern || !key.empty() || !isLiteral(text)) return {};
    return literal(text);
}

bool Lexer::atEnd() {
    skipSpace();
    return done() || line_[at_] == '#';
}

bool Lexer::takes(char c) {
    skipSpace();
    if (done() || line_[at_] != c) return false;
    ++at_;
    return true;
}

size_t Lexer::column() {
    skipSpace();
    return columnAt(at_);
}

void Lexer::skipSpace() {
    while (!done() && atBreak()) ++at_;
}

size_t Lexer::columnAt(size_t at) const {
    return utf8::length(line_.substr(0, at)) + 1;
}

Error Lexer::fail(size_t at, std::string text) {
    errorColumn_ = columnAt(at);
    return {ErrorCode::BadValue, std::move(text)};
}

// "room" of `room=`; nothing is taken when no '=' follows the letters.
std::string Lexer::takeKey() {
    size_t end = at_;
    while (end < line_.size() && isNameRest(line_[end])) ++end;
    if (end == at_ || end == line_.size() || line_[end] != '=') return {};
    std::string key(line_.substr(at_, end - at_));
    at_ = end + 1;
    return key;
}

Result<Word> Lexer::next(Patterns patterns) {
    skipSpace();
    Word word{.column = columnAt(at_)};
    errorColumn_ = word.column;
    if (patterns == Patterns::All && line_[at_] == '/') return pattern(std::move(word));
    word.quoted = line_[at_] == '\'' || line_[at_] == '"';
    size_t start = at_;
    if (line_[at_] == '-') ++at_;
    word.key = takeKey();
    word.option = line_[start] == '-';
    if (word.key.empty()) at_ = start;
    const bool slash = !word.key.empty() && !word.option && !done() && line_[at_] == '/';
    if (slash && patterns != Patterns::None && !(word.key == "text" && textIsLiteral()))
        return pattern(std::move(word));
    while (!atBreak()) {
        if (Step error = part(word)) return *error;
    }
    return word;
}

Lexer::Step Lexer::part(Word& word) {
    switch (line_[at_]) {
        case '\'':
        case '"':
            return quotedPart(word);
        case '$':
            return variable(word.text);
        default:
            addLiteral(word.text, line_.substr(at_++, 1));
            return {};
    }
}

Lexer::Step Lexer::quotedPart(Word& word) {
    size_t start = at_;
    char quote = line_[at_++];
    addLiteral(word.text, "");
    while (!done() && line_[at_] != quote) {
        Step error;
        if (line_[at_] == '$') {
            error = variable(word.text);
        } else if (quote == '"' && line_[at_] == '\\') {
            error = escape(word);
        } else {
            addLiteral(word.text, line_.substr(at_++, 1));
        }
        if (error) return error;
    }
    if (done()) return fail(start, std::string("this ") + quote + " is not closed on its line");
    ++at_;
    return {};
}

Lexer::Step Lexer::escape(Word& word) {
    static constexpr std::string_view kHelp =
        "; the escapes are \\n \\t \\\\ \\\" \\$ and \\u{HEX}";
    size_t start = at_++;
    char c = done() ? '\0' : line_[at_++];
    switch (c) {
        case 'n':
            addLiteral(word.text, "\n");
            return {};
        case 't':
            addLiteral(word.text, "\t");
            return {};
        case '\\':
        case '"':
        case '$':
            addLiteral(word.text, std::string_view(&c, 1));
            return {};
        case 'u':
            break;
        default:
            return fail(start, "unknown escape" + std::string(kHelp));
    }
    size_t close = line_.find('}', at_);
    uint32_t value = 0;
    if (done() || line_[at_] != '{' || close == std::string_view::npos)
        return fail(start, "\\u needs {HEX}" + std::string(kHelp));
    const char* end = line_.data() + close;
    auto [rest, error] = std::from_chars(line_.data() + at_ + 1, end, value, 16);
    bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (error != std::errc{} || rest != end || value > 0x10FFFF || surrogate || value == 0)
        return fail(start, "\\u{…} must be a character's number in hexadecimal, 1 to 10ffff");
    std::string bytes;
    utf8::append(bytes, value);
    addLiteral(word.text, bytes);
    at_ = close + 1;
    return {};
}

Lexer::Step Lexer::variable(Template& text) {
    size_t start = at_++;
    if (!done() && line_[at_] == '$') {
        ++at_;
        addLiteral(text, "$");
        return {};
    }
    bool braced = !done() && line_[at_] == '{';
    if (braced) ++at_;
    size_t from = at_;
    while (!done() && isNameRest(line_[at_])) ++at_;
    std::string name(line_.substr(from, at_ - from));
    bool closed = !braced || (!done() && line_[at_++] == '}');
    if (!isVariableName(name) || !closed)
        return fail(start, "a $ begins a variable, $name or ${name}; write $$ for a dollar sign");
    text.push_back({Piece::Kind::Variable, std::move(name)});
    return {};
}

// A text may be a path or a command, such as /tmp/x or /help: it is a pattern only where it ends
// as one does. No other value begins with a slash.
bool Lexer::textIsLiteral() const {
    size_t at = at_ + 1;
    while (at < line_.size() && line_[at] != '/') at += line_[at] == '\\' ? 2 : 1;
    if (at >= line_.size()) return true;
    const size_t end = std::min(line_.find_first_of(" \t", ++at), line_.size());
    return line_.substr(at, end - at).find_first_not_of("ims") != std::string_view::npos;
}

// In a pattern only ${name} is a variable: elsewhere $ is the end of the text.
Result<Word> Lexer::pattern(Word word) {
    size_t start = at_++;
    word.isPattern = true;
    addLiteral(word.text, "");
    while (!done() && line_[at_] != '/') {
        if (line_.substr(at_, 2) == "${") {
            if (Step error = variable(word.text)) return *error;
            continue;
        }
        size_t size = line_[at_] == '\\' && at_ + 1 < line_.size() ? 2 : 1;
        addLiteral(word.text, line_.substr(at_, size));
        at_ += size;
    }
    if (done())
        return fail(
            start,
            "this regular expression is not closed by a / on its line; write a / in it as \\/");
    ++at_;
    while (!atBreak()) word.flags += line_[at_++];
    return word;
}

}  // namespace netchat::bot
