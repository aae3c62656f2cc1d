#include "modes/bot/parser.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "modes/bot/lexer.h"
#include "modes/bot/verbs.h"
#include "protocol/duration.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::bot {
namespace {

Result<uint64_t> parseNumber(std::string_view text) {
    uint64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        return Error{ErrorCode::BadText, "must be a whole number"};
    return value;
}

std::string quoted(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

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

// The column of the first control character but TAB; 0 for none.
size_t controlAt(std::string_view text) {
    for (size_t column = 1; !text.empty(); ++column) {
        char32_t c = utf8::next(text);
        if (c != '\t' && utf8::isControl(c)) return column;
    }
    return 0;
}

class Parser {
  public:
    explicit Parser(const ParseOptions& options)
        : options_(options), timeoutMs_(options.timeoutMs), known_(options.variables) {
        parsed_.script.name = options.name;
    }

    Parsed parse(std::string_view text) {
        if (text.size() > kScriptBytesMax) {
            error(1,
                  "a script is at most 1 MiB long; a longer run is better driven by JSON lines "
                  "(--stdin jsonl)");
            return std::move(parsed_);
        }
        if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
        while (!text.empty() && parsed_.errors.size() < kParseErrorsMax) {
            size_t end = std::min(text.find('\n'), text.size());
            line(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        if (parsed_.script.steps.empty() && parsed_.errors.empty())
            error(1, "the script has no step; it begins with a line such as: bot alice bob");
        return std::move(parsed_);
    }

  private:
    void error(size_t column, std::string text) {
        if (parsed_.errors.size() < kParseErrorsMax)
            parsed_.errors.push_back({{std::max<size_t>(line_, 1), column}, std::move(text)});
    }

    void add(Step step) {
        step.source = text_;
        parsed_.script.steps.push_back(std::move(step));
    }

    void line(std::string_view text) {
        ++line_;
        if (text.ends_with('\r')) text.remove_suffix(1);
        if (!utf8::isValid(text)) return error(1, "this line is not valid UTF-8");
        if (size_t column = controlAt(text))
            return error(column,
                         "a control character; it is written as an escape, such as \"\\u{1b}\"");
        Lexer lexer(text);
        if (lexer.atEnd()) return;
        size_t column = lexer.column();
        text_ = text.substr(text.find_first_not_of(" \t"));
        bool negated = lexer.takes('!');
        if (lexer.atEnd()) return error(column, "a ! stands before a step: ! BOT: expect …");
        std::vector<Word> words;
        if (!lex(lexer, words)) return;
        std::string head = words.front().bare();
        if (head.size() > 1 && head.ends_with(':')) {
            head.pop_back();
            botLine(head, words, negated, column);
        } else if (negated) {
            error(column, "a ! stands before a step of a bot: ! BOT: expect …");
        } else {
            scriptLine(head, words);
        }
    }

    // Regular expressions are possible behind `BOT: expect` only: paths begin with '/', too.
    bool lex(Lexer& lexer, std::vector<Word>& words) {
        while (!lexer.atEnd()) {
            bool patterns = words.size() >= 2 && words[1].bare() == "expect";
            Result<Word> word = lexer.next(patterns);
            if (!word) {
                error(lexer.errorColumn(), word.error().text);
                return false;
            }
            words.push_back(std::move(*word));
        }
        return true;
    }

    // ---- lines of the script

    void scriptLine(const std::string& head, std::vector<Word>& words) {
        const Word& first = words.front();
        if (head == "timeout") return timeout(words);
        if (head == "bot") return declare(words);
        const VerbRule* rule = findVerb(head, false);
        if (!rule) {
            bool forgotten = bots_.count(head) || findVerb(head, true) || head == "expect";
            return error(
                first.column,
                forgotten ? "a step of a bot begins with its name and a colon: alice: say 'hello'"
                          : quoted(written(first.text)) + " is no step of a script; there are " +
                                verbNames(false) + ", and BOT: VERB for each bot");
        }
        Step step = begin(*rule, first);
        if (arguments(*rule, words, 1, step)) finish(*rule, words, std::move(step));
    }

    void timeout(const std::vector<Word>& words) {
        if (words.size() != 2)
            return error(words[0].column, "timeout takes one duration: timeout 5s");
        if (std::optional<int64_t> ms = duration(words[1])) timeoutMs_ = *ms;
    }

    std::optional<int64_t> duration(const Word& word) {
        Result<int64_t> ms = parseDuration(word.bare());
        if (ms) return *ms;
        error(word.column, word.bare().empty() ? "a duration is written out: 500ms, 5s, 2m, 1h"
                                               : ms.error().text);
        return {};
    }

    void declare(const std::vector<Word>& words) {
        Step step{.place = {line_, words[0].column}, .verb = Verb::Bots, .waitMs = timeoutMs_};
        BotSpec common;
        common.classic = options_.classic;
        std::vector<const Word*> names;
        bool good = true;
        for (const std::string& room : options_.rooms)
            common.rooms.push_back({{Piece::Kind::Literal, room}});
        for (size_t i = 1; i < words.size(); ++i) {
            if (words[i].option) {
                good = botOption(words[i], common) && good;
            } else {
                names.push_back(&words[i]);
            }
        }
        if (names.empty())
            return error(words[0].column, "a bot needs a name: " + std::string(kBotUsage));
        if (!common.nick.empty() && names.size() > 1)
            return error(names[1]->column, "-nick= is for one bot: give each its own line");
        for (const Word* name : names) good = addBot(*name, common, step) && good;
        if (good) add(std::move(step));
    }

    bool botOption(const Word& word, BotSpec& spec) {
        if (word.key != "header" && word.key != "encoding" && !variablesKnown(word)) return false;
        std::string value = isLiteral(word.text) ? literal(word.text) : "";
        if (word.key.empty() && value == "-classic") {
            spec.classic = true;
        } else if (word.key == "room") {
            spec.rooms = splitAtCommas(word.text);
            return checkLiteralRooms(word, spec.rooms);
        } else if (word.key == "nick" && !word.text.empty()) {
            spec.nick = word.text;
        } else if (word.key == "encoding" && !value.empty()) {
            spec.encoding = value;
        } else if (word.key == "header") {
            Result<uint64_t> width = parseNumber(value);
            if (!width || *width < limits::kHeaderWidthMin || *width > limits::kHeaderWidthMax) {
                error(word.column, "-header= must be a number from 2 to 20");
                return false;
            }
            spec.headerWidth = *width;
        } else {
            error(word.column, "not an option of bot: " + std::string(kBotUsage));
            return false;
        }
        return true;
    }

    bool checkLiteralRooms(const Word& word, const std::vector<Template>& rooms) {
        for (const Template& room : rooms) {
            if (isLiteral(room) && !check(word, checkRoom(literal(room)))) return false;
        }
        return true;
    }

    bool addBot(const Word& word, const BotSpec& common, Step& step) {
        std::string name = word.bare();
        if (name.empty() || name.find(':') != name.npos || !checkNick(name)) {
            error(word.column,
                  "a bot's name is one word of at most 64 characters without quotes, "
                  "$ and colons; -nick= gives it another nick in the chat");
            return false;
        }
        if (bots_.count(name)) {
            error(word.column, "there is a bot " + quoted(name) + " already");
            return false;
        }
        if (parsed_.script.bots.size() == kBotsMax) {
            error(word.column, "a script has at most " + std::to_string(kBotsMax) + " bots");
            return false;
        }
        if (!checkClassicOptions(word, common)) return false;
        BotSpec spec = common;
        spec.name = name;
        if (spec.nick.empty()) spec.nick = {{Piece::Kind::Literal, name}};
        bots_[name] = parsed_.script.bots.size();
        step.bots.push_back(parsed_.script.bots.size());
        parsed_.script.bots.push_back(std::move(spec));
        return true;
    }

    bool checkClassicOptions(const Word& word, const BotSpec& spec) {
        if (!spec.classic && (spec.headerWidth || spec.encoding)) {
            error(word.column, "-header= and -encoding= are for bots that are -classic");
            return false;
        }
        if (isLiteral(spec.nick) && !spec.nick.empty()) {
            std::string nick = literal(spec.nick);
            return check(word, spec.classic ? checkClassicName(nick) : checkNick(nick));
        }
        return true;
    }

    bool check(const Word& word, const Status& status) {
        if (!status) error(word.column, status.error().text);
        return static_cast<bool>(status);
    }

    // ---- lines of a bot

    void botLine(const std::string& name, std::vector<Word>& words, bool negated, size_t column) {
        auto found = bots_.find(name);
        if (found == bots_.end())
            return error(words[0].column, "there is no bot " + quoted(name) +
                                              " yet; a line before this one must say: bot " + name);
        if (words.size() == 1)
            return error(words[0].column,
                         "what should " + name + " do? There are " + verbNames(true));
        std::string verb = words[1].bare();
        const BotSpec& spec = parsed_.script.bots[found->second];
        if (verb == "expect") return expect(found->second, words, negated);
        const VerbRule* rule = findVerb(verb, true);
        if (!rule)
            return error(words[1].column, quoted(written(words[1].text)) +
                                              " is nothing that a bot does; there are " +
                                              verbNames(true));
        if (negated && !rule->mayFail)
            return error(
                column,
                "a ! is for expect, compare and what a server can refuse, not for " + quoted(verb));
        if (spec.classic && rule->speaks == Speaks::V2Only)
            return error(
                words[1].column,
                name + " speaks the classic dialect, which has no " + quoted(verb) +
                    "; it has say, upload, expect, compare, exit, disconnect and reconnect");
        Step step = begin(*rule, words[0]);
        step.negated = negated;
        step.bots = {found->second};
        if (!takeWithin(*rule, words, step)) return;
        if (!arguments(*rule, words, 2, step)) return;
        if (!checkRoomKnown(spec, step, words[1])) return;
        finish(*rule, words, std::move(step));
    }

    Step begin(const VerbRule& rule, const Word& first) {
        Step step{.place = {line_, first.column}, .verb = rule.verb, .waitMs = timeoutMs_};
        if (rule.verb == Verb::Compare) step.expectation.kind = Expected::File;
        return step;
    }

    // `within D` at the end. A text that happens to be "within" is quoted.
    bool takeWithin(const VerbRule& rule, std::vector<Word>& words, Step& step) {
        if (!rule.waits || words.size() < 4 || words[words.size() - 2].bare() != "within")
            return true;
        return popWithin(words, step);
    }

    bool popWithin(std::vector<Word>& words, Step& step) {
        std::optional<int64_t> ms = duration(words.back());
        if (!ms) return false;
        step.waitMs = *ms;
        words.resize(words.size() - 2);
        return true;
    }

    bool arguments(const VerbRule& rule, const std::vector<Word>& words, size_t from, Step& step) {
        bool good = true;
        for (size_t i = from; i < words.size(); ++i) {
            const Word& word = words[i];
            good = variablesKnown(word) && good;
            if (word.option && !word.quoted) {
                good = option(rule, word, step) && good;
            } else if (rule.verb == Verb::Compare && !word.key.empty() && !step.args.empty()) {
                good = filter(word, step.expectation) && good;
            } else {
                step.args.push_back(whole(word));
            }
        }
        if (!good) return false;
        if (step.args.size() >= rule.argsMin && step.args.size() <= rule.argsMax) return true;
        bool text = rule.verb == Verb::Say || rule.verb == Verb::Tell;
        error(
            words[std::min(from, words.size() - 1)].column,
            "this is written: " + std::string(rule.usage) +
                (text && step.args.size() > rule.argsMax ? " (a text of several words needs quotes)"
                                                         : ""));
        return false;
    }

    // A word that looks like KEY=VALUE where none is meant.
    static Template whole(const Word& word) {
        Template text = word.text;
        if (!word.key.empty()) text.insert(text.begin(), {Piece::Kind::Literal, word.key + "="});
        return text;
    }

    bool option(const VerbRule& rule, const Word& word, Step& step) {
        if (rule.verb == Verb::Set && word.bare() == "-default") {
            step.value = 1;
            return true;
        }
        std::string padded = " " + std::string(rule.options) + " ";
        if (word.key.empty() || padded.find(" " + word.key + " ") == padded.npos) {
            error(word.column, "not an option of " + std::string(rule.name) + ": " +
                                   std::string(rule.usage) +
                                   "; a text that begins with - needs quotes");
            return false;
        }
        if (word.key == "room") {
            step.room = word.text;
            return !isLiteral(word.text) || check(word, checkRoom(literal(word.text)));
        }
        Result<uint64_t> number = parseNumber(isLiteral(word.text) ? literal(word.text) : "");
        if (!number ||
            (word.key == "limit" && (*number == 0 || *number > limits::kHistoryEntriesMax))) {
            error(word.column, "-" + word.key + "= must be a whole number" +
                                   (word.key == "limit" ? " from 1 to 1000" : ""));
            return false;
        }
        if (word.key == "limit") {
            step.limit = *number;
        } else {
            step.value = *number;
        }
        return true;
    }

    bool checkRoomKnown(const BotSpec& spec, const Step& step, const Word& verb) {
        bool speaks = step.verb == Verb::Say || step.verb == Verb::Upload;
        if (speaks && spec.classic && step.room) {
            error(verb.column, spec.name +
                                   " speaks the classic dialect, which has no rooms: it is "
                                   "always in the lobby");
            return false;
        }
        bool asks = step.verb == Verb::History && step.args.empty();
        if (((speaks && !step.room) || asks) && !spec.classic && spec.rooms.empty()) {
            error(verb.column, spec.name + " is in no room by itself, so the room must be said: " +
                                   (asks ? "history ROOM" : "-room=ROOM"));
            return false;
        }
        return true;
    }

    // What is left to check once the words are in their places.
    void finish(const VerbRule& rule, const std::vector<Word>& words, Step step) {
        switch (rule.verb) {
            case Verb::Set: {
                step.name = isLiteral(step.args[0]) ? literal(step.args[0]) : "";
                if (!isVariableName(step.name))
                    return error(words[1].column,
                                 "a variable's name is letters, digits and _, "
                                 "without the $: set NAME VALUE");
                step.args.erase(step.args.begin());
                known_.insert(step.name);
                break;
            }
            case Verb::Sleep: {
                std::optional<int64_t> ms = duration(words.back());
                if (!ms) return;
                step.value = static_cast<uint64_t>(*ms);
                break;
            }
            case Verb::Exit: {
                if (step.args.empty()) break;
                Result<uint64_t> code = parseNumber(words.back().bare());
                if (!code || *code > 255)
                    return error(words.back().column, "an exit code is a number from 0 to 255");
                step.value = *code;
                break;
            }
            default:
                if (!checkLiteralName(step, words)) return;
        }
        add(std::move(step));
    }

    // A nick or a room that is written out can be judged before anything is connected. Where a
    // refusal is what the script wants, it is left to the server.
    bool checkLiteralName(const Step& step, const std::vector<Word>& words) {
        if (step.negated || step.args.empty() || !isLiteral(step.args[0])) return true;
        std::string value = literal(step.args[0]);
        switch (step.verb) {
            case Verb::Join:
            case Verb::Leave:
            case Verb::Who:
            case Verb::History:
                return check(words.back(), checkRoom(value));
            case Verb::Nick:
                return check(words.back(), checkNick(value));
            default:
                return true;
        }
    }

    // ---- expectations

    void expect(size_t bot, std::vector<Word>& words, bool negated) {
        Step step{.place = {line_, words[0].column}, .verb = Verb::Expect, .negated = negated};
        step.bots = {bot};
        step.waitMs = timeoutMs_;
        if (words.size() >= 4 && words[words.size() - 2].bare() == "within" &&
            !popWithin(words, step))
            return;
        const KindRule* rule = nullptr;
        bool good = true;
        for (size_t i = 2; i < words.size(); ++i)
            good = expectWord(words[i], step.expectation, rule, negated) && good;
        if (!good) return;
        if (!rule)
            return error(words[1].column, "expect needs a kind of event: " + kindNames() +
                                              "; this is written: " + std::string(kExpectUsage));
        add(std::move(step));
    }

    bool expectWord(const Word& word, Expectation& expectation, const KindRule*& rule,
                    bool negated) {
        if (word.option) return count(word, expectation, negated);
        if (!rule) {
            rule = findKind(word.bare());
            if (rule) {
                expectation.kind = rule->kind;
                return true;
            }
            error(word.column,
                  quoted(written(whole(word))) + " is no kind of event; there are " + kindNames());
            return false;
        }
        if (word.isPattern) return pattern(word, expectation, negated);
        if (!word.key.empty()) return variablesKnown(word) && filter(word, expectation);
        error(word.column, "after the kind come KEY=VALUE, /REGEX/ and within DURATION, not " +
                               quoted(written(word.text)) +
                               "; a text is matched exactly by text='…'");
        return false;
    }

    bool count(const Word& word, Expectation& expectation, bool negated) {
        Result<uint64_t> number = parseNumber(isLiteral(word.text) ? literal(word.text) : "");
        if (word.key != "count" || !number || *number == 0 || *number > 1'000'000) {
            error(word.column, "the option of expect is -count=N, with N from 1 to 1000000");
            return false;
        }
        if (negated) {
            error(word.column, "-count= has no meaning behind a !, where not one may come");
            return false;
        }
        expectation.count = *number;
        return true;
    }

    bool filter(const Word& word, Expectation& expectation) {
        const KindRule& rule = ruleOf(expectation.kind);
        if (!hasKey(rule, word.key)) {
            error(word.column, std::string(rule.name) + " has no " + quoted(word.key) +
                                   "; it has " + std::string(rule.keys));
            return false;
        }
        if (isLiteral(word.text) && !check(word, checkFilterValue(word.key, literal(word.text))))
            return false;
        expectation.filters.push_back({word.key, word.text});
        return true;
    }

    bool pattern(const Word& word, Expectation& expectation, bool negated) {
        if (!variablesKnown(word)) return false;
        if (expectation.pattern) {
            error(word.column, "one regular expression is possible; a|b is either");
            return false;
        }
        Variables placeholders;
        for (const Piece& piece : word.text) {
            if (piece.kind == Piece::Kind::Variable) placeholders[piece.text] = "x";
        }
        Result<std::string> source = expandPattern(word.text, placeholders);
        Result<Pattern> compiled =
            source ? Pattern::compile(*source, word.flags) : Result<Pattern>(source.error());
        if (!compiled) {
            error(word.column, compiled.error().text);
            return false;
        }
        for (const Group& group : compiled->groups()) {
            if (!negated) known_.insert(group.name);
        }
        expectation.pattern = PatternSource{word.text, word.flags};
        return true;
    }

    bool variablesKnown(const Word& word) {
        for (const Piece& piece : word.text) {
            if (piece.kind == Piece::Kind::Literal || known_.count(piece.text)) continue;
            error(word.column, "$" + piece.text +
                                   " is not set by now: a line before must `set` or "
                                   "capture it, or --var " +
                                   piece.text + "=VALUE; a dollar itself is $$");
            return false;
        }
        return true;
    }

    const ParseOptions& options_;
    int64_t timeoutMs_;
    std::set<std::string> known_;
    std::map<std::string, size_t> bots_;
    size_t line_ = 0;
    std::string_view text_;  // of the line, without its indentation
    Parsed parsed_;
};

}  // namespace

Parsed parseScript(std::string_view text, const ParseOptions& options) {
    return Parser(options).parse(text);
}

std::string errorLine(std::string_view scriptName, const ParseError& error) {
    return forLog(scriptName, 200) + ":" + std::to_string(error.place.line) + ":" +
           std::to_string(error.place.column) + ": " + forLog(error.text, 1000);
}

}  // namespace netchat::bot
