#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "modes/bot/jsonl_mode.h"
#include "modes/bot/lines_mode.h"
#include "modes/bot/listen_mode.h"
#include "modes/net/clock.h"
#include "protocol/limits.h"
#include "tests/bot/fake_chat.h"
#include "tests/support/temp_folder.h"

namespace netchat::bot {
namespace {

namespace event = client::event;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class SoloTest : public testing::Test {
  protected:
    SoloTest() {
        settings.client.nick = "me";
        settings.timeoutMs = 2'000;
        settings.print = [this](const std::string& line) { printed += line + "\n"; };
    }
    ~SoloTest() override { fclose(data); }

    std::function<void(const Outcome&)> finisher() {
        return [this](const Outcome& end) {
            outcome = end;
            loop.stop();
        };
    }

    int run(Solo& mode) {
        mode.start();
        auto guard = loop.after(20'000, [this] {
            ADD_FAILURE() << "the mode did not end";
            loop.stop();
        });
        if (meanwhile) loop.after(1, [this] { meanwhile(); });
        loop.run();
        loop.cancel(guard);
        return outcome.code;
    }

    int input(const std::string& text) {
        return open(folder.write("input", text).c_str(), O_RDONLY | O_CLOEXEC);
    }

    int lines(const std::string& text) {
        int fd = input(text);
        LinesMode mode(loop, chats.factory(), settings, fd, finisher());
        int code = run(mode);
        close(fd);
        return code;
    }

    int jsonl(const std::string& text) {
        int fd = input(text);
        JsonlMode mode(loop, chats.factory(), settings, fd, output, finisher());
        int code = run(mode);
        close(fd);
        return code;
    }

    int listen(ListenSettings what, std::optional<int64_t> deadlineMs = {}) {
        settings.deadlineMs = deadlineMs;
        ListenMode mode(loop, chats.factory(), settings, what, output, finisher());
        return run(mode);
    }

