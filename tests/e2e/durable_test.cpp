// netchat serve --data: what was shown is still there after the server was killed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

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
                HasSubstr("is used by process " + std::to_string(server.process().pid())));
}

}  // namespace
}  // namespace netchat::test
