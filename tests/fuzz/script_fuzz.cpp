// Scripts of bots: whatever the text, every reason why not at its place, or a script that may run,
// whose patterns end and whose captures are what they say.

#include <algorithm>

#include "modes/bot/matcher.h"
#include "modes/bot/parser.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

using namespace bot;

void errorsAreInPlace(const Parsed& parsed, size_t lines) {
    HOLDS(parsed.errors.size() <= kParseErrorsMax);
    size_t last = 1;
    for (const ParseError& error : parsed.errors) {
        HOLDS(error.place.line >= last && error.place.line <= lines);
        last = error.place.line;
        HOLDS(error.place.column >= 1);
        HOLDS(!error.text.empty());
        isSafeToShow(errorLine("script", error));
    }
}

void matches(const Expectation& wanted, std::string_view input) {
    Variables variables;
    const auto set = [&](const Template& text) {
        for (const Piece& piece : text) {
            if (piece.kind == Piece::Kind::Variable) variables[piece.text] = "(5]|\\E.";
        }
    };
    for (const Filter& filter : wanted.filters) set(filter.value);
    if (wanted.pattern) set(wanted.pattern->text);
    const auto matcher = Matcher::make(wanted, variables);
    if (!matcher) {
        HOLDS(!matcher.error().text.empty());
        return;
    }
    EventRecord event;
    for (const EventKind kind : {EventKind::Message, EventKind::File, EventKind::Refused}) {
        event.kind = kind;
        event.room = "lobby", event.from = "alice", event.name = "a.txt";
        event.text = utf8::repaired(input.substr(0, 100));
        Captures captures;
        int looks = 0;
        const auto found = matcher->matches(event, captures, [&] { return ++looks > 2; });
        if (!found) {
            HOLDS(found.error().code == ErrorCode::TooLong);
        } else if (!*found) {
            HOLDS(captures.empty());
        } else {
            for (const auto& [name, value] : captures) {
                HOLDS(isVariableName(name));
                HOLDS(event.text.find(value) != std::string::npos);
            }
        }
        (void)matcher->isHopeless(event, {});
    }
    HOLDS(!matcher->text().empty());
}

// What a report shows of an expectation can be pasted into a script again.
void writtenIsReadAgain(const Expectation& wanted) {
    const std::string text = written(wanted);
    ParseOptions options;
    const auto know = [&](const Template& value) {
        for (const Piece& piece : value) {
            if (piece.kind == Piece::Kind::Variable) options.variables[piece.text] = "x";
        }
    };
    for (const Filter& filter : wanted.filters) know(filter.value);
    if (wanted.pattern) know(wanted.pattern->text);
    const auto again = parseScript("bot a\na: expect " + text + "\n", options);
    if (!again.errors.empty()) differ(__FILE__, __LINE__, text, again.errors[0].text);
    SAME(written(again.script.steps.back().expectation), text);
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat;
    using namespace netchat::fuzz;
    const auto text = textOf(data, size);
    bot::ParseOptions options;
    options.variables = {{"given", "x"}};
    const auto parsed = bot::parseScript(text, options);
    const auto lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    errorsAreInPlace(parsed, lines);
    (void)bot::parseAssignment(text);
    if (!parsed.errors.empty()) return 0;

    const bot::Script& script = parsed.script;
    HOLDS(!script.steps.empty());
    HOLDS(script.bots.size() <= bot::kBotsMax);
    size_t line = 0, patterns = 0;
    for (const bot::Step& step : script.steps) {
        HOLDS(step.place.line > line || step.verb == bot::Verb::Bots);
        line = step.place.line;
        HOLDS(line <= lines);
        for (const size_t index : step.bots) HOLDS(index < script.bots.size());
        HOLDS(step.waitMs >= 0);
        HOLDS(step.block.size() <= bot::kBlockLinesMax);
        const bool expects = step.verb == bot::Verb::Expect || step.verb == bot::Verb::Compare;
        if (!expects || ++patterns > 4) continue;
        for (const bot::BlockLine& inner : step.block) {
            HOLDS(inner.place.line > line && inner.place.line <= lines);
            line = inner.place.line;
            matches(inner.expectation, text);
            writtenIsReadAgain(inner.expectation);
        }
        if (!step.block.empty()) continue;
        matches(step.expectation, text);
        writtenIsReadAgain(step.expectation);
    }
    return 0;
}
