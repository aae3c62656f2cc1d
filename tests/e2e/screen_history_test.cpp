// The full screen of netchat connect under tmux: what was said before, the window's size, and a
// server that goes away.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "tests/support/at_screen.h"
#include "tests/support/person.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string number(int i) {
    return "number " + std::to_string(i) + ".";
}

// Says number 0 to number n - 1, and waits until they are in the log.
void sayMany(V2ByHand& bot, int n) {
    for (int i = 0; i < n; ++i) bot.send("say", "room:lobby\tid:" + std::to_string(i), number(i));
    while (bot.readUntil("msg").body != number(n - 1)) {
    }
}

std::vector<std::string> rowsOf(const std::string& screen) {
    std::vector<std::string> rows;
    std::istringstream lines(screen);
    for (std::string line; std::getline(lines, line);) rows.push_back(line);
    return rows;
}

// What is left of who is here.
std::string messagesOf(const std::string& screen) {
    std::string messages;
    for (const std::string& row : rowsOf(screen)) {
        const size_t roster = row.rfind("│");
        const bool said = row.starts_with("0") || row.starts_with("1") || row.starts_with("2");
        if (said) messages += row.substr(0, roster) + "\n";
    }
    return messages;
}

// ---- history

class ScreenHistoryTest : public ::testing::Test {
  protected:
    ServerProcess server_;
};

TEST_F(ScreenHistoryTest, ShowsTheLastMessagesAtOnceAndPagesBackToTheFirst) {
    V2ByHand bot(server_.port(), "bot");
    sayMany(bot, 1000);
    AtScreen alice(server_.address(), "alice");
    alice.keys("F2");
    alice.hears("bot", number(999));
    alice.hears("bot", number(990));
    std::string screen = alice.settled();
    for (int i = 990; i < 1000; ++i) EXPECT_THAT(screen, HasSubstr(number(i)));
    EXPECT_THAT(screen, Not(HasSubstr(number(100))));
    screen = alice.pressesUntil("PPage", "│ " + number(0));
    EXPECT_THAT(screen, HasSubstr("PgDn: more below"));

    // The place is kept: whoever comes after what is said is seen to have come.
    const std::string place = messagesOf(screen);
    bot.say("lobby", "more", "something new");
    const V2ByHand carol(server_.port(), "carol");
    EXPECT_EQ(messagesOf(alice.sees("3 here")), place);

    alice.keys("NPage");
    alice.seesNot(number(0));
    for (int i = 100; i < 1000; i += 100) alice.pressesUntil("NPage", number(i));
    screen = alice.pressesUntil("NPage", "carol joined");
    EXPECT_EQ(AtScreen::timesSaid(screen, number(999)), 1) << screen;
    EXPECT_EQ(AtScreen::timesSaid(screen, "something new"), 1) << screen;
    alice.seesNot("PgDn: more below");
}

// Each of them, on one page or the next.
TEST_F(ScreenHistoryTest, PagesOverEveryMessageInOrder) {
    V2ByHand bot(server_.port(), "bot");
    sayMany(bot, 500);
    AtScreen alice(server_.address(), "alice", {}, {.width = 70, .height = 30});
    alice.hears("bot", number(499));
    alice.pressesUntil("PPage", "│ " + number(0));
    std::vector<std::string> all;
    const auto take = [&](const std::string& screen) {
        for (const std::string& row : rowsOf(screen)) {
            const size_t at = row.find("number ");
            if (at == std::string::npos) continue;
            const std::string said = row.substr(at, row.find('.') + 1 - at);
            if (std::find(all.begin(), all.end(), said) == all.end()) all.push_back(said);
        }
    };
    for (int next = 0; next < 500; next = static_cast<int>(all.size())) {
        take(alice.pressesUntil("NPage", "│ " + number(next)));
    }
    ASSERT_EQ(all.size(), 500u);
    for (int i = 0; i < 500; ++i) EXPECT_EQ(all[static_cast<size_t>(i)], number(i));
}

TEST_F(ScreenHistoryTest, ReturnsToTheEnd) {
    V2ByHand bot(server_.port(), "bot");
    sayMany(bot, 300);
    AtScreen alice(server_.address(), "alice");
    alice.hears("bot", number(299));
    alice.pressesUntil("PPage", number(100));
    alice.keys("M->");
    alice.hears("bot", number(299));
    alice.seesNot("PgDn: more below");
    alice.pressesUntil("PPage", number(200));
    alice.line("who speaks is at the end");
    alice.hears("alice", "who speaks is at the end");
    alice.hears("bot", number(299));
}

TEST_F(ScreenHistoryTest, FindsWords) {
    V2ByHand bot(server_.port(), "bot");
    bot.say("lobby", "needle", "a needle");
    sayMany(bot, 300);
    AtScreen alice(server_.address(), "alice");
    alice.hears("bot", number(299));
    alice.line("!search needle");
    alice.hears("bot", "a needle");
    alice.hears("bot", number(0));
    alice.sees("'needle': C-s older");
}

// ---- the window's size

