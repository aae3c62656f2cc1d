// A nick is the user's who first used it, over restarts of both sides.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <memory>

#include "tests/support/classic_client.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class NickLease : public ::testing::Test {
  protected:
    void start(std::vector<std::string> more = {}) {
        std::vector<std::string> words = {"--data", folder_ / "data"};
        words.insert(words.end(), more.begin(), more.end());
        server_ = std::make_unique<ServerProcess>(words);
    }
    void killAndStart() {
        const std::string port = std::to_string(server_->port());
        server_->process().signal(SIGKILL);
        server_->process().waitForExit();
        start({"--port", port});
    }
    V2ByHand::Frame greet(const std::string& labels) {
        V2ByHand user(server_->port());
        user.send("netchat/2", labels);
        auto answer = user.read();
        user.send("bye", "");
        if (answer.verb == "welcome") user.readUntil("bye");
        return answer;
    }
    // The answer to connect's or a bot's greeting.
    struct Outcome {
        int exit;
        std::string errors;
    };
    Outcome run(std::vector<std::string> words, const std::string& state = "state") {
        Process process({std::move(words), {{"XDG_STATE_HOME", folder_ / state}}});
        process.writeLine("hello");
        process.closeInput();
        const int exit = process.waitForExit();
        return {exit, process.errors()};
    }
    Outcome chat(const std::string& nick, const std::string& state = "state") {
        return run({"connect", server_->address(), "--insecure", "--nick", nick}, state);
    }
    int order(std::vector<std::string> words) {
        words.insert(words.begin(), {"ctl", "--data", folder_ / "data"});
        Process process(words);
        return process.waitForExit();
    }

    TempFolder folder_;
    std::unique_ptr<ServerProcess> server_;
};

TEST_F(NickLease, IsTheirsWhoFirstUsedIt) {
    start();
    const auto welcome = greet("nick:alice");
    ASSERT_EQ(welcome.verb, "welcome");
    EXPECT_EQ(greet("nick:alice")["code"], "nick-in-use");
    EXPECT_EQ(greet("nick:Alice")["code"], "nick-in-use");
    EXPECT_EQ(greet("nick:alice\tsession:" + welcome["session"])["user"], welcome["user"]);
    killAndStart();
    EXPECT_EQ(greet("nick:alice")["code"], "nick-in-use");
    EXPECT_EQ(greet("nick:alice\tsession:" + welcome["session"])["user"], welcome["user"]);
}

// What was accepted beside 'alice', and in place of the server.
TEST_F(NickLease, NobodyPassesForSomebodyElseInEitherDialect) {
    start();
    V2ByHand alice(server_->port(), "alice");
    for (const char* nick : {"ALlCE", "A1ICE", "\u0410LICE", "NETCHAT", "netch\u0430t"}) {
        EXPECT_EQ(greet("nick:" + std::string(nick))["code"], "nick-in-use") << nick;
    }
    for (const char* nick : {"alice\u2800", "alice\U00016FE4", "alice\U0001D159", "alice\uFFFC",
                             "alice\uE000", "\u2800", "netchat\u2800", "\u202Enetchat"}) {
        EXPECT_EQ(greet("nick:" + std::string(nick))["code"], "bad-nick") << nick;
    }
    for (const char* name : {"netchat ", "\u00A0netchat", "\u202Enetchat", "netchat\u2800", "ALlCE",
                             "alice\u2800", " alice"}) {
        auto thief = std::make_unique<ClassicClient>(server_->port(), name);
        const std::string seen = alice.readUntil("presence")["nick"];
        EXPECT_TRUE(seen.ends_with("_2")) << name << " is " << seen;
        alice.send("nick", "nick:" + seen);
        EXPECT_EQ(alice.readUntil("error")["code"], "nick-in-use");
        thief.reset();
        EXPECT_EQ(alice.readUntil("presence")["state"], "left");
    }
    ClassicClient anna(server_->port(), "Anna Maria");
    EXPECT_EQ(alice.readUntil("presence")["nick"], "Anna Maria");
    for (const char* nick : {"Ame", "Arne", "modern", "modem"}) {
        EXPECT_EQ(greet("nick:" + std::string(nick)).verb, "welcome") << nick;
    }
}

