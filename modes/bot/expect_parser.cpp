#include "modes/bot/expect_parser.h"

#include <algorithm>
#include <set>

#include "modes/bot/verbs.h"

namespace netchat::bot {
namespace {

constexpr const char* kLineUsage =
    "a line of a block must be an expectation, such as: msg from=bob /ready/";
constexpr const char* kReactionUsage = "-> must be followed by `exit CODE` or `set NAME=VALUE`";

bool isArrow(const Word& word) {
    return word.bare() == "->";
}

// Also where it sticks to the word before it.
bool hasBrace(const std::vector<Word>& words) {
    return std::any_of(words.begin(), words.end(), [](const Word& word) {
        const std::string bare = word.bare();
        return bare == "{" || bare == "all{" || bare == "any{";
    });
}

size_t countSum(const Step& block) {
    size_t sum = 0;
    for (const BlockLine& line : block.block) sum += line.expectation.count;
    return sum;
}

}  // namespace

Result<std::vector<Group>> groupsOf(const Word& word) {
    Variables placeholders;
    for (const Piece& piece : word.text) {
        if (piece.kind == Piece::Kind::Variable) placeholders[piece.text] = "x";
    }
    Result<std::string> source = expandPattern(word.text, placeholders);
    if (!source) return source.error();
    Result<Pattern> compiled = Pattern::compile(*source, word.flags);
    if (!compiled) return compiled.error();
    return compiled->groups();
}

bool parseFilter(ParseState& state, const Word& word, Expectation& expectation) {
    const KindRule& rule = *expectation.kind;
    if (!hasKey(rule, word.key)) {
        state.error(word.column, std::string(rule.name) + " has no " + inQuotes(word.key) +
                                     "; it has " + std::string(rule.keys));
        return false;
    }
    if (!state.variablesKnown(word)) return false;
    if (word.isPattern && !isTextKey(word.key)) {
        state.error(word.column, word.key + "= takes one value, and no regular expression");
        return false;
    }
    if (word.isPattern) {
        expectation.filters.push_back({word.key, word.text, word.flags});
        return true;
    }
    const std::optional<std::string> value = state.constant(word.text);
    if (value && !state.check(word, checkFilterValue(word.key, *value))) return false;
    expectation.filters.push_back({word.key, word.text, {}});
    return true;
}

// An expectation that is being read.
struct ExpectParser::Target {
    Step& step;
    Expectation& expectation;
    size_t line = Late::kStep;  // of the block
    bool hasKind = false;
    bool complained = false;  // of a word that is too much
    std::set<std::string> groups = {};
};

bool ExpectParser::single(const std::vector<Word>& words, Step& step) {
    const KnownVariables before = state_.known;
    Target target{step, step.expectation};
    if (!this->words(words, 2, words.size(), target)) return false;
    if (step.negated) state_.known = before;
    if (target.hasKind) return true;
    state_.error(words[1].column, "expect needs an event kind: " + kindNames() +
                                      "; usage: " + std::string(kExpectUsage));
    return false;
}

bool ExpectParser::words(const std::vector<Word>& words, size_t from, size_t to, Target& target) {
    bool good = true;
    for (size_t i = from; i < to; ++i) good = word(words[i], target) && good;
    // What a match has set is known behind it, not in it.
    for (const std::string& name : target.groups) state_.learn(name, {});
    return good;
}

bool ExpectParser::word(const Word& word, Target& target) {
    if (word.option) return count(word, target);
    if (!target.hasKind) {
        target.hasKind = true;  // one error is enough
        const KindRule* rule = findKind(word.bare());
        if (rule) {
            target.expectation.kind = rule;
            return true;
        }
        state_.error(word.column, inQuotes(written(wholeWord(word))) +
                                      " is not an event kind; use " + kindNames());
        return false;
    }
    if (!word.key.empty()) return filter(word, target);
    if (word.isPattern) return pattern(word, target);
    const bool ofBlock = target.line != Late::kStep;
    if (!target.complained)
        state_.error(word.column, "after the kind only KEY=VALUE, /REGEX/ and " +
                                      std::string(ofBlock ? "-> exit CODE or -> set NAME=VALUE"
                                                          : "within DURATION") +
                                      " can follow, not " + inQuotes(written(word.text)) +
                                      "; to match a text exactly, use text='…'");
    target.complained = true;
    return false;
}

bool ExpectParser::count(const Word& word, Target& target) {
    if (word.key != "count") {
        state_.error(word.column, "the only option of expect is -count=N");
        return false;
    }
    if (target.step.negated) {
        state_.error(word.column, "-count= cannot be used after a !, where no event may come");
        return false;
    }
    return state_.number(word, target.step, {Late::What::Count, {}, target.line});
}

bool ExpectParser::filter(const Word& word, Target& target) {
    return parseFilter(state_, word, target.expectation) &&
           (!word.isPattern || compiles(word, target));
}

bool ExpectParser::pattern(const Word& word, Target& target) {
    if (!state_.variablesKnown(word)) return false;
    if (target.expectation.pattern) {
        state_.error(word.column,
                     "only one regular expression is possible; use a|b for alternatives");
        return false;
    }
    target.expectation.pattern = PatternSource{word.text, word.flags};
    return compiles(word, target);
}

bool ExpectParser::compiles(const Word& word, Target& target) {
    Result<std::vector<Group>> groups = groupsOf(word);
    if (!groups) {
        state_.error(word.column, groups.error().text);
        return false;
    }
    std::set<std::string> names;
    for (const Group& group : *groups) names.insert(group.name);
    for (const std::string& name : names) {
        if (target.groups.insert(name).second) continue;
        state_.error(word.column,
                     "two groups are named " + inQuotes(name) + "; give each its own name");
        return false;
    }
    return true;
}

// ---- blocks

bool ExpectParser::opensBlock(const std::vector<Word>& words) {
    const std::string kind = words.size() > 2 ? words[2].bare() : "";
    return kind == "all" || kind == "any" || hasBrace(words);
}

void ExpectParser::open(const std::vector<Word>& words, Step step) {
    good_ = true;
    block_ = std::move(step);
    before_ = state_.known;
    after_.reset();
    const std::string kind = words[2].bare();
    const bool right =
        words.size() == 4 && (kind == "all" || kind == "any") && words[3].bare() == "{";
    block_.all = kind == "all";
    open_ = words.back().bare() != "}" && hasBrace(words);
    if (right && !(block_.all && block_.negated)) return;
    good_ = false;
    state_.error(words[std::min<size_t>(2, words.size() - 1)].column,
                 right ? "use `expect any {` after a !: no line of it may match"
                       : "usage: " + std::string(kBlockUsage));
}

void ExpectParser::line(const std::vector<Word>& words, std::string_view source) {
    if (block_.block.size() == kBlockLinesMax) {
        if (good_)
            state_.error(words[0].column,
                         "a block can have at most " + std::to_string(kBlockLinesMax) + " lines");
        good_ = false;
        return;
    }
    state_.known = before_;
    const size_t number = block_.block.size();
    block_.block.push_back(
        {.place = {state_.line, words[0].column}, .source = std::string(source)});
    const auto arrow =
        static_cast<size_t>(std::find_if(words.begin(), words.end(), isArrow) - words.begin());
    const bool timed = arrow >= 2 && words[arrow - 2].bare() == "within";
    if (timed || words[0].bare() == "expect") {
        state_.error(words[0].column, timed ? "the time applies to the whole block: } within 30s"
                                            : std::string(kLineUsage) + ", without `expect`");
        good_ = false;
        return;
    }
    Target target{block_, block_.block[number].expectation, number};
    good_ = this->words(words, 0, arrow, target) && good_;
    if (arrow == 0 || !target.hasKind) {
        state_.error(words[0].column, kLineUsage);
        good_ = false;
    }
    if (arrow < words.size()) good_ = reaction(words, arrow, block_.block[number]) && good_;
    const auto& done = block_.block[number].reaction;
    mergeKnown(done && done->what == Reaction::What::Exit);
}

// In an `all` every line is met, in an `any` one of them is.
void ExpectParser::mergeKnown(bool ends) {
    if (block_.negated) return;
    if (block_.all) {
        if (!after_) after_ = before_;
        for (const auto& [name, value] : state_.known) {
            const auto old = before_.find(name);
            if (old == before_.end() || old->second != value) (*after_)[name] = value;
        }
        return;
    }
    if (!ends) after_ = after_ ? knownByBoth(*after_, state_.known) : state_.known;
    for (const auto& [name, value] : state_.known) {
        if (!ends && !before_.count(name)) state_.setBySome[name] = block_.place.line;
    }
}

bool ExpectParser::reaction(const std::vector<Word>& words, size_t arrow, BlockLine& line) {
    const Word& sign = words[arrow];
    if (block_.all || block_.negated) {
        state_.error(sign.column, "-> can be used only in an `expect any {` without a !");
        return false;
    }
    if (words.size() != arrow + 3) {
        state_.error(sign.column, kReactionUsage);
        return false;
    }
    const std::string verb = words[arrow + 1].bare();
    const Word& value = words[arrow + 2];
    if (!state_.variablesKnown(value)) return false;
    if (verb == "set" && isVariableName(value.key)) {
        line.reaction = Reaction{Reaction::What::Set, value.key, value.text};
        state_.learn(value.key, state_.constant(value.text));
        return true;
    }
    if (verb != "exit" || !value.key.empty()) {
        state_.error(words[arrow + 1].column, kReactionUsage);
        return false;
    }
    line.reaction = Reaction{Reaction::What::Exit, {}, value.text};
    const std::optional<std::string> code = state_.constant(value.text);
    if (!code) return true;
    const Result<int> number = parseExitCode(*code);
    if (!number) state_.error(value.column, number.error().text);
    return static_cast<bool>(number);
}

std::optional<Step> ExpectParser::close(size_t column) {
    abandon();
    for (const auto& [name, value] : state_.known) state_.setBySome.erase(name);
    if (good_ && block_.block.empty()) {
        state_.error(column, std::string("the block is empty; ") + kLineUsage);
        good_ = false;
    }
    if (good_ && countSum(block_) > kBlockCountMax) {
        state_.error(column, "the lines of a block can expect at most " +
                                 std::to_string(kBlockCountMax) + " events in total");
        good_ = false;
    }
    if (!good_) return {};
    return std::move(block_);
}

void ExpectParser::abandon() {
    open_ = false;
    state_.known = after_ ? *after_ : before_;
}

}  // namespace netchat::bot
