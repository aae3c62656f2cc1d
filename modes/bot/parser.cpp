#include "modes/bot/parser.h"

#include <algorithm>

#include "modes/bot/declare_parser.h"
#include "modes/bot/expect_parser.h"
#include "modes/bot/parse_state.h"
#include "modes/bot/verbs.h"
#include "protocol/limits.h"
#include "protocol/names.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::bot {
namespace {

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
        : state_(options), expects_(state_), bots_(state_, options, script_) {
        timeout_.waitMs = options.timeoutMs;
        script_.name = options.name;
    }

    Parsed parse(std::string_view text) {
        read(text);
        return {std::move(script_), std::move(state_.errors())};
    }

  private:
    void read(std::string_view text) {
        if (text.size() > kScriptBytesMax)
            return error(
                1,
                "a script can have at most 1 MiB; use JSON lines for a longer run (--stdin jsonl)");
        if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
        while (!text.empty() && !state_.full()) {
            size_t end = std::min(text.find('\n'), text.size());
            line(text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        if (expects_.inBlock())
            return error(1, "the block of line " + std::to_string(expects_.blockLine()) +
                                " is not closed: a } alone on a line ends it");
        if (script_.steps.empty() && state_.errors().empty())
            error(1, "the script has no step; begin it with a line such as: bot alice bob");
    }

    void error(size_t column, std::string text) { state_.error(column, std::move(text)); }

    void add(Step step) {
        step.source = text_;
        script_.steps.push_back(std::move(step));
    }

    void line(std::string_view text) {
        ++state_.line;
        if (text.ends_with('\r')) text.remove_suffix(1);
        if (!utf8::isValid(text)) return error(1, "this line is not valid UTF-8");
        if (size_t column = controlAt(text))
            return error(column, "a control character; write it as an escape, such as \"\\u{1b}\"");
        Lexer lexer(text);
        if (lexer.atEnd()) return;
        text_ = text.substr(text.find_first_not_of(" \t"));
        if (expects_.inBlock()) return blockLine(text);
        size_t column = lexer.column();
        bool negated = lexer.takes('!');
        if (lexer.atEnd()) return error(column, "a ! must be followed by a step: ! BOT: expect …");
        std::vector<Word> words;
        if (!lex(lexer, words)) return;
        std::optional<std::string> bot = botName(words.front());
        if (!bot) return;
        if (!bot->empty()) {
            botLine(*bot, words, negated, column);
        } else if (negated) {
            error(column, "a ! must be followed by a step of a bot: ! BOT: expect …");
        } else {
            scriptLine(words.front().bare(), words);
        }
    }

    // Paths begin with '/', too, so regular expressions are possible only behind `expect`, and as
    // the values of `compare`.
    static Lexer::Patterns patternsAfter(const std::vector<Word>& words) {
        if (words.size() < 2) return Lexer::Patterns::None;
        const std::string verb = words[1].bare();
        if (verb == "expect") return Lexer::Patterns::All;
        return verb == "compare" ? Lexer::Patterns::Values : Lexer::Patterns::None;
    }

    bool lex(Lexer& lexer, std::vector<Word>& words) {
        while (!lexer.atEnd()) {
            if (!take(lexer.next(patternsAfter(words)), lexer, words)) return false;
        }
        return true;
    }

    bool take(Result<Word> word, const Lexer& lexer, std::vector<Word>& words) {
        if (word) {
            words.push_back(std::move(*word));
        } else {
            error(lexer.errorColumn(), word.error().text);
        }
        return static_cast<bool>(word);
    }

    // "alice" of `alice:`, or of `$who:`; empty where the line is no bot's, nothing where it cannot
    // be told whose it is.
    std::optional<std::string> botName(const Word& word) {
        const bool colon = !word.text.empty() && word.text.back().kind == Piece::Kind::Literal &&
                           word.text.back().text.ends_with(':');
        if (!colon || word.quoted || !word.key.empty()) return "";
        if (!isLiteral(word.text) && !state_.variablesKnown(word)) return {};
        std::optional<std::string> name = state_.constant(word.text);
        if (!name) {
            error(word.column, kBotNameIsLate);
            return {};
        }
        name->pop_back();
        return name;
    }

    // ---- lines of the script

    void scriptLine(const std::string& head, std::vector<Word>& words) {
        const Word& first = words.front();
        if (head == "timeout") return timeout(words);
        if (head == "bot") {
            Step step = stepAt(words[0], Verb::Bots);
            if (bots_.declare(words, step)) add(std::move(step));
            return;
        }
        const VerbRule* rule = findVerb(head, false);
        if (!rule) {
            bool forgotten = bots_.find(head) || findVerb(head, true) || head == "expect";
            if (head == "}") return error(first.column, "this } closes no block");
            return error(
                first.column,
                forgotten
                    ? "a step of a bot must begin with its name and a colon: alice: say 'hello'"
                    : inQuotes(written(first.text)) + " is not a step of a script; use " +
                          verbNames(false) + ", or BOT: VERB");
        }
        Step step = begin(*rule, first);
        if (arguments(*rule, words, 1, step)) finish(*rule, words, std::move(step));
    }

    void timeout(const std::vector<Word>& words) {
        if (words.size() != 2)
            return error(words[0].column, "usage: timeout DURATION, such as: timeout 5s");
        Step step{.place = {}};
        if (!duration(words[1], step, Late::What::Wait)) return;
        timeout_ = std::move(step);
    }

    bool duration(const Word& word, Step& step, Late::What what) {
        if (word.key.empty() && !word.option && !word.text.empty())
            return state_.number(word, step, {what});
        error(word.column, "a duration must look like 500ms, 5s, 2m or 1h");
        return false;
    }

    // A step that waits as long as the `timeout` in force says.
    Step stepAt(const Word& word, Verb verb) {
        return {.place = {state_.line, word.column},
                .verb = verb,
                .waitMs = timeout_.waitMs,
                .late = timeout_.late};
    }

    // ---- lines of a bot

    void botLine(const std::string& name, std::vector<Word>& words, bool negated, size_t column) {
        const std::optional<size_t> found = bots_.find(name);
        if (!found)
            return error(words[0].column, "unknown bot " + inQuotes(name) +
                                              "; declare it in an earlier line: bot " + name);
        if (words.size() == 1)
            return error(words[0].column, name + " needs a command: " + verbNames(true));
        std::string verb = words[1].bare();
        const BotSpec& spec = script_.bots[*found];
        if (verb == "expect") return expect(*found, words, negated);
        const VerbRule* rule = findVerb(verb, true);
        if (!rule)
            return error(words[1].column, inQuotes(written(words[1].text)) +
                                              " is not a command of a bot; use " + verbNames(true));
        if (negated && !rule->mayFail)
            return error(column,
                         "a ! can be used with expect, compare and requests that a server can "
                         "refuse, not with " +
                             inQuotes(verb));
        if (spec.classic && rule->speaks == Speaks::V2Only)
            return error(words[1].column, name + " uses the classic protocol, which has no " +
                                              inQuotes(verb) + "; use " + classicVerbNames());
        Step step = begin(*rule, words[0]);
        step.negated = negated;
        step.bots = {*found};
        if (!takeWithin(*rule, words, step)) return;
        if (!arguments(*rule, words, 2, step)) return;
        if (!checkRoomKnown(spec, step, words[1])) return;
        finish(*rule, words, std::move(step));
    }

    Step begin(const VerbRule& rule, const Word& first) {
        Step step = stepAt(first, rule.verb);
        if (rule.verb == Verb::Compare) step.expectation.kind = findKind("file");
        return step;
    }

    // `within D` at the end. A text that happens to be "within" is quoted.
    bool takeWithin(const VerbRule& rule, std::vector<Word>& words, Step& step) {
        return !rule.waits || !endsWithin(words, 4) || popWithin(words, step);
    }

    static bool endsWithin(const std::vector<Word>& words, size_t wordsMin) {
        return words.size() >= wordsMin && words[words.size() - 2].bare() == "within";
    }

    bool popWithin(std::vector<Word>& words, Step& step) {
        std::erase_if(step.late, [](const Late& late) { return late.what == Late::What::Wait; });
        if (!duration(words.back(), step, Late::What::Wait)) return false;
        words.resize(words.size() - 2);
        return true;
    }

    bool arguments(const VerbRule& rule, const std::vector<Word>& words, size_t from, Step& step) {
        bool good = true;
        for (size_t i = from; i < words.size(); ++i) {
            const Word& word = words[i];
            if (word.option && !word.quoted) {
                good = option(rule, word, step) && good;
            } else if (rule.verb == Verb::Compare && !word.key.empty() && !step.args.empty()) {
                good = fileFilter(word, step.expectation) && good;
            } else {
                good = state_.variablesKnown(word) && good;
                step.args.push_back(wholeWord(word));
            }
        }
        if (!good) return false;
        if (step.args.size() >= rule.argsMin && step.args.size() <= rule.argsMax) return true;
        bool text = rule.verb == Verb::Say || rule.verb == Verb::Tell;
        error(
            words[std::min(from, words.size() - 1)].column,
            "usage: " + std::string(rule.usage) +
                (text && step.args.size() > rule.argsMax ? " (a text of several words needs quotes)"
                                                         : ""));
        return false;
    }

    bool fileFilter(const Word& word, Expectation& expectation) {
        if (!parseFilter(state_, word, expectation)) return false;
        return !word.isPattern || patternIsGood(word);
    }

    bool patternIsGood(const Word& word) {
        Result<std::vector<Group>> groups = groupsOf(word);
        return state_.check(word, groups ? Status(Ok{}) : Status(groups.error()));
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
            if (!state_.variablesKnown(word)) return false;
            step.room = word.text;
            return !isLiteral(word.text) || state_.check(word, checkRoom(literal(word.text)));
        }
        return state_.number(word, step,
                             {word.key == "limit" ? Late::What::Limit : Late::What::Value});
    }

    bool checkRoomKnown(const BotSpec& spec, const Step& step, const Word& verb) {
        bool speaks = step.verb == Verb::Say || step.verb == Verb::Upload;
        if (speaks && spec.classic && step.room) {
            error(verb.column, spec.name +
                                   " uses the classic protocol, which has no rooms: it is "
                                   "always in the lobby");
            return false;
        }
        bool asks = step.verb == Verb::History && step.args.empty();
        if (((speaks && !step.room) || asks) && !spec.classic && spec.rooms.empty()) {
            error(verb.column, spec.name + " joins no room at the start, so name the room: " +
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
                                 "a variable's name must be letters, digits and _, without the $: "
                                 "set NAME VALUE");
                step.args.erase(step.args.begin());
                if (!step.value || !state_.known.count(step.name))
                    state_.learn(step.name, state_.constant(step.args[0]));
                break;
            }
            case Verb::Sleep:
                if (!duration(words.back(), step, Late::What::Value)) return;
                break;
            case Verb::Exit:
                if (!step.args.empty() && !state_.number(words.back(), step, {Late::What::Value}))
                    return;
                break;
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
                return state_.check(words.back(), checkRoom(value));
            case Verb::Nick:
                return state_.check(words.back(), checkNick(value));
            default:
                return true;
        }
    }