TEST_F(NickLease, ANewRoomDoesNotPassForOneOfTheLog) {
    start();
    V2ByHand alice(server_->port(), "alice", "Build");
    alice.say("Build", "1", "hello");
    killAndStart();
    V2ByHand bob(server_->port(), "bob");
    for (const char* room : {"build", "BUILD", "Bui1d", "Lobby"}) {
        bob.send("join", "room:" + std::string(room));
        const auto refused = bob.readUntil("error");
        EXPECT_EQ(refused["code"], "bad-room");
        EXPECT_THAT(refused.body, HasSubstr("there is a room '"));
    }
    bob.send("join", "room:Build\tsince:0");
    EXPECT_EQ(bob.readUntil("msg").body, "hello");
}

TEST_F(NickLease, OfAClassicUserWhoAsksForItGetsANumber) {
    start();
    greet("nick:alice");
    V2ByHand watcher(server_->port(), "watcher");
    ClassicClient alice(server_->port(), "alice");
    EXPECT_EQ(watcher.readUntil("presence")["nick"], "alice_2");
}

TEST_F(NickLease, ConnectAndBotKeepIt) {
    start();
    EXPECT_EQ(chat("alice").exit, 0);
    EXPECT_EQ(run({"bot", "--server", server_->address(), "--insecure", "--nick", "ci", "--stdin",
                   "lines"})
                  .exit,
              0);
    killAndStart();
    EXPECT_EQ(chat("alice").exit, 0);
    EXPECT_EQ(run({"bot", "--server", server_->address(), "--insecure", "--nick", "ci", "--stdin",
                   "lines"})
                  .exit,
              0);
    const auto other = chat("alice", "elsewhere");
    EXPECT_EQ(other.exit, 3);
    EXPECT_THAT(other.errors, HasSubstr("is reserved for a user who was here before"));
    EXPECT_EQ(chat("bob", "elsewhere").exit, 0);
}

TEST_F(NickLease, AScriptsBotsKeepTheirs) {
    start();
    const fs::path script = folder_.write("two.bot", "bot alice bob\nalice: say hi\n");
    for (int i = 0; i < 2; ++i) {
        const auto done = run({"bot", "--server", server_->address(), "--insecure", script});
        EXPECT_EQ(done.exit, 0) << done.errors;
    }
}

TEST_F(NickLease, TwoRunsAtOnceAreNotOneUser) {
    start();
    ASSERT_EQ(chat("alice").exit, 0);
    Process first({{"connect", server_->address(), "--insecure", "--nick", "alice"},
                   {{"XDG_STATE_HOME", folder_ / "state"}}});
    first.waitForLine("you are in lobby");
    EXPECT_EQ(chat("alice").exit, 3);
    first.writeLine("still here");
    first.closeInput();
    EXPECT_EQ(first.waitForExit(), 0) << first.errors();
}

TEST_F(NickLease, RunsWithoutAHomeForTheSecret) {
    start();
    const auto done = run({"connect", server_->address(), "--insecure", "--nick", "alice"});
    EXPECT_EQ(done.exit, 0) << done.errors;
    fs::create_directories(folder_ / "file");
    fs::remove(folder_ / "file");
    folder_.write("file", "not a folder");
    const auto blocked = chat("bob", "file");
    EXPECT_EQ(blocked.exit, 0);
    EXPECT_THAT(blocked.errors, HasSubstr("you are a guest"));
}

TEST_F(NickLease, RunsOut) {
    start({"--nick-lease", "50ms"});
    greet("nick:alice");
    V2ByHand::Frame answer;
    do {
        answer = greet("nick:alice");
    } while (answer.verb != "welcome");
    EXPECT_EQ(answer["user"], "2");
}

TEST_F(NickLease, IsFreeAtOnceWithoutALease) {
    start({"--nick-lease", "0"});
    greet("nick:alice");
    EXPECT_EQ(greet("nick:alice").verb, "welcome");
}

TEST_F(NickLease, OfAServerThatForgetsItsUsersIsFreeAtOnce) {
    start({"--durability", "memory"});
    EXPECT_EQ(chat("alice").exit, 0);
    EXPECT_FALSE(fs::exists(folder_ / "state" / "netchat" / "clients"));
    EXPECT_EQ(chat("alice", "elsewhere").exit, 0);
}

TEST_F(NickLease, IsGivenAwayByTheOperator) {
    start();
    greet("nick:alice");
    EXPECT_EQ(order({"free-nick", "alice"}), 0);
    EXPECT_EQ(order({"free-nick", "alice"}), 1);
    EXPECT_EQ(greet("nick:alice")["user"], "2");
}

}  // namespace
}  // namespace netchat::test
