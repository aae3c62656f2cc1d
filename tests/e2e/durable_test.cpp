// netchat serve --data: what was shown is still there after the server was killed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;

class DurableTest : public ::testing::Test {
  protected:
    std::string folder() const { return (folder_ / "data").string(); }
    TempFolder folder_;
};

TEST_F(DurableTest, WhatWasShownSurvivesAKill) {
    std::string secret;
    {
        ServerProcess server({"--data", folder()});
        V2ByHand alice(server.port());
        alice.send("netchat/2", "nick:alice");
        secret = alice.readUntil("welcome")["session"];
        alice.send("join", "room:lobby");
        alice.readUntil("joined");
        alice.send("say", "room:lobby\tid:1", "before");
        EXPECT_EQ(alice.readUntil("msg")["seq"], "1");
        server.process().signal(SIGKILL);
        server.process().waitForExit();
    }
    ServerProcess server({"--data", folder()});
    V2ByHand alice(server.port());
    alice.send("netchat/2", "nick:alice\tsession:" + secret);
    EXPECT_EQ(alice.readUntil("welcome")["session"], secret);
    alice.send("join", "room:lobby\tsince:0");
    alice.readUntil("joined");
    EXPECT_EQ(alice.readUntil("msg").body, "before");
    // Said again, because the answer might have been lost: it is in the log once.
    alice.send("say", "room:lobby\tid:1", "before");
    EXPECT_EQ(alice.readUntil("msg")["again"], "1");
    alice.send("say", "room:lobby\tid:2", "after");
    EXPECT_EQ(alice.readUntil("msg")["seq"], "2");
}

TEST_F(DurableTest, ASecondServerSaysWhoHasTheFolder) {
    ServerProcess server({"--data", folder()});
    Process second({"serve", "--port", "0", "--data", folder()});
    EXPECT_EQ(second.waitForExit(), 3);
    EXPECT_THAT(second.errors(),
                HasSubstr("is already used by process " + std::to_string(server.process().pid())));
    EXPECT_THAT(second.errors(), HasSubstr("--data DIR"));
}

TEST_F(DurableTest, WithoutAFolderTheStateFolderIsUsed) {
    const auto home = folder_ / "home";
    std::filesystem::create_directory(home);
    Process::Options options{{"serve", "--port", "0"}, {{"HOME", home.string()}}, {}, {}};
    Process server(options);
    server.waitForLine("listening on");
    EXPECT_TRUE(std::filesystem::exists(home / ".local/state/netchat/log.sqlite"));
    options.environment["XDG_STATE_HOME"] = (folder_ / "state").string();
    Process other(options);
    other.waitForLine("listening on");
    EXPECT_TRUE(std::filesystem::exists(folder_ / "state/netchat/log.sqlite"));
    Process homeless({{"serve", "--port", "0"}, {{"HOME", ""}}, {}, {}});
    EXPECT_EQ(homeless.waitForExit(), 64);
    EXPECT_THAT(homeless.errors(), HasSubstr("--data"));
}

TEST_F(DurableTest, RoomsInMemoryEndWithTheServerAndFilesStay) {
    {
        ServerProcess server({"--data", folder(), "--durability", "memory"});
        V2ByHand alice(server.port());
        alice.send("netchat/2", "nick:alice");
        EXPECT_EQ(alice.readUntil("welcome")["durability"], "memory");
    }
    EXPECT_FALSE(std::filesystem::exists(folder_ / "data/log.sqlite"));
    EXPECT_TRUE(std::filesystem::exists(folder_ / "data/files"));
}

TEST_F(DurableTest, WhatIsTooOldIsForgottenVisibly) {
    {
        ServerProcess server({"--data", folder()});
        V2ByHand alice(server.port(), "alice");
        for (int i = 1; i <= 3; ++i) alice.say("lobby", std::to_string(i), "old");
    }
    ServerProcess server({"--data", folder(), "--keep", "1ms"});
    // Asked until it is so: it happens within about a second.
    V2ByHand bob(server.port(), "bob");
    for (;;) {
        bob.send("history", "room:lobby");
        const auto page = bob.readUntil("page");
        if (page.body.empty()) break;
    }
    bob.send("leave", "room:lobby");
    bob.readUntil("left");
    bob.send("join", "room:lobby\tsince:0");
    EXPECT_EQ(bob.readUntil("gap")["to"], "3");
}

TEST_F(DurableTest, RoomsAreListedAfterARestartBeforeAnybodyEntersThem) {
    {
        ServerProcess server({"--data", folder()});
        V2ByHand alice(server.port(), "alice");
        alice.send("join", "room:quiet");
        alice.readUntil("joined");
        alice.say("quiet", "1", "hello");
    }
    ServerProcess server({"--data", folder()});
    V2ByHand bob(server.port(), "bob");
    bob.send("rooms", "");
    EXPECT_THAT(bob.readUntil("room-list").body, HasSubstr("room:quiet\tseq:1"));
    bob.send("who", "room:quiet");
    EXPECT_EQ(bob.readUntil("roster")["members"], "0");
    Process ctl({"ctl", "rooms", "--json", "--data", folder()});
    ctl.waitForExit();
    EXPECT_THAT(ctl.output(), HasSubstr("{\"room\":\"quiet\",\"members\":0,\"seq\":1"));
}

TEST_F(DurableTest, FindsWhatWasSaidBeforeTheRestart) {
    {
        ServerProcess server({"--data", folder()});
        V2ByHand alice(server.port(), "alice");
        alice.say("lobby", "1", "the needle is here");
        alice.say("lobby", "2", "only hay");
    }
    ServerProcess server({"--data", folder()});
    V2ByHand bob(server.port(), "bob");
    bob.send("search", "room:lobby", "needle");
    EXPECT_THAT(bob.readUntil("found").body, HasSubstr("the needle is here"));
}

}  // namespace
}  // namespace netchat::test