    std::string put() {
        std::string text(100'000, '\0');
        rewind(data);
        text.resize(fread(text.data(), 1, text.size(), data));
        return text;
    }

    test::TempFolder folder;
    net::EventLoop loop;
    FakeChats chats{loop};
    SoloSettings settings;
    std::function<void()> meanwhile;
    std::string printed;
    Outcome outcome;
    FILE* data = tmpfile();
    Output output{data, data};
};

TEST_F(SoloTest, LinesAreSaidAndAcknowledged) {
    EXPECT_EQ(lines("one\n\n  \ntwo\r\nbad \xff byte\nlast"), kMet);
    EXPECT_THAT(chats.done, testing::ElementsAre("me start", "me join lobby", "me say lobby one",
                                                 "me say lobby two", "me say lobby bad \uFFFD byte",
                                                 "me say lobby last", "me bye"));
}

TEST_F(SoloTest, TheCommandThatGetsAFileIsOneThatMayBePasted) {
    const auto hintFor = [this](std::string_view room, std::string_view name) {
        printed.clear();
        meanwhile = [this, room, name] {
            chats.chats.at("me")->tellSoon([room, name](client::Listener& listener) {
                auto file = eventOf<event::File>();
                file.room = room, file.name = name, file.from = "eve", file.seq = 7, file.size = 9;
                listener.onEvent(file);
            });
        };
        ListenSettings what;
        what.count = 1;
        EXPECT_EQ(listen(what), kMet);
        return printed;
    };
    EXPECT_THAT(hintFor("lobby", "a.tar"),
                HasSubstr(" --room lobby --listen --since 6 --match a.tar --count 1 "));
    EXPECT_THAT(hintFor("bob's", "x;touch y;#.tar"),
                HasSubstr(R"( --room 'bob'\''s' --listen --since 6 --match 'x;touch y;#.tar' )"));
    EXPECT_THAT(hintFor("-x", "-y[1]*.t"),
                HasSubstr(" --room=-x --listen --since 6 --match='-y?1??.t' "));
    const std::pair<const char*, const char*> odd[] = {
        {"a,b", "x"}, {"lobby", "a\x1b[2Jb"}, {"lobby", "a\nb"}, {"lobby", "\xff"}, {"lobby", ""}};
    for (const auto& [room, name] : odd) {
        const std::string hint = hintFor(room, name);
        EXPECT_THAT(hint, Not(HasSubstr("netchat bot --server")));
        EXPECT_THAT(hint, HasSubstr("get it in another run with --listen, --since 6"));
        EXPECT_THAT(hint, Not(HasSubstr("\x1b")));
    }
}

TEST_F(SoloTest, LinesGoToEveryRoomAsked) {
    settings.rooms = {"dev", "ops"};
    EXPECT_EQ(lines("x\n"), kMet);
    EXPECT_THAT(chats.done, Contains("me say dev x"));
    EXPECT_THAT(chats.done, Contains("me say ops x"));
}

TEST_F(SoloTest, NoMoreLinesAreSaidThanTheWindow) {
    chats.echoes = false;
    size_t most = 0;
    chats.onSay = {};
    settings.timeoutMs = 300;
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "x\n";
    EXPECT_EQ(lines(text), kTimedOut);
    for (const std::string& what : chats.done) most += what == "me say lobby x" ? 1 : 0;
    EXPECT_EQ(most, kLinesWindow);
    EXPECT_THAT(outcome.text, HasSubstr("64 may not be in the log"));
}

TEST_F(SoloTest, ManyLinesPassThroughTheWindow) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "x\n";
    EXPECT_EQ(lines(text), kMet);
    EXPECT_EQ(chats.done.size(), 1003u);
}

TEST_F(SoloTest, LinesRefusedAreToldAndCounted) {
    chats.refusals = {"bad"};
    EXPECT_EQ(lines("good\nbad\n" + std::string(limits::kTextBytesMax + 1, 'x') + "\n"), kNotHeld);
    EXPECT_THAT(outcome.text, HasSubstr("2 of 3 lines"));
    EXPECT_THAT(printed, HasSubstr("line 3 is longer than"));
    EXPECT_THAT(printed, HasSubstr("not sent: not this (bad-text)"));
}

TEST_F(SoloTest, ALostServerExits3) {
    chats.echoes = false;
    meanwhile = [this] { chats.chats.at("me")->loses("lost", "gone"); };
    EXPECT_EQ(lines("x\n"), kNoServer);
    EXPECT_THAT(outcome.text, HasSubstr("lost the server: gone (lost)"));
    chats.refusals = {"me"};
    meanwhile = {};
    EXPECT_EQ(lines("x\n"), kNoServer);
    EXPECT_THAT(outcome.text, HasSubstr("could not connect: taken"));
}

TEST_F(SoloTest, AClosedRoomExits3) {
    chats.refusals = {"lobby"};
    EXPECT_EQ(lines("x\n"), kNoServer);
    EXPECT_THAT(outcome.text, HasSubstr("could not join lobby"));
}

TEST_F(SoloTest, ListenPrintsUntilEnoughWasHeard) {
    meanwhile = [this] {
        FakeChat& me = *chats.chats.at("me");
        me.hears("al\x1b[1m", "one\ntwo");
        me.hears("me", "own", "1", "lobby", true);
        me.hears("bob", "three");
        me.hears("bob", "never");
    };
    EXPECT_EQ(listen({.count = 2, .json = false}), kMet);
    EXPECT_THAT(put(), HasSubstr("lobby bob: three\n"));
    EXPECT_THAT(put(), HasSubstr("lobby al\uFFFD[1m: one two\n"));
    EXPECT_THAT(put(), Not(HasSubstr("own")));
    EXPECT_THAT(put(), Not(HasSubstr("never")));
}

TEST_F(SoloTest, ListenCountsWhatComesBeforeTheLastRoomIsJoined) {
    settings.rooms = {"dev", "ops"};
    chats.answers = false;
    meanwhile = [this] {
        FakeChat& me = *chats.chats.at("me");
        me.tellSoon(
            [](client::Listener& listener) { listener.onEvent(eventOf<event::Connected>()); });
        me.hears("bob", "early", {}, "dev");
    };
    EXPECT_EQ(listen({.count = 1, .json = false}, 10'000), kMet);
    EXPECT_THAT(put(), HasSubstr("dev bob: early\n"));
}

TEST_F(SoloTest, ListenCountsAndPrintsWhatFits) {
    meanwhile = [this] {
        FakeChat& me = *chats.chats.at("me");
        me.hears("al", "ready");
        me.hears("bob", "not yet");
        me.hears("bob", "ready");
        me.hears("bob", "too late, but ready");
    };
    ListenSettings what{.count = 1};
    what.filter = std::move(*HeardFilter::make({"/ready/", "*.tar"}, {"bob"}));
    EXPECT_EQ(listen(what), kMet);
    EXPECT_EQ(put(), "lobby bob: ready\n");
}

TEST_F(SoloTest, ListenSaysHowToGetWhatIsTooLarge) {
    settings.client.server = {"::1", 6121};
    settings.client.autoDownloadBytes = 1024;
    meanwhile = [this] {
        chats.chats.at("me")->tellSoon([](client::Listener& listener) {
            auto file = eventOf<event::File>();
            file.room = "dev", file.from = "al", file.name = "it's *big*", file.size = 2048;
            file.seq = 42;
            listener.onEvent(file);
        });
    };
    EXPECT_EQ(listen({.count = 1}), kMet);
    EXPECT_THAT(printed, HasSubstr("it's *big* (2.0 KiB) was not downloaded"));
    EXPECT_THAT(printed, HasSubstr("netchat bot --server '[::1]:6121' --nick NAME --room dev "
                                   "--listen --since 41 --match 'it'\\''s ?big?' --count 1 "
                                   "--downloads DIR"));
}

TEST_F(SoloTest, ListenEndsAtItsDeadline) {
    EXPECT_EQ(listen({.count = {}, .json = false}, 20), kMet);
    EXPECT_EQ(listen({.count = 1, .json = false}, 20), kTimedOut);
    EXPECT_THAT(outcome.text, HasSubstr("heard 0 of 1 within 20ms"));
}

// A server that answers neither the greeting nor the bye.
TEST_F(SoloTest, EveryModeEndsAtItsDeadlineWithoutTheServer) {
    chats.answers = false;
    chats.byes = false;
    settings.deadlineMs = 200;
    const auto endsAtOnce = [&](auto&& mode) {
        const int64_t started = net::monotonicMs();
        EXPECT_EQ(mode(), kTimedOut);
        EXPECT_LT(net::monotonicMs() - started, 2'000);
        EXPECT_THAT(outcome.text, HasSubstr("the server has not let us into our rooms"));
    };
    endsAtOnce([&] { return lines("hello\n"); });
    endsAtOnce([&] { return jsonl("{\"do\":\"exit\"}\n"); });
    endsAtOnce([&] { return listen({.count = {}, .json = false}, 200); });
    endsAtOnce([&] { return listen({.count = 1, .json = false}, 200); });
}

TEST_F(SoloTest, ListenWritesJson) {
    meanwhile = [this] { chats.chats.at("me")->hears("bob", "hi"); };
    EXPECT_EQ(listen({.count = 1, .json = true}), kMet);
    EXPECT_THAT(put(), HasSubstr(R"({"event":"connected")"));
    EXPECT_THAT(put(), HasSubstr(R"("from":"bob")"));
}

// ---- files and streams that fail

event::FileFailed fileFailed(std::string_view name, std::string_view sha256) {
    auto event = eventOf<event::FileFailed>();
    event.name = name, event.sha256 = sha256, event.code = "no-room", event.text = "disk full";
    return event;
}

TEST_F(SoloTest, AFileThatFailedExits5) {
    meanwhile = [this] {
        chats.chats.at("me")->tellSoon(
            [](client::Listener& listener) { listener.onEvent(fileFailed("x.bin", "aa")); });
    };
    EXPECT_EQ(listen({.count = {}, .json = false}, 300), kFile);
    EXPECT_THAT(outcome.text, HasSubstr("x.bin was not received: disk full (no-room)"));
    EXPECT_EQ(listen({.count = 1, .json = false}, 300), kFile);
    EXPECT_THAT(outcome.text, HasSubstr("heard 0 of 1 within 300ms; x.bin was not received"));
}

TEST_F(SoloTest, AFileThatCameAfterAllIsNoFailure) {
    meanwhile = [this] {
        chats.chats.at("me")->tellSoon([](client::Listener& listener) {
            listener.onEvent(fileFailed("x.bin", "aa"));
            auto received = eventOf<event::FileReceived>();
            received.name = "x.bin", received.sha256 = "aa";
            listener.onEvent(received);
        });
    };
    EXPECT_EQ(listen({.count = {}, .json = false}, 300), kMet);
}

TEST_F(SoloTest, AFileThatWasGivenUpIsNoFailure) {
    meanwhile = [this] {
        chats.chats.at("me")->tellSoon([](client::Listener& listener) {
            auto event = fileFailed("x.bin", "aa");
            event.code = "cancelled";
            listener.onEvent(event);
        });
    };
    EXPECT_EQ(listen({.count = {}, .json = false}, 300), kMet);
}

TEST_F(SoloTest, AFileThatAJsonCommandAskedForInVainExits5) {
    chats.refusals = {"x.bin"};
    EXPECT_EQ(jsonl("{\"do\":\"get\",\"sha256\":\"" + std::string(64, 'a') +
                    "\",\"name\":\"x.bin\",\"size\":1}\n"),
              kFile);
}

TEST_F(SoloTest, AnOutputThatCannotBeWrittenExits1) {
    FILE* const full = fopen("/dev/full", "w");
    Output nowhere{full, data};
    settings.deadlineMs = 10'000;
    ListenMode mode(loop, chats.factory(), settings, {}, nowhere, finisher());
    meanwhile = [this] { chats.chats.at("me")->hears("bob", "hi"); };
    EXPECT_EQ(run(mode), kNotHeld);
    EXPECT_THAT(outcome.text, HasSubstr("stdout cannot be written: No space left"));
    fclose(full);
}

// Nobody speaks, and no input comes.
TEST_F(SoloTest, EndsWhenItsReaderHasGone) {
    for (const bool jsonl : {false, true}) {
        int out[2], in[2];
        ASSERT_EQ(pipe2(out, O_CLOEXEC), 0);
        ASSERT_EQ(pipe2(in, O_CLOEXEC), 0);
        FILE* const stream = fdopen(out[1], "w");
        Output pipe{stream, data};
        meanwhile = [&] { close(out[0]); };
        if (jsonl) {
            JsonlMode mode(loop, chats.factory(), settings, in[0], pipe, finisher());
            EXPECT_EQ(run(mode), kMet);
        } else {
            ListenMode mode(loop, chats.factory(), settings, {}, pipe, finisher());
            EXPECT_EQ(run(mode), kMet);
        }
        fclose(stream);
        close(in[0]);
        close(in[1]);
    }
}

TEST_F(SoloTest, AFolderAsInputExits5) {
    const int fd = open(folder.path().c_str(), O_RDONLY | O_CLOEXEC);
    LinesMode lines(loop, chats.factory(), settings, fd, finisher());
    EXPECT_EQ(run(lines), kFile);
    EXPECT_EQ(outcome.text, "stdin cannot be read: Is a directory");
    JsonlMode jsonl(loop, chats.factory(), settings, fd, output, finisher());
    EXPECT_EQ(run(jsonl), kFile);
    close(fd);
}

TEST_F(SoloTest, JsonCommandsAreObeyed) {
    EXPECT_EQ(jsonl(R"({"do":"say","text":"h\u00e9","ref":7})"
                    "\n\n"
                    R"({"do":"say","room":"dev","text":"x"})"
                    "\n"
                    R"({"do":"tell","to":"bob","text":"psst"})"
                    "\n"
                    R"({"do":"join","room":"ops","since":0})"
                    "\n"
                    R"({"do":"leave","room":"ops"})"
                    "\n"
                    R"({"do":"nick","nick":"moi"})"
                    "\n"),
              kMet);
    EXPECT_THAT(chats.done,
                testing::IsSupersetOf({"me say lobby hé", "me say dev x", "me tell bob psst",
                                       "me join ops", "me leave ops"}));
    EXPECT_THAT(put(), HasSubstr(R"({"event":"accepted","do":"say","id":"1","ref":7})"));
    EXPECT_THAT(put(), HasSubstr(R"("own":true)"));
}

TEST_F(SoloTest, BadCommandsAreAnsweredAndExit65) {
    chats.refusals = {"/none"};
    EXPECT_EQ(
        jsonl("nonsense\n{\"do\":\"shout\"}\n[]\n{\"do\":5}\n{\"do\":\"say\"}\n"
              "{\"do\":\"say\",\"text\":5}\n{\"do\":\"join\",\"room\":\"x\",\"since\":\"y\"}\n"
              "{\"do\":\"get\",\"sha256\":\"x\",\"name\":\"../x\",\"size\":1}\n"
              "{\"do\":\"upload\",\"file\":\"/none\"}\n{\"do\":\"reconnect\"}\n"
              "{\"do\":\"say\",\"text\":\"still here\"}\n"),
        kBadScript);
    EXPECT_THAT(outcome.text, HasSubstr("9 of 11 lines"));
    EXPECT_THAT(put(), HasSubstr(R"({"event":"bad-command","line":2,"text":"unknown \"do\":)"));
    EXPECT_THAT(chats.done, Contains("me say lobby still here"));
}

TEST_F(SoloTest, JsonExitEndsBeforeTheInput) {
    EXPECT_EQ(jsonl("{\"do\":\"exit\"}\n{\"do\":\"say\",\"text\":\"no\"}\n"), kMet);
    EXPECT_THAT(chats.done, Not(Contains("me say lobby no")));
}

TEST_F(SoloTest, JsonMayCutAndReconnect) {
    EXPECT_EQ(jsonl("{\"do\":\"disconnect\"}\n{\"do\":\"reconnect\"}\n"
                    "{\"do\":\"say\",\"text\":\"back\"}\n"),
              kMet);
    EXPECT_THAT(chats.done, Contains("me say lobby back"));
}

}  // namespace
}  // namespace netchat::bot
