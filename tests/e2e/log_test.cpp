// netchat log: a server's log out of its folder, into another, and verified.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;

class LogTest : public ::testing::Test {
  protected:
    std::string folder(const std::string& name) const { return (folder_ / name).string(); }
    // Its exit code; what it wrote is in out_ and err_.
    int log(const std::vector<std::string>& words, const std::string& input = "") {
        std::vector<std::string> all = {"log"};
        all.insert(all.end(), words.begin(), words.end());
        Process process(all);
        process.write(input);
        process.closeInput();
        const int code = process.waitForExit();
        out_ = process.output();
        err_ = process.errors();
        return code;
    }

    TempFolder folder_;
    std::string out_, err_;
};

TEST_F(LogTest, GoesFromALiveFolderIntoAnotherServer) {
    std::string secret;
    ServerProcess server({"--data", folder("old")});
    V2ByHand alice(server.port());
    secret = alice.hello("alice")["session"];
    alice.send("join", "room:lobby");
    alice.readUntil("joined");
    alice.say("lobby", "1", "before the move");

    EXPECT_EQ(log({"verify", folder("old")}), 0) << out_ << err_;
    EXPECT_THAT(out_, HasSubstr("good: 1 room, 1 entry"));
    EXPECT_EQ(log({"export", folder("old")}), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("\"text\":\"before the move\""));
    EXPECT_EQ(out_.find(secret.substr(secret.find('-') + 1)), std::string::npos);
    EXPECT_EQ(log({"import", folder("new")}, std::string(out_)), 0) << err_;

    ServerProcess next({"--data", folder("new")});
    V2ByHand again(next.port());
    again.send("netchat/2", "nick:alice\tsession:" + secret);
    EXPECT_EQ(again.readUntil("welcome")["session"], secret);
    again.send("join", "room:lobby\tsince:0");
    EXPECT_EQ(again.readUntil("msg").body, "before the move");
    again.send("say", "room:lobby\tid:1", "before the move");
    EXPECT_EQ(again.readUntil("msg")["again"], "1");
}

TEST_F(LogTest, VerifyReportsWhatDoesNotHold) {
    {
        ServerProcess server({"--data", folder("a")});
        V2ByHand alice(server.port(), "alice");
        alice.say("lobby", "1", "x");
    }
    std::filesystem::create_directories(folder_ / "a/files");
    folder_.write("a/files/" + std::string(64, 'a'), "other bytes");
    EXPECT_EQ(log({"verify", folder("a")}), 1);
    EXPECT_THAT(out_, HasSubstr("wrong: the file aaaa"));
    EXPECT_EQ(log({"verify", "--json", folder("a")}), 1);
    EXPECT_THAT(out_, HasSubstr("{\"good\":false,\"rooms\":1,\"entries\":1,\"files\":1,"));
}

TEST_F(LogTest, ADamagedDatabaseIsNotGood) {
    {
        ServerProcess server({"--data", folder("a")});
        V2ByHand alice(server.port(), "alice");
        for (int i = 1; i <= 200; ++i) alice.say("lobby", std::to_string(i), std::string(500, 'x'));
        server.process().signal(SIGTERM);
        server.process().waitForExit();
    }
    std::fstream file(folder_ / "a/log.sqlite", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(5 * 4096);
    file.write(std::string(4096, '\x7f').data(), 4096);
    file.close();
    EXPECT_EQ(log({"verify", folder("a")}), 1) << out_ << err_;
    EXPECT_THAT(out_, HasSubstr("wrong: "));
    Process server({"serve", "--port", "0", "--data", folder("a")});
    EXPECT_EQ(server.waitForExit(), 3);
    EXPECT_THAT(server.errors(), HasSubstr("left unchanged"));
    // Nor is one that is no database at all.
    std::ofstream(folder_ / "a/log.sqlite", std::ios::binary) << "hello";
    EXPECT_EQ(log({"verify", folder("a")}), 1) << out_ << err_;
    EXPECT_THAT(out_, HasSubstr("not good"));
}

TEST_F(LogTest, SaysWhatIsWrongWithItsInput) {
    EXPECT_EQ(log({"import", folder("b")}, "{\"kind\":\"word\"}\n"), 65);
    EXPECT_THAT(err_, HasSubstr("line 1: "));
    EXPECT_EQ(log({"verify", folder("nowhere")}), 65);
    EXPECT_THAT(err_, HasSubstr("there is no log"));
    EXPECT_EQ(log({"inspect", folder("b")}), 64);
    EXPECT_EQ(log({"verify"}), 64);
    ServerProcess server({"--data", folder("a")});
    EXPECT_EQ(log({"import", folder("a")}), 65);
    EXPECT_THAT(err_, HasSubstr("is already used by process"));
}

}  // namespace
}  // namespace netchat::test