TEST_F(ScreenHistoryTest, IsRightInAnySize) {
    V2ByHand bot(server_.port(), "bot");
    AtScreen alice(server_.address(), "alice");
    alice.keys("F2");
    bot.say("lobby", "1", "the quick brown fox jumps over the lazy dog");
    alice.hears("bot", "the quick brown fox jumps over the lazy dog");
    alice.types("typed");
    alice.hasTyped("> typed");
    const std::string before = alice.settled("typed");
    Tmux& terminal = alice.terminal();

    terminal.resize(20, 4);
    alice.sees("lazy dog\n");
    EXPECT_THAT(terminal.rows()[0], EndsWith(" 1 lobby"));
    alice.hasTyped("> typed");
    terminal.hasValue("#{cursor_x} #{cursor_y}", "7 3");

    terminal.resize(300, 100);
    terminal.seesLine("^[0-9:]{5} +bot │ the quick brown fox jumps over the lazy dog +│");
    alice.sees("2 here");
    alice.hasTyped("> typed");
    terminal.hasValue("#{cursor_x} #{cursor_y}", "7 99");

    terminal.resize(45, 9);
    terminal.seesLine("^[0-9:]{5} +bot │ the quick brown fox jumps$");
    alice.hasTyped("> typed");

    for (const int height : {1, 2, 3}) {
        terminal.resize(8, height);
        terminal.seesThat("a line of input", [&](const std::string& screen) {
            const auto rows = rowsOf(screen);
            return rows.size() == static_cast<size_t>(height) && rows.back() == "> typed";
        });
    }
    terminal.resize(1, 1);
    terminal.hasValue("#{pane_width}x#{pane_height}", "1x1");
    terminal.resize(80, 24);
    terminal.seesThat("what was there:\n" + before, [&](const std::string& screen) {
        return messagesOf(screen) == messagesOf(before) && rowsOf(screen)[0] == rowsOf(before)[0] &&
               screen.ends_with("\n> typed\n");
    });
    alice.keys("Enter");
    alice.hears("alice", "typed");
}

// ---- a server that goes away

class ScreenReconnectTest : public ::testing::Test {
  protected:
    std::string data() const { return (folder_ / "data").string(); }
    void kill() {
        server_->process().signal(SIGKILL);
        server_->process().waitForExit();
    }
    void startAgain() {
        const std::string port = std::to_string(server_->port());
        server_.reset();
        server_.emplace(std::vector<std::string>{"--data", data(), "--port", port});
    }
    // All that is in the log, as somebody sees it who comes later.
    std::string log() {
        Person late(server_->address(), "late", {"--history", "200"});
        late.isInside();
        EXPECT_EQ(late.leaves(), 0);
        return late.process().output();
    }
    static int times(const std::string& text, const std::string& part) {
        int times = 0;
        for (size_t at = 0; (at = text.find(part, at)) != std::string::npos; ++at) ++times;
        return times;
    }

    TempFolder folder_;
    std::optional<ServerProcess> server_{std::in_place, std::vector<std::string>{"--data", data()}};
};

TEST_F(ScreenReconnectTest, SaysOnceWhatWasSaidToALostServer) {
    AtScreen alice(server_->address(), "alice", {}, {.width = 100, .height = 50});
    std::optional<Person> bob(std::in_place, server_->address(), "bob");
    bob->isInside();
    for (int i = 0; i < 5; ++i) alice.line(number(i));
    bob->sees("<alice> " + number(4));
    bob->type("bob's word");
    alice.hears("bob", "bob's word");

    kill();
    alice.sees("lost the server 127.0.0.1:");
    alice.sees("lost, trying again");
    for (int i = 5; i < 8; ++i) alice.line(number(i));
    alice.sees("3 waiting");
    for (int i = 5; i < 8; ++i) alice.terminal().seesLine("^  \\.\\.\\. +alice │ " + number(i));

    startAgain();
    alice.line("!reconnect");
    alice.sees("connected again as alice");
    for (int i = 5; i < 8; ++i) alice.hears("alice", number(i));
    alice.seesNot("waiting");
    alice.line("the last");
    alice.hears("alice", "the last");
    alice.seesNot("  ...");
    const std::string screen = alice.settled();
    EXPECT_THAT(screen, Not(HasSubstr("trying again in")));
    const std::string logged = log();
    for (int i = 0; i < 8; ++i) {
        EXPECT_EQ(times(screen, number(i)), 1) << screen;
        EXPECT_EQ(times(logged, "<alice> " + number(i)), 1) << logged;
    }
    EXPECT_EQ(times(screen, "bob's word"), 1) << screen;
}

// What others said before this one came back is there, too.
TEST_F(ScreenReconnectTest, ShowsWhatWasMissed) {
    AtScreen alice(server_->address(), "alice");
    kill();
    alice.sees("lost, trying again");
    const uint16_t port = server_->port();
    startAgain();
    V2ByHand bot(port, "bot");
    sayMany(bot, 100);
    alice.line("!reconnect");
    alice.hears("bot", number(99));
    alice.hears("bot", number(95));
    alice.pressesUntil("PPage", "│ " + number(0));
    alice.pressesUntil("PPage", "connected again as alice");
}

TEST_F(ScreenReconnectTest, SaysThatItIsLostForGood) {
    AtScreen alice(server_->address(), "alice", {"--reconnect", "off"}, {.width = 140});
    kill();
    alice.sees("!reconnect tries again, !exit");
    alice.line("is anybody there?");
    alice.sees("not sent: the server is lost");
    alice.hasTyped("> is anybody there?");
    startAgain();
    alice.keys("C-a", "C-k");
    alice.line("!reconnect");
    alice.sees("connected again as alice");
    alice.keys("C-y", "Enter");
    alice.hears("alice", "is anybody there?");
    kill();
    alice.terminal().seesLine("^ lost  alice@");
    EXPECT_THAT(alice.leaves(), HasSubstr("ended 3\n"));
}

}  // namespace
}  // namespace netchat::test
