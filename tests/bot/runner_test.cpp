#include "modes/bot/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/bot/runner_fixture.h"

namespace netchat::bot {
namespace {

namespace event = client::event;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;

TEST_F(RunnerTest, RunsStepsInOrderAndSaysBye) {
    EXPECT_EQ(run("bot a b\na: say hi\nb: expect msg from=a text=hi\n"), kMet);
    EXPECT_THAT(chats.done,
                testing::ElementsAre("a start", "a join lobby", "b start", "b join lobby",
                                     "a say lobby hi", "a bye", "b bye"));
    EXPECT_THAT(printed, HasSubstr("ok: 3 steps, 2 bots"));
}

TEST_F(RunnerTest, CapturesBecomeVariables) {
    variables["who"] = "world";
    EXPECT_EQ(
        run("bot a b\na: say 'build 12 for $who'\n"
            "b: expect msg /build (?<n>\\d+) for ${who}/\nset m \"<$n>\"\nb: say 'testing $m'\n"),
        kMet);
    EXPECT_THAT(chats.done, Contains("b say lobby testing <12>"));
}

TEST_F(RunnerTest, ADefaultIsBeatenByTheCommandLine) {
    variables["a"] = "given";
    EXPECT_EQ(
        run("bot x\nset -default a 1\nset -default b 2\nx: say '$a $b'\nset a 3\nx: say $a\n"),
        kMet);
    EXPECT_THAT(chats.done, Contains("x say lobby given 2"));
    EXPECT_THAT(chats.done, Contains("x say lobby 3"));
}

TEST_F(RunnerTest, ExpectConsumesUpToItsMatch) {
    EXPECT_EQ(
        run("bot a b\na: say 1\na: say 2\na: say 3\n"
            "b: expect msg text=2\n! b: expect msg text=1 within 1ms\nb: expect msg text=3\n"),
        kMet);
}

TEST_F(RunnerTest, EachBotHasItsOwnCursor) {
    EXPECT_EQ(run("bot a b c\na: say 1\nb: expect msg text=1\nc: expect msg text=1\n"), kMet);
}

TEST_F(RunnerTest, CountConsumesThatMany) {
    EXPECT_EQ(run("bot a b\na: say x1\na: say y\na: say x2\na: say x3\n"
                  "b: expect -count=2 msg /x(?<n>.)/\na: say $n\nb: expect msg text=x3\n"),
              kMet);
    EXPECT_THAT(chats.done, Contains("a say lobby 2"));
}

TEST_F(RunnerTest, AnExpectNotMetInTimeExits4AndReports) {
    EXPECT_EQ(run("bot a b\na: say hello\nb: expect msg from=a text=bye within 10ms\na: say no\n"),
              kTimedOut);
    EXPECT_THAT(
        printed,
        AllOf(HasSubstr("test.bot:3: b: expect msg"), HasSubstr("no such event came within 10ms"),
              HasSubstr("expected: msg from=a text=bye"), HasSubstr("b's last events"),
              HasSubstr("from=a: hello"), HasSubstr("failed (exit 4) at step 3 of 4, 2 bots")));
    EXPECT_THAT(chats.done, testing::Not(Contains("a say lobby no")));
    EXPECT_THAT(chats.done, Contains("b bye"));
}

TEST_F(RunnerTest, TheReportShowsTheLastTenEvents) {
    std::string script = "bot a b\n";
    for (int i = 0; i < 15; ++i) script += "a: say m" + std::to_string(i) + "\n";
    EXPECT_EQ(run(script + "b: expect private within 1ms\n"), kTimedOut);
    EXPECT_THAT(printed,
                AllOf(HasSubstr(": m14"), HasSubstr(": m5"), testing::Not(HasSubstr(": m4"))));
}

TEST_F(RunnerTest, TooFewOfACountIsSaid) {
    EXPECT_EQ(run("bot a b\na: say 1\nb: expect -count=2 msg within 10ms\n"), kTimedOut);
    EXPECT_THAT(printed, HasSubstr("only 1 of 2 came within 10ms"));
}

TEST_F(RunnerTest, ANegatedExpectFailsOnWhatIsQueuedOrComes) {
    EXPECT_EQ(run("bot a b\na: say hi\n! b: expect msg within 1h\n"), kNotHeld);
    EXPECT_THAT(printed, HasSubstr("this event was not expected"));
    meanwhile = [this](Runner&) {
        loop.after(20, [this] { chats.chats["b"]->hears("a", "late"); });
    };
    EXPECT_EQ(run("bot a b\n! b: expect msg within 1h\n"), kNotHeld);
}

TEST_F(RunnerTest, ANegatedExpectConsumesNothing) {
    EXPECT_EQ(run("bot a b\na: say hi\n! b: expect private within 1ms\nb: expect msg text=hi\n"),
              kMet);
}

TEST_F(RunnerTest, ARefusedStepFailsUnlessItIsWanted) {
    chats.refusals = {"bad", "taken", "closed", "/none"};
    EXPECT_EQ(run("bot a\na: say bad\n"), kNotHeld);
    EXPECT_THAT(printed, HasSubstr("refused: not this (bad-text)"));
    EXPECT_EQ(run("bot a\na: nick taken\n"), kNotHeld);
    EXPECT_EQ(run("bot a\na: join closed\n"), kNotHeld);
    EXPECT_EQ(run("bot a\na: upload /none\n"), kFile);
    EXPECT_EQ(run("bot a\n! a: say bad\na: expect error code=bad-text\n! a: nick taken\n"
                  "! a: join closed\n! a: upload /none\n"),
              kMet);
    EXPECT_EQ(run("bot a\n! a: say good\n"), kNotHeld);
    EXPECT_THAT(printed, HasSubstr("should have been refused"));
}

TEST_F(RunnerTest, AServerThatAnswersNothingTimesOut) {
    chats.echoes = false;
    EXPECT_EQ(run("bot a\na: say hi within 10ms\n"), kTimedOut);
    EXPECT_THAT(printed, HasSubstr("the server has not accepted it within 10ms"));
    chats.answers = false;
    EXPECT_EQ(run("timeout 10ms\nbot a\n"), kTimedOut);
    EXPECT_THAT(printed, HasSubstr("a is not connected yet within 10ms"));
}

TEST_F(RunnerTest, ARefusedGreetingExits3) {
    chats.refusals = {"b"};
    EXPECT_EQ(run("bot a b\n"), kNoServer);
    EXPECT_THAT(printed, HasSubstr("b could not connect: taken (nick-in-use)"));
}

TEST_F(RunnerTest, ALostServerEndsAWaitingExpect) {
    meanwhile = [this](Runner&) {
        loop.after(20, [this] { chats.chats["b"]->loses("lost", "gone"); });
    };
    EXPECT_EQ(run("bot a b\nb: expect msg within 1h\n"), kNoServer);
    EXPECT_THAT(printed, HasSubstr("b lost the server: gone (lost)"));
}

TEST_F(RunnerTest, ALossThatIsExpectedIsNoFailure) {
    meanwhile = [this](Runner&) {
        loop.after(20, [this] { chats.chats["b"]->loses("closing", "shutting down"); });
    };
    EXPECT_EQ(run("bot b\nb: expect disconnected code=closing within 1h\n"), kMet);
    EXPECT_EQ(run("bot b\nsleep 50ms\n"), kNoServer);
}

TEST_F(RunnerTest, DisconnectReconnectAndExit) {
    EXPECT_EQ(run("bot a\na: disconnect\na: reconnect\na: say hi\na: exit\na: reconnect\n"), kMet);
    EXPECT_EQ(run("bot a\na: disconnect\na: say hi\n"), kNoServer);
    EXPECT_EQ(run("bot a\na: reconnect\n"), kNotHeld);
    EXPECT_EQ(run("bot a\na: exit\na: expect msg within 1h\n"), kTimedOut);
}

TEST_F(RunnerTest, ExitEndsTheScriptWithItsCode) {
    EXPECT_EQ(run("bot a\nexit\na: say no\n"), kMet);
    EXPECT_THAT(printed, HasSubstr("ok: 2 steps"));
    EXPECT_EQ(run("bot a\nexit 9\na: say no\n"), 9);
    EXPECT_THAT(chats.done, testing::Not(Contains("a say lobby no")));
}

TEST_F(RunnerTest, ClassicBotsNeedNoAnswer) {
    chats.echoes = false;
    meanwhile = [this](Runner&) {
        loop.after(500, [this] { chats.chats["d"]->unacknowledged_ = 0; });
    };
    EXPECT_EQ(run("bot d -classic\nd: say hi\n"), kMet);
    EXPECT_THAT(chats.done, testing::Not(Contains("d join lobby")));
}

TEST_F(RunnerTest, ComparesTheLastFileReceived) {
    std::ofstream(folder.path() / "one") << "same";
    std::ofstream(folder.path() / "two") << "same";
    std::ofstream(folder.path() / "three") << "some";
    std::ofstream(folder.path() / "four") << "same!";
    std::string path = (folder.path() / "one").string();
    chats.onSay = [path](FakeChat& chat, const std::string&) {
        chat.tellSoon([path](client::Listener& listener) {
            auto event = eventOf<event::FileReceived>();
            event.name = "f", event.path = path;
            listener.onEvent(event);
        });
    };
    variables["d"] = folder.path().string();
    std::string received = "bot a\na: say go\na: expect file name=f\n";
    EXPECT_EQ(
        run(received + "a: compare $d/two\na: compare $d/two name=f\n! a: compare $d/three\n"),
        kMet);
    EXPECT_EQ(run(received + "a: compare $d/three\n"), kNotHeld);
    EXPECT_THAT(printed, HasSubstr("at byte 1"));
    EXPECT_EQ(run(received + "a: compare $d/four\n"), kNotHeld);
    EXPECT_THAT(printed, HasSubstr("where one of them ends"));
    EXPECT_EQ(run(received + "a: compare $d/two name=g\n"), kNotHeld);
    EXPECT_EQ(run(received + "a: compare $d/nothere\n"), kFile);
    EXPECT_EQ(run(received + "! a: compare $d/two\n"), kNotHeld);
}

TEST_F(RunnerTest, GetWaitsForTheAnnouncementAndTheFile) {
    chats.onSay = [](FakeChat& chat, const std::string&) {
        chat.tellSoon([](client::Listener& listener) {
            auto event = eventOf<event::File>();
            event.name = "f", event.sha256 = "aa", event.size = 5;
            listener.onEvent(event);
        });
    };
    EXPECT_EQ(run("bot a\na: say go\na: get f\na: expect file name=f size=5\n"), kMet);
    EXPECT_EQ(run("bot a\na: get f within 10ms\n"), kTimedOut);
    chats.refusals = {"f"};
    EXPECT_EQ(run("bot a\na: say go\na: get f\n"), kFile);
}

TEST_F(RunnerTest, AFailedDownloadEndsItsExpectWith5) {
    chats.onSay = [](FakeChat& chat, const std::string&) {
        chat.tellSoon([](client::Listener& listener) {
            auto event = eventOf<event::FileFailed>();
            event.name = "f", event.code = "bad-hash";
            listener.onEvent(event);
        });
    };
    EXPECT_EQ(run("bot a\na: say go\na: expect file name=f within 1h\n"), kFile);
}

TEST_F(RunnerTest, EventsBeyondTheBoundAreInconclusive) {
    meanwhile = [this](Runner&) {
        chats.chats.at("a")->tellSoon([](client::Listener& listener) {
            auto event = eventOf<event::Message>();
            event.from = "x";
            for (size_t i = 0; i < EventQueue::kEventsMax; ++i) listener.onEvent(event);
        });
    };
    EXPECT_EQ(run("bot a\nsleep 50ms\n! a: expect private within 1ms\n"), kInconclusive);
    EXPECT_THAT(printed, HasSubstr("were dropped"));
}

// Whoever is in the room can say such a text.
TEST_F(RunnerTest, ATextThatIsTooExpensiveDoesNotFitAndEndsNothing) {
    chats.onSay = [](FakeChat& chat, const std::string&) {
        chat.hears("x", std::string(1 << 20, 'a') + "b");
        chat.hears("boss", "aaa");
    };
    EXPECT_EQ(run("bot a\na: say go\na: expect msg /^(a+)+$/ within 1m\n"), kMet);
    EXPECT_THAT(printed, HasSubstr("test.bot:3: warning: the regular expression takes too long on "
                                   "a text of 1048577 bytes"));
    EXPECT_THAT(printed, HasSubstr("it came from x, and counts as no match"));
}

// Each attempt is within PCRE2's own bound, and there are a million of them.
TEST_F(RunnerTest, ATextThatIsTooExpensiveDoesNotFitBehindAnExclamationMark) {
    chats.onSay = [](FakeChat& chat, const std::string&) {
        chat.hears("x", std::string(1'000'000, 'a'));
    };
    EXPECT_EQ(run("bot a\na: say go\n! a: expect msg /.{0,30000}[xy]/ within 1ms\n"), kMet);
    EXPECT_THAT(printed, HasSubstr("takes too long"));
}

// Whoever goes on and on cannot keep a step from its end.
TEST_F(RunnerTest, WhatComesWhenTheTimeIsUpIsNotLookedAt) {
    const std::string expensive = std::string(100'000, 'a') + "b";
    std::function<void()> goOn = [&] {
        const auto found = chats.chats.find("a");
        if (found == chats.chats.end()) return;
        for (int i = 0; i < 3; ++i) found->second->hears("x", expensive);
        loop.after(1, [&goOn] { goOn(); });
    };
    meanwhile = [&](Runner&) { goOn(); };
    EXPECT_EQ(run("bot a\n! a: expect msg /^(a+)+$/ within 100ms\n"), kMet);
    EXPECT_EQ(run("bot a\na: expect msg /^(a+)+$/ within 100ms\n"), kTimedOut);
}

TEST_F(RunnerTest, WarningsAreBounded) {
    chats.onSay = [](FakeChat& chat, const std::string&) {
        for (int i = 0; i < 21; ++i) chat.hears("x", std::string(1'000, 'a') + "b");
        chat.hears("x", "aaa");
    };
    EXPECT_EQ(run("timeout 5m\nbot a\na: say go\na: expect msg /^(a|aa)+$/ within 5m\n"), kMet);
    size_t warnings = 0;
    for (size_t at = 0; (at = printed.find("warning", at)) != printed.npos; ++at) ++warnings;
    EXPECT_EQ(warnings, 20u + 1u) << printed;  // and that there are more
}

TEST_F(RunnerTest, PrintsTextsOnItsOwnOutput) {
    variables["who"] = "x\ny";
    EXPECT_EQ(run("bot a\nprint 'hello $who'\nprint \"two\\nlines\"\n"), kMet);
    EXPECT_EQ(output, "hello x y\ntwo\nlines\n");
    put = [](const std::string&) { return Outcome{kNotHeld, "stdout cannot be written"}; };
    EXPECT_EQ(run("bot a\nprint x\na: say no\n"), kNotHeld);
    EXPECT_THAT(chats.done, testing::Not(Contains("a say lobby no")));
}

TEST_F(RunnerTest, NumbersAndDurationsMayBeVariables) {
    chats.onSay = [](FakeChat& chat, const std::string&) {
        chat.hears("x", "in 1ms, 2 times, then 7");
        chat.hears("x", "again");
        chat.hears("x", "again");
    };
    const std::string read =
        "bot a\na: say go\na: expect msg /in (?<t>\\w+), (?<n>\\d+) times, then (?<code>\\d+)/\n";
    EXPECT_EQ(run(read + "sleep $t\na: expect -count=$n msg text=again within 10s\n"
                         "! a: expect msg within ${t}\ntimeout $t\n! a: expect msg\n"
                         "exit $code\na: say no\n"),
              7);
    EXPECT_EQ(run(read + "a: expect private within $t\n"), kTimedOut);
    EXPECT_THAT(printed, HasSubstr("came within 1ms"));
    EXPECT_EQ(run(read + "exit 1$t\n"), kNotHeld);
    EXPECT_THAT(printed, HasSubstr("test.bot:4: exit 1$t\n"));
    EXPECT_THAT(printed, HasSubstr("an exit code must be a number from 0 to 255, not '11ms'"));
    EXPECT_EQ(run(read + "sleep $code\n"), kNotHeld);
    EXPECT_THAT(printed, HasSubstr("invalid duration"));
}

TEST_F(RunnerTest, BotsMayBeNamedByVariables) {
    variables["me"] = "ci";
    EXPECT_EQ(run("set other bob\nbot $me ${other}2\n$me: say hi\n"
                  "${other}2: expect msg from=$me text=hi\n! $me: expect msg within 1ms\n"),
              kMet);
    EXPECT_THAT(chats.done, Contains("ci say lobby hi"));
}

TEST_F(RunnerTest, ValuesCannotGrowWithoutBound) {
    std::string script = "bot a\nset v xxxxxxxxxxxxxxxx\n";
    for (int i = 0; i < 30; ++i) script += "set v $v$v\n";
    EXPECT_EQ(run(script), kNotHeld);
    EXPECT_THAT(printed, HasSubstr("longer than"));
}

TEST_F(RunnerTest, CanBeInterrupted) {
    meanwhile = [this](Runner& runner) {
        loop.after(20, [&runner] { runner.end({130, "interrupted"}); });
    };
    EXPECT_EQ(run("bot a\nsleep 1h\n"), 130);
    EXPECT_THAT(chats.done, Contains("a bye"));
}

TEST_F(RunnerTest, TheDeadlineEndsTheRunAlsoWithoutAnAnswer) {
    deadlineMs = 200;
    chats.byes = false;
    const int64_t started = loop.nowMs();
    EXPECT_EQ(run("bot a\na: expect msg within 1h\na: say no\n"), kTimedOut);
    EXPECT_THAT(printed, AllOf(HasSubstr("test.bot:2: a: expect msg"),
                               HasSubstr("did not finish within its deadline of 200ms")));
    chats.answers = false;
    EXPECT_EQ(run("bot a\n"), kTimedOut);
    EXPECT_LT(loop.nowMs() - started, 2'000);
}

TEST_F(RunnerTest, BotsDeclaredLaterConnectLater) {
    EXPECT_EQ(run("bot a\na: say hi\nbot b -room=dev,ops\nb: say -room=ops x\nb: say y\n"), kMet);
    EXPECT_THAT(chats.done, testing::ElementsAre("a start", "a join lobby", "a say lobby hi",
                                                 "b start", "b join dev", "b join ops",
                                                 "b say ops x", "b say dev y", "a bye", "b bye"));
}

}  // namespace
}  // namespace netchat::bot
