// The mode of --stdin jsonl against a chat without a server: what each command is answered with.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "modes/bot/jsonl_mode.h"
#include "tests/bot/fake_chat.h"
#include "tests/support/temp_folder.h"

namespace netchat::bot {
namespace {

namespace event = client::event;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class JsonlTest : public testing::Test {
  protected:
    JsonlTest() {
        settings.client.nick = "me";
        settings.timeoutMs = 20'000;
        settings.print = [](const std::string&) {};
    }
    ~JsonlTest() override { fclose(data); }

    // The commands, one a line; what was answered is in `lines`.
    int run(const std::string& commands) {
        int fd = open(folder.write("input", commands).c_str(), O_RDONLY | O_CLOEXEC);
        JsonlMode mode(loop, chats.factory(), settings, fd, output, [this](const Outcome& end) {
            outcome = end;
            loop.stop();
        });
        mode.start();
        auto guard = loop.after(60'000, [this] {
            ADD_FAILURE() << "the mode did not end";
            loop.stop();
        });
        loop.run();
        loop.cancel(guard);
        close(fd);
        std::string text(1'000'000, '\0');
        rewind(data);
        text.resize(fread(text.data(), 1, text.size(), data));
        for (size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
            lines.push_back(text.substr(at, end - at));
        }
        return outcome.code;
    }
    // The answer that ends with this ref; empty: there is none.
    std::string answerTo(const std::string& ref) const {
        for (const std::string& line : lines) {
            if (line.ends_with(",\"ref\":" + ref + "}")) return line;
        }
        return {};
    }
    // An acknowledging bot's memory, as its next run finds it.
    client::StateFile memory() {
        net::HostPort server{"127.0.0.1", 6121};
        auto file = client::StateFile::open(folder / "state", server, "me");
        EXPECT_TRUE(file) << file.error().text;
        return std::move(*file);
    }
    void acknowledges() {
        settings.acks = true;
        settings.memory = std::make_shared<client::StateFile>(memory());
        chats.resume.secret = "secret", chats.resume.nick = "me";
        chats.resume.rooms = {{"lobby", 3}};
    }
    uint64_t seenByTheNextRun() {
        settings.memory.reset();
        const auto resume = memory().resume();
        EXPECT_TRUE(resume);
        return resume && !resume->rooms.empty() ? resume->rooms[0].last : 0;
    }

