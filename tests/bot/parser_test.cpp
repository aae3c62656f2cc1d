#include "modes/bot/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bot/script_errors.h"

namespace netchat::bot {
namespace {

using testing::HasSubstr;

std::string stepError(const std::string& line) {
    return bad("bot alice bob\n" + line);
}

TEST(Parser, ReadsAWholeScript) {
    Script script = good(R"(timeout 7s
bot alice bob carol
alice: say 'build 12 ready'
bob: expect msg from=alice /build (?<n>\d+) ready/
bob: say 'testing $n'
carol: expect -count=1 msg from=bob within 2s
alice: upload samples/photo.jpg
bob: expect file name=photo.jpg within 30s
bob: compare samples/photo.jpg
! carol: expect msg /never said/ within 500ms
)");
    ASSERT_EQ(script.bots.size(), 3u);
    EXPECT_EQ(script.bots[2].name, "carol");
    ASSERT_EQ(script.steps.size(), 9u);
    EXPECT_EQ(script.steps[0].verb, Verb::Bots);
    EXPECT_EQ(script.steps[0].bots, (std::vector<size_t>{0, 1, 2}));
    EXPECT_EQ(script.steps[0].waitMs, 7'000);
    EXPECT_EQ(script.steps[1].verb, Verb::Say);
    EXPECT_EQ(literal(script.steps[1].args[0]), "build 12 ready");
    EXPECT_EQ(written(script.steps[2].expectation), R"(msg from=alice /build (?<n>\d+) ready/)");
    EXPECT_EQ(written(script.steps[3].args[0]), "testing ${n}");
    EXPECT_EQ(script.steps[4].expectation.count, 1u);
    EXPECT_EQ(script.steps[4].waitMs, 2'000);
    EXPECT_EQ(script.steps[5].verb, Verb::Upload);
    EXPECT_EQ(script.steps[6].expectation.kind, findKind("file"));
    EXPECT_EQ(script.steps[7].verb, Verb::Compare);
    EXPECT_TRUE(script.steps[8].negated);
    EXPECT_EQ(script.steps[8].waitMs, 500);
    EXPECT_EQ(script.steps[8].place.line, 10u);
}

TEST(Parser, BotLinesTakeOptions) {
    Script script = good(
        "bot dora -classic -nick='Dora Q' -header=8 -encoding=cp1251\n"
        "bot a b -room=dev,ops\nbot c -room=\n");
    EXPECT_TRUE(script.bots[0].classic);
    EXPECT_EQ(literal(script.bots[0].nick), "Dora Q");
    EXPECT_EQ(script.bots[0].headerWidth, 8u);
    EXPECT_EQ(script.bots[0].encoding, "cp1251");
    ASSERT_EQ(script.bots[1].rooms.size(), 2u);
    EXPECT_EQ(literal(script.bots[2].rooms[1]), "ops");
    EXPECT_TRUE(script.bots[3].rooms.empty());
}

TEST(Parser, BotsJoinTheLobbyUnlessToldOtherwise) {
    EXPECT_EQ(literal(good("bot a").bots[0].rooms[0]), "lobby");
    ParseOptions options;
    options.rooms = {"dev"};
    EXPECT_EQ(literal(good("bot a", options).bots[0].rooms[0]), "dev");
}

TEST(Parser, QuotesEscapesAndDollars) {
    Script script = good(
        "bot a\nset n 5\n"
        R"(a: say 'it\n costs $$5')"
        "\n"
        R"(a: say "tab\tquote\" \$5 \u{e9}")"
        "\n"
        R"(a: say pre'mid dle'"$n"post)"
        "\n"
        R"(a: say x=1)"
        "\n"
        R"(a: say '')"
        "\n");
    EXPECT_EQ(literal(script.steps[2].args[0]), R"(it\n costs $5)");
    EXPECT_EQ(literal(script.steps[3].args[0]), "tab\tquote\" $5 é");
    EXPECT_EQ(written(script.steps[4].args[0]), "premid dle${n}post");
    EXPECT_EQ(literal(script.steps[5].args[0]), "x=1");
    EXPECT_EQ(literal(script.steps[6].args[0]), "");
}

TEST(Parser, CommentsAndBlankLinesAreNothing) {
    Script script = good("# first\n\n   \t\nbot a # and this\na: say x#y\r\na: say '# no'\n");
    EXPECT_EQ(script.steps.size(), 3u);
    EXPECT_EQ(literal(script.steps[1].args[0]), "x#y");
    EXPECT_EQ(literal(script.steps[2].args[0]), "# no");
}

TEST(Parser, TimeoutIsInForceFromItsLineOn) {
    Script script = good("bot a\ntimeout 9s\na: say 1\na: say 2 within 1s\n");
    EXPECT_EQ(script.steps[0].waitMs, 5'000);
    EXPECT_EQ(script.steps[1].waitMs, 9'000);
    EXPECT_EQ(script.steps[2].waitMs, 1'000);
}

TEST(Parser, PathsMayBeginWithASlash) {
    EXPECT_EQ(literal(good("bot a\na: upload /tmp/x\n").steps[1].args[0]), "/tmp/x");
}

TEST(Parser, KnowsVariablesOfCommandLineSetAndCaptures) {
    ParseOptions options;
    options.variables = {{"who", "world"}};
    good("bot a\na: say $who\nset b 1\na: say $b\na: expect msg /(?<c>x)/\na: say ${c}c\n",
         options);
}

TEST(Parser, RefusesVariablesThatCannotBeSet) {
    EXPECT_THAT(stepError("alice: say 'testing $n'"), HasSubstr("2:12 $n is not set by now"));
    EXPECT_THAT(stepError("alice: history lobby -limit=$n"), HasSubstr("2:22 $n is not set"));
    EXPECT_THAT(stepError("alice: say -room=$n hello"), HasSubstr("$n is not set"));
    EXPECT_THAT(stepError("alice: compare x name=$n"), HasSubstr("$n is not set"));
    EXPECT_THAT(stepError("alice: expect msg from=$n"), HasSubstr("2:19 $n is not set"));
    EXPECT_THAT(stepError("alice: expect msg /${n}/"), HasSubstr("$n is not set"));
    EXPECT_THAT(stepError("! alice: expect msg /(?<n>x)/\nalice: say $n"), HasSubstr("3:12 $n"));
}

TEST(Parser, RefusesWhatIsNoStep) {
    EXPECT_THAT(stepError("frobnicate"), HasSubstr("2:1 \"frobnicate\" is not a step"));
    EXPECT_THAT(stepError("alice say hello"), HasSubstr("colon"));
    EXPECT_THAT(stepError("say hello"), HasSubstr("colon"));
    EXPECT_THAT(stepError("alice: shout hello"),
                HasSubstr("2:8 \"shout\" is not a command of a bot"));
    EXPECT_THAT(stepError("alice:"), HasSubstr("alice needs a command"));
    EXPECT_THAT(stepError("dave: say hello"), HasSubstr("unknown bot \"dave\""));
    EXPECT_THAT(stepError("!"), HasSubstr("a ! must be followed by a step"));
    EXPECT_THAT(stepError("! sleep 5s"), HasSubstr("a ! must be followed by a step of a bot"));
    EXPECT_THAT(stepError("! alice: disconnect"), HasSubstr("a ! can be used with expect"));
    EXPECT_THAT(bad(""), HasSubstr("no step"));
    EXPECT_THAT(bad("bot a\na: say \xff\n"), HasSubstr("2:1 this line is not valid UTF-8"));
}

TEST(Parser, RefusesBadBots) {
    EXPECT_THAT(bad("bot"), HasSubstr("needs a name"));
    EXPECT_THAT(bad("bot a a"), HasSubstr("1:7 the bot \"a\" is already declared"));
    EXPECT_THAT(bad("bot a:b"), HasSubstr("1:5 a bot's name"));
    EXPECT_THAT(bad("bot a -loud"), HasSubstr("1:7 not an option of bot"));
    EXPECT_THAT(bad("bot a b -nick=x"), HasSubstr("one bot"));
    EXPECT_THAT(bad("bot a -header=8"), HasSubstr("-classic"));
    EXPECT_THAT(bad("bot a -classic -header=1"), HasSubstr("2 to 20"));
    EXPECT_THAT(bad("bot a -room='x y'"), HasSubstr("1:7"));
}

TEST(Parser, RefusesWrongArguments) {
    EXPECT_THAT(stepError("alice: say hello there"), HasSubstr("needs quotes"));
    EXPECT_THAT(stepError("alice: say"), HasSubstr("BOT: say [-room=ROOM] 'TEXT'"));
    EXPECT_THAT(stepError("alice: say -5"), HasSubstr("begins with - needs quotes"));
    EXPECT_THAT(stepError("alice: tell bob"), HasSubstr("BOT: tell NICK 'TEXT'"));
    EXPECT_THAT(stepError("alice: say 'x"), HasSubstr("2:12 this ' is not closed"));
    EXPECT_THAT(stepError("alice: say \"\\q\""), HasSubstr("unknown escape"));
    EXPECT_THAT(stepError("alice: say \"\\u{d800}\""), HasSubstr("10ffff"));
    EXPECT_THAT(stepError("alice: say 5$"), HasSubstr("write $$ for a dollar sign"));
    EXPECT_THAT(stepError("alice: say x\x1b[1m"), HasSubstr("control character"));
    EXPECT_THAT(stepError("alice: say hi within 5"), HasSubstr("2:22 invalid duration"));
    EXPECT_THAT(stepError("timeout soon"), HasSubstr("2:9 invalid duration"));
    EXPECT_THAT(stepError("sleep $$"), HasSubstr("invalid duration"));
    EXPECT_THAT(stepError("exit 256"), HasSubstr("0 to 255"));
    EXPECT_THAT(stepError("set 9 x"), HasSubstr("a variable's name"));
    EXPECT_THAT(stepError("set n=5"), HasSubstr("set [-default] NAME VALUE"));
    EXPECT_THAT(stepError("alice: history -limit=0"), HasSubstr("1 to 1000"));
    EXPECT_THAT(stepError("alice: join 'a b'"), HasSubstr("2:13"));
    EXPECT_THAT(stepError("alice: compare x to=y"), HasSubstr("file has no \"to\""));
}

TEST(Parser, RefusesBadExpectations) {
    EXPECT_THAT(stepError("alice: expect"), HasSubstr("needs an event kind"));
    EXPECT_THAT(stepError("alice: expect mail"), HasSubstr("2:15 \"mail\" is not an event kind"));
    EXPECT_THAT(stepError("alice: expect msg name=x"),
                HasSubstr("2:19 msg has no \"name\"; it has from"));
    EXPECT_THAT(stepError("alice: expect file size=big"), HasSubstr("size= must be a number"));
    EXPECT_THAT(stepError("alice: expect msg history=maybe"), HasSubstr("yes or no"));
    EXPECT_THAT(stepError("alice: expect msg hello"), HasSubstr("text='…'"));
    EXPECT_THAT(stepError("alice: expect msg /x"),
                HasSubstr("2:19 this regular expression is not closed"));
    EXPECT_THAT(stepError("alice: expect msg /(x/"), HasSubstr("invalid regular expression"));
    EXPECT_THAT(stepError("alice: expect msg /x/q"), HasSubstr("unknown flag \"q\""));
    EXPECT_THAT(stepError("alice: expect msg /x/ /y/"), HasSubstr("a|b"));
    EXPECT_THAT(stepError("alice: expect -count=0 msg"), HasSubstr("-count=N"));
    EXPECT_THAT(stepError("! alice: expect -count=2 msg"), HasSubstr("after a !"));
}

TEST(Parser, ClassicBotsHaveFewerVerbs) {
    EXPECT_THAT(bad("bot a -classic\na: join dev\n"), HasSubstr("2:4 a uses the classic protocol"));
    EXPECT_THAT(bad("bot a -classic\na: join dev\n"),
                HasSubstr("use expect, sleep, say, upload, compare, exit, disconnect, reconnect"));
    EXPECT_THAT(bad("bot a -classic\na: say -room=dev x\n"), HasSubstr("has no rooms"));
    good("bot a -classic\na: say x\na: expect msg\na: upload f\n");
    ParseOptions options;
    options.classic = true;
    EXPECT_THAT(bad("bot a\na: who\n", options), HasSubstr("classic"));
}

TEST(Parser, BotsWithoutARoomMustNameIt) {
    EXPECT_THAT(bad("bot a -room=\na: say x\n"), HasSubstr("-room=ROOM"));
    EXPECT_THAT(bad("bot a -room=\na: history\n"), HasSubstr("history ROOM"));
    good("bot a -room=\na: join dev\na: say -room=dev x\n");
}

TEST(Parser, ReportsEveryErrorInOrderUpToABound) {
    Parsed parsed = parseScript("bot a\na: foo\nbar\nb: say x\n", {});
    ASSERT_EQ(parsed.errors.size(), 3u);
    EXPECT_EQ(parsed.errors[0].place.line, 2u);
    EXPECT_EQ(parsed.errors[2].place.line, 4u);
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "nonsense\n";
    EXPECT_EQ(parseScript(many, {}).errors.size(), kParseErrorsMax);
    EXPECT_THAT(bad(std::string(kScriptBytesMax + 1, '\n')), HasSubstr("1 MiB"));
}

TEST(Parser, ErrorLinesAreHarmless) {
    std::string line = errorLine("a\x1b[1m.bot", {{3, 4}, "wrong \x1b[2J"});
    EXPECT_THAT(line, HasSubstr(":3:4: wrong"));
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

TEST(Parser, AnyBytesGiveErrorsOrAScript) {
    const std::string alphabet = "ab:!$'\"\\/{}=- \t\n#\xc3\xa9xexpect msg all any ->";
    uint32_t state = 1;
    for (int round = 0; round < 3000; ++round) {
        std::string text = "bot a b\na: ";
        for (int i = 0; i < 40; ++i) {
            state = state * 1664525u + 1013904223u;
            text += alphabet[(state >> 16) % alphabet.size()];
        }
        Parsed parsed = parseScript(text, {});
        for (const ParseError& error : parsed.errors) EXPECT_GE(error.place.column, 1u);
    }
}

}  // namespace
}  // namespace netchat::bot
