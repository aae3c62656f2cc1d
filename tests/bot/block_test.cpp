// `expect all {` and `expect any {`: what may be written, and what they wait for.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/bot/runner_fixture.h"
#include "tests/bot/script_errors.h"

namespace netchat::bot {
namespace {

namespace event = client::event;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

// With two bots before it.
std::string blockError(const std::string& text) {
    return bot::bad("bot alice bob\n" + text);
}
void accepts(const std::string& text) {
    bot::good("bot alice bob\n" + text);
}

TEST(Blocks, AreReadWithTheirLines) {
    Parsed parsed = parseScript(
        "bot a\n"
        "  a: expect all {   # three\n"
        "    msg from=/^b/ /ready (?<n>\\d+)/i   # one\n"
        "\n"
        "    -count=2 file name=x\n"
        "  } within 30s\n"
        "a: expect any {\n"
        "  msg text=no -> exit 7\n"
        "  msg text=yes -> set verdict=yes\n"
        "}\n",
        {});
    ASSERT_TRUE(parsed.errors.empty()) << errorLine("", parsed.errors[0]);
    ASSERT_EQ(parsed.script.steps.size(), 3u);
    const Step& all = parsed.script.steps[1];
    EXPECT_EQ(all.verb, Verb::Expect);
    EXPECT_TRUE(all.all);
    EXPECT_EQ(all.waitMs, 30'000);
    EXPECT_EQ(all.source, "a: expect all {   # three");
    EXPECT_EQ(all.place.line, 2u);
    ASSERT_EQ(all.block.size(), 2u);
    EXPECT_EQ(written(all.block[0].expectation), "msg from=/^b/ /ready (?<n>\\d+)/i");
    EXPECT_EQ(all.block[1].place.line, 5u);
    EXPECT_EQ(all.block[1].expectation.count, 2u);
    const Step& any = parsed.script.steps[2];
    EXPECT_FALSE(any.all);
    EXPECT_EQ(any.waitMs, kTimeoutMs);
    ASSERT_EQ(any.block.size(), 2u);
    EXPECT_EQ(any.block[0].reaction->what, Reaction::What::Exit);
    EXPECT_EQ(literal(any.block[0].reaction->value), "7");
    EXPECT_EQ(any.block[1].reaction->name, "verdict");
    accepts("! bob: expect any {\nmsg /x/\nfile\n} within 1s\n");
}

TEST(Blocks, SayWhatIsWrongAndWhatWouldBeRight) {
    EXPECT_THAT(blockError("bob: expect all\n"), HasSubstr("2:13 usage: BOT: expect all|any"));
    EXPECT_THAT(blockError("bob: expect {\nmsg\n}\n"), HasSubstr("2:13 usage"));
    EXPECT_THAT(blockError("bob: expect msg {\nmsg\n}\n"), HasSubstr("2:13 usage"));
    EXPECT_THAT(blockError("bob: expect any { within 5s\nmsg\n}\n"),
                HasSubstr("} [within DURATION]"));
    EXPECT_THAT(blockError("bob: expect any { msg }\nbob: say x\n"), HasSubstr("2:13 usage"));
    EXPECT_THAT(blockError("bob: expect any {\n}\n"), HasSubstr("3:1 the block is empty"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg\n"),
                HasSubstr("3:1 the block of line 2 is not closed"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg\nbob: say x\nbob: say y\n"),
                HasSubstr("4:1 the block of line 2 is still open here"));
    EXPECT_THAT(blockError("}\n"), HasSubstr("2:1 this } closes no block"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg\n} in 5s\n"), HasSubstr("4:3 after the }"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg\n} within soon\n"),
                HasSubstr("4:10 invalid duration"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg within 5s\n}\n"),
                HasSubstr("3:1 the time applies to"));
    EXPECT_THAT(blockError("bob: expect any {\nexpect msg\n}\n"), HasSubstr("without `expect`"));
    EXPECT_THAT(blockError("bob: expect any {\nmail\n}\n"),
                HasSubstr("3:1 \"mail\" is not an event kind"));
    EXPECT_THAT(blockError("bob: expect any {\n-> exit 3\n}\n"),
                HasSubstr("3:1 a line of a block must be"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg /(x/\n}\n"),
                HasSubstr("3:5 invalid regular expression"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg /x\n}\n"),
                HasSubstr("3:5 this regular expression is"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg => exit 7\n}\n"),
                HasSubstr("3:5 after the kind only KEY=VALUE, /REGEX/ and -> exit CODE"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg -> leave\n}\n"),
                HasSubstr("3:5 -> must be followed by"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg -> leave 5\n}\n"),
                HasSubstr("3:8 -> must be followed by"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg -> set x y\n}\n"),
                HasSubstr("`set NAME=VALUE`"));
    EXPECT_THAT(blockError("bob: expect any {\nmsg -> exit 256\n}\n"),
                HasSubstr("3:13 an exit code must be"));
    EXPECT_THAT(blockError("bob: expect all {\nmsg -> exit 2\n}\n"),
                HasSubstr("3:5 -> can be used only in an"));
    EXPECT_THAT(blockError("! bob: expect any {\nmsg -> exit 2\n}\n"),
                HasSubstr("3:5 -> can be used only in an"));
    EXPECT_THAT(blockError("! bob: expect all {\nmsg\n}\n"),
                HasSubstr("use `expect any {` after a !"));
    EXPECT_THAT(blockError("bob: expect any {\n-count=1001 msg\n}\n"), HasSubstr("from 1 to 1000"));
    EXPECT_THAT(blockError("bob: expect any {\n-count=900 msg\n-count=900 file\n}\n"),
                HasSubstr("5:1 the lines of a block can expect at most 1000 events in total"));
    EXPECT_THAT(blockError("bob: expect msg from=/(x/\n"),
                HasSubstr("2:17 invalid regular expression"));
    EXPECT_THAT(blockError("bob: expect msg from=/x\n"),
                HasSubstr("2:22 this regular expression is not"));
    EXPECT_THAT(blockError("bob: expect file size=/5/\n"), HasSubstr("size= takes one value"));
    EXPECT_THAT(blockError("bob: expect msg from=/(?<n>x)/ /(?<n>y)/\n"),
                HasSubstr("two groups are named"));
    std::string many = "bob: expect any {\n";
    for (int i = 0; i < 101; ++i) many += "msg\n";
    EXPECT_THAT(blockError(many + "}\n"), HasSubstr("103:1 a block can have at most 100 lines"));
}

// Old scripts have such texts.
TEST(Blocks, ATextThatIsAPathOrACommandIsNoPattern) {
    Parsed parsed = parseScript(
        "bot a\na: expect msg text=/help\na: expect msg text=/tmp/x/y\na: expect msg text='/x/'\n"
        "a: expect msg text=/x/i\n",
        {});
    ASSERT_TRUE(parsed.errors.empty()) << errorLine("", parsed.errors[0]);
    EXPECT_FALSE(parsed.script.steps[1].expectation.filters[0].flags);
    EXPECT_FALSE(parsed.script.steps[2].expectation.filters[0].flags);
    EXPECT_FALSE(parsed.script.steps[3].expectation.filters[0].flags);
    EXPECT_EQ(parsed.script.steps[4].expectation.filters[0].flags, "i");
}

TEST(Blocks, KnowWhatIsSetBehindThem) {
    accepts("bob: expect all {\nmsg /(?<a>x)/\nmsg /(?<b>x)/\n}\nbob: say $a$b\n");
    accepts("bob: expect any {\nmsg /(?<a>x)/\nmsg /y(?<a>x)/\n}\nbob: say $a\n");
    accepts("bob: expect any {\nmsg /(?<a>x)/ -> set v=$a\nmsg -> set v=no\n}\nbob: say $v\n");
    accepts("bob: expect any {\nmsg /(?<a>x)/\nmsg /y/ -> exit 3\n}\nbob: say $a\n");
    accepts("bob: expect any {\nmsg /(?<a>\\d+)/ -> exit $a\n}\n");
    accepts("set a 1\nbob: expect any {\nmsg /(?<a>x)/\nmsg\n}\nbob: say $a\n");
    EXPECT_THAT(blockError("bob: expect any {\nmsg /(?<a>x)/\nmsg /y/\n}\nbob: say $a\n"),
                HasSubstr("6:10 $a is set by only some lines of the block of line 2"));
    EXPECT_THAT(blockError("bob: expect all {\nmsg /(?<a>x)/\nmsg /${a}/\n}\n"),
                HasSubstr("4:5 $a is not set by now"));
    EXPECT_THAT(blockError("! bob: expect any {\nmsg /(?<a>x)/\n}\nbob: say $a\n"),
                HasSubstr("5:10 $a is not set by now"));
}

// A script has no loops, so what is written out is known; what a match sets is not.
TEST(Blocks, ABotsNameMustBeKnownBeforeTheScriptRuns) {
    EXPECT_THAT(blockError("bob: expect msg /(?<who>x)/\n$who: say x\n"),
                HasSubstr("3:1 the name of a bot must be known before the script runs"));
    EXPECT_THAT(
        blockError("set who al\nbob: expect any {\nmsg -> set who=bob\nfile\n}\n$who: say x\n"),
        HasSubstr("7:1 the name of a bot"));
    EXPECT_THAT(blockError("$who: say x\n"), HasSubstr("2:1 $who is not set by now"));
    accepts("set who bob\n$who: say x\n");
}

class BlockRun : public RunnerTest {
  protected:
    void saysOn(std::vector<std::pair<std::string, std::string>> said) {
        chats.onSay = [said](FakeChat& chat, const std::string&) {
            for (const auto& [from, text] : said) chat.hears(from, text);
        };
    }
};

TEST_F(BlockRun, AllLinesAreMetInAnyOrderEachByItsOwn) {
    saysOn({{"x", "three"}, {"x", "one"}, {"y", "two"}, {"x", "after"}});
    EXPECT_EQ(run("bot a\na: say go\na: expect all {\nmsg text=one\nmsg from=y\n"
                  "msg /(?<n>th\\w+)/\n}\na: expect msg text=after\nprint $n\n"),
              kMet);
    EXPECT_EQ(output, "three\n");
    saysOn({{"x", "one"}});
    EXPECT_EQ(run("bot a\na: say go\na: expect all {\nmsg text=one\nmsg from=x\n} within 20ms\n"),
              kTimedOut);
    EXPECT_THAT(printed,
                AllOf(HasSubstr("test.bot:3: a: expect all {"),
                      HasSubstr("only 1 of 2 lines were matched (missing: line 5) within 20ms"),
                      HasSubstr("expected in line 4: msg text=one"),
                      HasSubstr("expected in line 5: msg from=x")));
}

// The first message fits both lines, and a greedy look would give it to the first.
TEST_F(BlockRun, AllIsARealMatching) {
    saysOn({{"x", "ready 1"}, {"y", "ready 2"}});
    EXPECT_EQ(run("bot a\na: say go\na: expect all {\nmsg /ready (?<any>\\d)/\n"
                  "msg from=x /ready (?<ofX>\\d)/\n} within 10s\nprint '$any $ofX'\n"),
              kMet);
    EXPECT_EQ(output, "2 1\n");
    saysOn({{"x", "ready 1"}, {"y", "ready 2"}, {"x", "ready 3"}});
    EXPECT_EQ(run("bot a\na: say go\na: expect all {\n-count=2 msg /ready (?<n>\\d)/\n"
                  "msg from=x\n} within 10s\nprint $n\n"),
              kMet);
}

TEST_F(BlockRun, AnyIsMetByTheFirstLineThatFits) {
    saysOn({{"x", "hello"}, {"boss", "reject 12"}, {"boss", "approve 12"}});
    const std::string block =
        "bot a\nset n 12\na: say go\na: expect any {\n"
        "msg from=/^boss$/ /^reject ${n}$/ -> exit 7\n"
        "msg from=boss /^approve ${n}$/ -> set verdict=yes\n"
        "msg text=later -> set verdict=no\n"
        "} within 10s\nprint $verdict\n";
    EXPECT_EQ(run(block), 7);
    EXPECT_EQ(output, "");
    EXPECT_THAT(printed, HasSubstr("test.bot:5: exit 7"));
    EXPECT_THAT(chats.done, Contains("a bye"));
    saysOn({{"boss", "approve 13"}, {"other", "reject 12"}, {"boss", "approve 12"}});
    EXPECT_EQ(run(block), kMet);
    EXPECT_EQ(output, "yes\n");
    saysOn({});
    EXPECT_EQ(run("bot a\na: expect any {\nmsg\nfile\n} within 20ms\n"), kTimedOut);
    EXPECT_THAT(printed, HasSubstr("no line was matched within 20ms"));
}

TEST_F(BlockRun, TheVerdictMayComeFromTheText) {
    saysOn({{"boss", "code 42"}});
    const std::string block = "bot a\na: say go\na: expect any {\nmsg /^code (?<c>\\d+)$/";
    EXPECT_EQ(run(block + " -> exit $c\n} within 10s\n"), 42);
    EXPECT_EQ(run(block + " -> set v=c$c\n} within 10s\nprint $v\nexit $c\n"), 42);
    EXPECT_EQ(output, "c42\n");
    saysOn({{"boss", "code 999"}});
    EXPECT_EQ(run(block + " -> exit $c\n} within 10s\n"), kNotHeld);
    EXPECT_THAT(printed,
                HasSubstr("line 4: an exit code must be a number from 0 to 255, not '999'"));
}

TEST_F(BlockRun, ACountInAnAnyIsThatOfItsLine) {
    saysOn({{"x", "1"}, {"y", "2"}, {"x", "3"}});
    EXPECT_EQ(run("bot a\na: say go\na: expect any {\n-count=2 msg from=x -> exit 3\n"
                  "-count=2 msg from=y -> exit 4\n} within 10s\n"),
              3);
}

TEST_F(BlockRun, NoneOfTheLinesMayCome) {
    saysOn({{"x", "fine"}});
    EXPECT_EQ(run("bot a\na: say go\n! a: expect any {\nmsg /fail/\nmsg /error/\n} within 10ms\n"
                  "a: expect msg text=fine\n"),
              kMet);
    saysOn({{"x", "an error"}});
    EXPECT_EQ(run("bot a\na: say go\n! a: expect any {\nmsg /fail/\nmsg /error/\n} within 1h\n"),
              kNotHeld);
    EXPECT_THAT(printed, HasSubstr("this event was not expected"));
}

TEST_F(BlockRun, AFileThatFailedEndsTheWaitForAllOfThem) {
    chats.onSay = [](FakeChat& chat, const std::string&) {
        chat.tellSoon([](client::Listener& listener) {
            auto event = eventOf<event::FileFailed>();
            event.name = "f", event.code = "bad-hash";
            listener.onEvent(event);
        });
        chat.hears("x", "go on");
    };
    const std::string go = "bot a\na: say go\n";
    EXPECT_EQ(run(go + "a: expect all {\nfile name=f\nmsg text=never\n} within 1h\n"), kFile);
    EXPECT_EQ(run(go + "a: expect any {\nfile name=f\nmsg text='go on'\n} within 1h\n"), kMet);
    EXPECT_EQ(run(go + "a: expect any {\nfile name=f\nfile name=/^f/\n} within 1h\n"), kFile);
}

TEST_F(BlockRun, ALostServerEndsIt) {
    meanwhile = [this](Runner&) {
        loop.after(20, [this] { chats.chats["b"]->loses("lost", "gone"); });
    };
    EXPECT_EQ(run("bot b\nb: expect all {\nmsg\nfile\n} within 1h\n"), kNoServer);
    EXPECT_EQ(run("bot b\nb: expect any {\nmsg\ndisconnected -> set gone=yes\n} within 1h\n"),
              kMet);
}

}  // namespace
}  // namespace netchat::bot