    test::TempFolder folder;
    net::EventLoop loop;
    FakeChats chats{loop};
    SoloSettings settings;
    Outcome outcome;
    std::vector<std::string> lines;
    FILE* data = tmpfile();
    Output output{data, data};
};

TEST_F(JsonlTest, EveryAnswerHasTheRefOfWhatItAnswers) {
    chats.refusals = {"dev", "/none"};
    EXPECT_EQ(run(R"({"do":"say","text":"hello","ref":1})"
                  "\n"
                  R"({"do":"join","room":"dev","ref":{"a":[2,"b"]}})"
                  "\n"
                  R"({"do":"join","room":"ops","ref":"three"})"
                  "\n"
                  R"({"do":"upload","file":"/none","ref":4})"
                  "\n"
                  R"({"do":"shout","ref":5})"
                  "\n"
                  R"({"do":"nick","nick":"moi","ref":null})"
                  "\n"),
              kBadScript);
    EXPECT_THAT(answerTo("1"), HasSubstr(R"("event":"accepted")"));
    EXPECT_THAT(lines,
                Contains(testing::AllOf(HasSubstr(R"("event":"message")"),
                                        HasSubstr(R"("own":true)"), HasSubstr(R"("ref":1})"))));
    EXPECT_THAT(answerTo(R"({"a":[2,"b"]})"), HasSubstr(R"("event":"refused")"));
    EXPECT_THAT(answerTo("\"three\""), HasSubstr(R"("event":"joined")"));
    EXPECT_THAT(answerTo("4"), HasSubstr(R"("event":"refused")"));
    EXPECT_THAT(answerTo("5"), HasSubstr(R"("event":"bad-command")"));
    EXPECT_THAT(answerTo("null"), HasSubstr(R"("event":"named")"));
    EXPECT_THAT(lines, Contains(testing::AllOf(HasSubstr(R"("event":"joined","room":"lobby")"),
                                               Not(HasSubstr("ref")))));
}

TEST_F(JsonlTest, AFileThatCannotBeOpenedIsAFailureAndNoBadCommand) {
    chats.refusals = {"/none"};
    EXPECT_EQ(run(R"({"do":"upload","file":"/none","room":"dev","ref":1})"
                  "\n"),
              kFile);
    EXPECT_THAT(
        answerTo("1"),
        testing::AllOf(HasSubstr(R"("event":"refused")"), HasSubstr(R"("code":"no-such-file")"),
                       HasSubstr(R"("name":"/none")"), HasSubstr(R"("room":"dev")")));
}

TEST_F(JsonlTest, AWrongTypeIsRefusedAndNothingIsSaidInTheDefaultRoom) {
    const std::vector<std::string> wrong = {
        R"({"do":"say","text":"secret","room":5})",
        R"({"do":"say","text":"secret","room":null})",
        R"({"do":"say","text":"secret","room":["dev"]})",
        R"({"do":"say","text":"secret","room":""})",
        R"({"do":"say","text":"secret","room":"two words"})",
        R"({"do":"say","text":"secret","romm":"dev"})",
        R"({"do":"say","text":"secret","Room":"dev"})",
        R"({"do":"say","text":"secret","to":"bob"})",
        R"({"do":"say","text":"secret","id":7})",
        R"({"do":"say","text":"secret","id":"7"})",
        R"({"do":"say","text":"secret","id":"two words"})",
        R"({"do":"upload","file":"secret","room":false})",
        R"({"do":"history","room":5})",
        R"({"do":"who","room":5})",
        R"({"do":"search","words":"secret","room":5})",
        R"({"do":"join","room":"dev","since":null})",
        R"({"do":"join","room":"dev","since":true})",
        R"({"do":"join","room":"dev","since":-1})",
        R"({"do":"join","room":"dev","since":1.5})",
        R"({"do":"history","limit":"5"})",
        R"({"do":"op","act":"kick","target":"bob","reason":5})",
        R"({"do":"cancel"})",
        R"({"do":"cancel","id":"1","sha256":"2"})",
        R"({"do":"ack","room":"lobby","seq":1})",
        R"({"do":"ack","anyway":"yes"})",
    };
    std::string input;
    for (size_t i = 0; i < wrong.size(); ++i) {
        input += wrong[i].substr(0, wrong[i].size() - 1) + ",\"ref\":" + std::to_string(i) + "}\n";
    }
    EXPECT_EQ(run(input), kBadScript);
    for (size_t i = 0; i < wrong.size(); ++i) {
        EXPECT_THAT(answerTo(std::to_string(i)), HasSubstr("bad-command")) << wrong[i];
    }
    EXPECT_THAT(chats.done, testing::ElementsAre("me start", "me join lobby", "me bye"));
}

// A program that keeps its own notes in a command, or sends back the keys of an event, is obeyed.
TEST_F(JsonlTest, OtherKeysAreTheProgramsOwn) {
    EXPECT_EQ(run(R"({"do":"say","room":"dev","text":"x","comment":"why","rooms":1})"
                  "\n"),
              kMet);
    EXPECT_THAT(chats.done, Contains("me say dev x"));
}

TEST_F(JsonlTest, TheIdOfAnEntryMayBeTheProgramsOwn) {
    EXPECT_EQ(run(R"({"do":"say","text":"x","id":"re-17","ref":1})"
                  "\n"
                  R"({"do":"tell","to":"bob","text":"y","id":"t-1"})"
                  "\n"
                  R"({"do":"upload","file":"f","id":"f-1"})"
                  "\n"),
              kMet);
    EXPECT_THAT(answerTo("1"), HasSubstr(R"("id":"re-17")"));
    EXPECT_THAT(chats.done, testing::IsSupersetOf({"me say lobby x as re-17",
                                                   "me tell bob y as t-1", "me upload f as f-1"}));
}

TEST_F(JsonlTest, EachOfSeveralNicksHasTheAnswerThatNamesIt) {
    chats.refusals = {"bad nick"};
    EXPECT_EQ(run(R"({"do":"nick","nick":"good","ref":1})"
                  "\n"
                  R"({"do":"nick","nick":"bad nick","ref":2})"
                  "\n"),
              kMet);
    EXPECT_THAT(answerTo("1"), HasSubstr(R"("event":"named")"));
    EXPECT_THAT(answerTo("2"), HasSubstr(R"("event":"refused")"));
}

TEST_F(JsonlTest, WhatIsFetchedAlreadyIsNotFetchedTwice) {
    const std::string get =
        R"({"do":"get","sha256":")" + std::string(64, 'a') + R"(","name":"x","size":1,"ref":)";
    EXPECT_EQ(run(get + "1}\n" + get + "2}\n"), kMet);
    EXPECT_THAT(answerTo("1"), HasSubstr(R"("event":"file-received")"));
    EXPECT_THAT(answerTo("2"), HasSubstr(R"("event":"refused","code":"bad-state","re":"get")"));
}

TEST_F(JsonlTest, AReconnectThatADisconnectOvertakesIsRefused) {
    run(R"({"do":"disconnect","ref":1})"
        "\n"
        R"({"do":"reconnect","ref":2})"
        "\n"
        R"({"do":"disconnect","ref":3})"
        "\n"
        R"({"do":"reconnect","ref":4})"
        "\n");
    EXPECT_THAT(answerTo("2"),
                HasSubstr(R"("event":"refused","code":"bad-state","re":"reconnect")"));
    EXPECT_THAT(answerTo("4"), HasSubstr(R"("event":"connected")"));
}

TEST_F(JsonlTest, SearchOpAndCancelAreObeyed) {
    chats.refusals = {"gone"};
    EXPECT_EQ(run(R"({"do":"search","room":"dev","words":"two words","before":9,"ref":1})"
                  "\n"
                  R"({"do":"op","act":"mute","target":"bob","seconds":60,"reason":"loud"})"
                  "\n"
                  R"({"do":"cancel","id":"5","ref":3})"
                  "\n"
                  R"({"do":"cancel","sha256":"gone","ref":4})"
                  "\n"),
              kMet);
    EXPECT_THAT(chats.done,
                testing::IsSupersetOf({"me search dev two words before 9 limit 20",
                                       "me op mute bob 60 loud", "me cancel 5", "me cancel gone"}));
    EXPECT_THAT(lines, Contains(testing::AllOf(HasSubstr("search-end"), HasSubstr("\"ref\":1"))))
        << "the end of the input waits for it";
    EXPECT_THAT(answerTo("3"), HasSubstr(R"({"event":"accepted","do":"cancel","id":"5")"));
    EXPECT_THAT(answerTo("4"), HasSubstr(R"("code":"no-such-transfer","re":"cancel")"));
}

// ---- acknowledgements

class AckTest : public JsonlTest {
  protected:
    // Somebody says this; then the bot's input is read on.
    void hears(uint64_t seq, const std::string& id) {
        chats.afterJoin.push_back([seq, id](client::Listener& listener) {
            auto event = eventOf<event::Message>();
            event.room = "lobby", event.seq = seq, event.id = id, event.from = "bob";
            listener.onEvent(event);
        });
    }
};

TEST_F(AckTest, WhatWasNotAcknowledgedIsNotSeen) {
    acknowledges();
    hears(4, "a");
    hears(5, "b");
    hears(6, "c");
    EXPECT_EQ(run(R"({"do":"ack","room":"lobby","seq":5,"id":"b","ref":1})"
                  "\n"),
              kMet);
    EXPECT_EQ(answerTo("1"), R"({"event":"accepted","do":"ack","room":"lobby","seq":5,"ref":1})");
    EXPECT_EQ(seenByTheNextRun(), 5u);
}

TEST_F(AckTest, AnEarlierOneTakesNothingBack) {
    acknowledges();
    hears(4, "a");
    hears(5, "b");
    EXPECT_EQ(run(R"({"do":"ack","seq":5})"
                  "\n"
                  R"({"do":"ack","seq":4})"
                  "\n"),
              kMet);
    EXPECT_EQ(seenByTheNextRun(), 5u);
}

TEST_F(AckTest, WhatWasNotToldIsRefused) {
    acknowledges();
    hears(4, "a");
    EXPECT_EQ(run(R"({"do":"ack","room":"lobby","seq":5,"ref":1})"
                  "\n"
                  R"({"do":"ack","room":"lobby","seq":4,"id":"b","ref":2})"
                  "\n"
                  R"({"do":"ack","room":"dev","seq":1,"ref":3})"
                  "\n"),
              kMet);
    EXPECT_THAT(answerTo("1"), HasSubstr(R"("code":"bad-state","re":"ack","room":"lobby")"));
    EXPECT_THAT(answerTo("2"), HasSubstr(R"("code":"bad-id","re":"ack")"));
    EXPECT_THAT(answerTo("3"), HasSubstr(R"("re":"ack","room":"dev")"));
    EXPECT_EQ(seenByTheNextRun(), 3u);
}

TEST_F(AckTest, AnAnswerThatIsNotInTheLogYetHoldsUpTheAcknowledgementBehindIt) {
    acknowledges();
    chats.echoes = false;
    settings.timeoutMs = 50;
    hears(4, "a");
    EXPECT_EQ(run(R"({"do":"say","text":"the answer"})"
                  "\n"
                  R"({"do":"ack","seq":4,"ref":1})"
                  "\n"),
              kTimedOut);
    EXPECT_EQ(answerTo("1"), "");
    EXPECT_EQ(seenByTheNextRun(), 3u);
}

TEST_F(AckTest, ARefusedAnswerKeepsItsQuestionForTheNextRun) {
    acknowledges();
    chats.refusals = {"the answer"};
    hears(4, "a");
    hears(5, "b");
    EXPECT_EQ(run(R"({"do":"say","text":"the answer"})"
                  "\n"
                  R"({"do":"ack","seq":4,"ref":1})"
                  "\n"
                  R"({"do":"ack","seq":5,"ref":2})"
                  "\n"),
              kMet);
    EXPECT_THAT(answerTo("1"), HasSubstr(R"("event":"refused")"));
    EXPECT_THAT(answerTo("2"), HasSubstr(R"("event":"refused")"));
    EXPECT_EQ(seenByTheNextRun(), 3u);
}

TEST_F(AckTest, OrIsPassedOverByWhoSaysSo) {
    acknowledges();
    chats.refusals = {"the answer"};
    hears(4, "a");
    EXPECT_EQ(run(R"({"do":"say","text":"the answer"})"
                  "\n"
                  R"({"do":"ack","seq":4,"anyway":true,"ref":1})"
                  "\n"),
              kMet);
    EXPECT_THAT(answerTo("1"), HasSubstr(R"("event":"accepted")"));
    EXPECT_EQ(seenByTheNextRun(), 4u);
}

// ---- a program that writes before it reads

TEST_F(JsonlTest, AProgramThatReadsLaterCanWriteAllTheSame) {
    std::array<int, 2> in{}, out{};
    ASSERT_EQ(pipe2(in.data(), O_CLOEXEC), 0);
    ASSERT_EQ(pipe2(out.data(), O_CLOEXEC), 0);
    FILE* const written = fdopen(out[1], "w");
    Output narrow{written, data};
    JsonlMode mode(loop, chats.factory(), settings, in[0], narrow, [this](const Outcome& end) {
        outcome = end;
        loop.stop();
    });
    // 4,000 commands and as many answers: each several times what a pipe holds.
    constexpr int kCommands = 4'000;
    std::string answers;
    std::thread program([&] {
        for (int i = 0; i < kCommands; ++i) {
            const std::string line = R"({"do":"say","text":")" + std::string(80, 'x') + "\"}\n";
            ASSERT_EQ(write(in[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
        }
        close(in[1]);
        std::array<char, 65536> piece{};
        for (ssize_t size; (size = read(out[0], piece.data(), piece.size())) > 0;) {
            answers.append(piece.data(), static_cast<size_t>(size));
        }
    });
    mode.start();
    loop.run();
    fclose(written);
    program.join();
    close(in[0]);
    close(out[0]);
    EXPECT_EQ(outcome.code, kMet) << outcome.text;
    EXPECT_EQ(chats.done.size(), kCommands + 3u);
}

}  // namespace
}  // namespace netchat::bot