    // ---- expectations

    void expect(size_t bot, std::vector<Word>& words, bool negated) {
        Step step = stepAt(words[0], Verb::Expect);
        step.negated = negated;
        step.bots = {bot};
        if (ExpectParser::opensBlock(words)) {
            step.source = text_;
            return expects_.open(words, std::move(step));
        }
        if (endsWithin(words, 4) && !popWithin(words, step)) return;
        if (expects_.single(words, step)) add(std::move(step));
    }

    void blockLine(std::string_view text) {
        Lexer lexer(text);
        std::vector<Word> words;
        for (bool arrow = false; !lexer.atEnd();) {
            const auto patterns = arrow ? Lexer::Patterns::None : Lexer::Patterns::All;
            if (!take(lexer.next(patterns), lexer, words)) return expects_.spoil();
            arrow = arrow || words.back().bare() == "->";
        }
        const std::string head = words.front().bare();
        if (head == "}") return closeBlock(words);
        const bool step = head.ends_with(':') || head == "!" || head == "bot" ||
                          head == "timeout" || (findVerb(head, false) && head != "expect");
        if (!step) return expects_.line(words, text_);
        error(words.front().column, "the block of line " + std::to_string(expects_.blockLine()) +
                                        " is still open here: it has one expectation per line, and "
                                        "a } alone on a line ends it");
        expects_.abandon();
    }

    void closeBlock(std::vector<Word>& words) {
        const size_t column = words[0].column;
        std::optional<Step> step = expects_.close(column);
        const bool timed = words.size() == 3 && endsWithin(words, 3);
        if (words.size() > 1 && !timed)
            return error(words[1].column, "after the } of a block only within DURATION can follow");
        if (!step) return;
        if (timed && !popWithin(words, *step)) return;
        script_.steps.push_back(std::move(*step));
    }

    ParseState state_;
    ExpectParser expects_;
    Step timeout_;           // its wait is that of the steps from here on
    std::string_view text_;  // of the line, without its indentation
    Script script_;
    DeclareParser bots_;
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
