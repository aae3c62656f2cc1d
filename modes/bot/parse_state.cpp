#include "modes/bot/parse_state.h"

#include <algorithm>

namespace netchat::bot {

ParseState::ParseState(const ParseOptions& options) {
    for (const auto& [name, value] : options.variables) known[name] = value;
}

void ParseState::error(size_t column, std::string text) {
    if (!full()) errors_.push_back({{std::max<size_t>(line, 1), column}, std::move(text)});
}

bool ParseState::check(const Word& word, const Status& status) {
    if (!status) error(word.column, status.error().text);
    return static_cast<bool>(status);
}

bool ParseState::variablesKnown(const Word& word) {
    for (const Piece& piece : word.text) {
        if (piece.kind == Piece::Kind::Literal || known.count(piece.text)) continue;
        const auto some = setBySome.find(piece.text);
        std::string why = "$" + piece.text;
        if (some != setBySome.end()) {
            why += " is set by only some lines of the block of line " +
                   std::to_string(some->second) + ": a line before the block must `set` it";
        } else {
            why += " is not set by now: a line before must `set` or capture it, or --var " +
                   piece.text + "=VALUE; a dollar itself is $$";
        }
        error(word.column, why);
        return false;
    }
    return true;
}

bool ParseState::number(const Word& word, Step& step, Late late) {
    if (!variablesKnown(word)) return false;
    if (const std::optional<std::string> text = constant(word.text))
        return check(word, setNumber(step, late, *text));
    late.text = word.text;
    step.late.push_back(std::move(late));
    return true;
}

std::optional<std::string> ParseState::constant(const Template& text) const {
    Variables values;
    for (const Piece& piece : text) {
        if (piece.kind == Piece::Kind::Literal) continue;
        const auto found = known.find(piece.text);
        if (found == known.end() || !found->second) return {};
        values[piece.text] = *found->second;
    }
    Result<std::string> value = expand(text, values);
    if (!value) return {};
    return std::move(*value);
}

void ParseState::learn(const std::string& name, std::optional<std::string> value) {
    known[name] = std::move(value);
    setBySome.erase(name);
}

KnownVariables knownByBoth(const KnownVariables& a, const KnownVariables& b) {
    KnownVariables both;
    for (const auto& [name, value] : a) {
        const auto other = b.find(name);
        if (other == b.end()) continue;
        both[name] = other->second == value ? value : std::nullopt;
    }
    return both;
}

std::string inQuotes(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

Template wholeWord(const Word& word) {
    Template text = word.text;
    if (!word.key.empty()) text.insert(text.begin(), {Piece::Kind::Literal, word.key + "="});
    return text;
}

}  // namespace netchat::bot
