#include "modes/bot/declare_parser.h"

#include <charconv>

#include "modes/bot/verbs.h"
#include "protocol/limits.h"
#include "protocol/names.h"

namespace netchat::bot {
namespace {

// ROOM,ROOM of a word, each of which may hold variables.
std::vector<Template> splitAtCommas(const Template& text) {
    std::vector<Template> parts(1);
    for (const Piece& piece : text) {
        if (piece.kind == Piece::Kind::Variable) {
            parts.back().push_back(piece);
            continue;
        }
        std::string_view rest = piece.text;
        for (size_t comma; (comma = rest.find(',')) != rest.npos; rest.remove_prefix(comma + 1)) {
            parts.back().push_back({Piece::Kind::Literal, std::string(rest.substr(0, comma))});
            parts.emplace_back();
        }
        parts.back().push_back({Piece::Kind::Literal, std::string(rest)});
    }
    std::erase_if(parts,
                  [](const Template& part) { return isLiteral(part) && literal(part).empty(); });
    return parts;
}

}  // namespace

std::optional<size_t> DeclareParser::find(const std::string& name) const {
    const auto found = bots_.find(name);
    return found == bots_.end() ? std::nullopt : std::optional(found->second);
}

bool DeclareParser::error(size_t column, std::string text) {
    state_.error(column, std::move(text));
    return false;
}

bool DeclareParser::declare(const std::vector<Word>& words, Step& step) {
    BotSpec common;
    common.classic = options_.classic;
    for (const std::string& room : options_.rooms)
        common.rooms.push_back({{Piece::Kind::Literal, room}});
    std::vector<const Word*> names;
    bool good = true;
    for (size_t i = 1; i < words.size(); ++i) {
        if (words[i].option) {
            good = option(words[i], common) && good;
        } else {
            names.push_back(&words[i]);
        }
    }
    if (names.empty())
        return error(words[0].column, "a bot needs a name: " + std::string(kBotUsage));
    if (!common.nick.empty() && names.size() > 1)
        return error(names[1]->column,
                     "-nick= can be used with one bot only: give each bot its own line");
    for (const Word* name : names) good = add(*name, common, step) && good;
    return good;
}

bool DeclareParser::option(const Word& word, BotSpec& spec) {
    if (!state_.variablesKnown(word)) return false;
    const std::string value = state_.constant(word.text).value_or("");
    if (word.key.empty() && value == "-classic") {
        spec.classic = true;
    } else if (word.key == "room") {
        spec.rooms = splitAtCommas(word.text);
        return roomsAreGood(word, spec.rooms);
    } else if (word.key == "nick" && !word.text.empty()) {
        spec.nick = word.text;
    } else if (word.key == "encoding" && !value.empty()) {
        spec.encoding = value;
    } else if (word.key == "header") {
        return header(word, value, spec);
    } else {
        return error(word.column, "not an option of bot: " + std::string(kBotUsage));
    }
    return true;
}

bool DeclareParser::header(const Word& word, const std::string& value, BotSpec& spec) {
    uint64_t width = 0;
    if (!readNumber(value, limits::kHeaderWidthMin, limits::kHeaderWidthMax, width))
        return error(word.column, "-header= must be a number from 2 to 20");
    spec.headerWidth = width;
    return true;
}

bool DeclareParser::roomsAreGood(const Word& word, const std::vector<Template>& rooms) {
    for (const Template& room : rooms) {
        if (isLiteral(room) && !state_.check(word, checkRoom(literal(room)))) return false;
    }
    return true;
}

std::optional<std::string> DeclareParser::nameOf(const Word& word) {
    const bool bare = !word.quoted && !word.isPattern && word.key.empty();
    if (bare && !state_.variablesKnown(word)) return {};
    const std::optional<std::string> known = state_.constant(word.text);
    if (bare && !known) {
        error(word.column, kBotNameIsLate);
        return {};
    }
    const std::string name = bare ? *known : "";
    if (!name.empty() && name.find(':') == name.npos && checkNick(name)) return name;
    error(word.column,
          "a bot's name must be one word of at most 64 characters without quotes and colons; "
          "-nick= gives it another nick in the chat");
    return {};
}

bool DeclareParser::add(const Word& word, const BotSpec& common, Step& step) {
    const std::optional<std::string> name = nameOf(word);
    if (!name) return false;
    const size_t index = script_.bots.size();
    if (bots_.count(*name))
        return error(word.column, "the bot " + inQuotes(*name) + " is already declared");
    if (index == kBotsMax)
        return error(word.column,
                     "a script can have at most " + std::to_string(kBotsMax) + " bots");
    if (!classicOptionsFit(word, common)) return false;
    BotSpec spec = common;
    spec.name = *name;
    if (spec.nick.empty()) spec.nick = {{Piece::Kind::Literal, *name}};
    bots_[*name] = index;
    step.bots.push_back(index);
    script_.bots.push_back(std::move(spec));
    return true;
}

bool DeclareParser::classicOptionsFit(const Word& word, const BotSpec& spec) {
    if (!spec.classic && (spec.headerWidth || spec.encoding))
        return error(word.column, "-header= and -encoding= can be used only with -classic");
    if (!isLiteral(spec.nick) || spec.nick.empty()) return true;
    const std::string nick = literal(spec.nick);
    return state_.check(word, spec.classic ? checkClassicName(nick) : checkNick(nick));
}

}  // namespace netchat::bot
