// A client whose state folder is on a full disk: nobody loses a nick by it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/server_process.h"
#include "tests/support/small_disk.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class FullStateTest : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!disk_.mounted()) GTEST_SKIP() << "a small file system cannot be mounted here";
    }
    struct Ended {
        int code;
        std::string errors;
    };
    Ended run(std::vector<std::string> words, const std::string& input) const {
        Process process({words, {{"XDG_STATE_HOME", (disk_ / "state").string()}}});
        process.write(input);
        process.closeInput();
        const int code = process.waitForExit();
        return {code, process.errors()};
    }
    Ended connect(const std::string& nick) const {
        return run({"connect", server_.address(), "--nick", nick}, "hello\n");
    }
    Ended acknowledging(const std::string& nick) const {
        return run(
            {"bot", "--server", server_.address(), "--nick", nick, "--stdin", "jsonl", "--ack"},
            "");
    }

    TempFolder folder_;
    SmallDisk disk_{folder_ / "disk", "64k"};
    ServerProcess server_{{"--data", (folder_ / "data").string()}};
};

TEST_F(FullStateTest, ANewUserIsAGuestAndHasTheNickAgain) {
    disk_.fill();
    for (int i = 0; i < 2; ++i) {
        const Ended ended = connect("alice");
        EXPECT_EQ(ended.code, 0) << ended.errors;
        EXPECT_THAT(ended.errors, HasSubstr("No space left on device; you are a guest"));
    }
    disk_.empty();
    const Ended kept = connect("alice");
    EXPECT_EQ(kept.code, 0) << kept.errors;
    EXPECT_THAT(kept.errors, Not(HasSubstr("guest")));
    EXPECT_EQ(connect("alice").code, 0);
}

// The secret is written where room was taken for it.
TEST_F(FullStateTest, ADiskThatFillsMeanwhileHasRoomForTheSecret) {
    Process client({{"connect", server_.address(), "--nick", "alice"},
                    {{"XDG_STATE_HOME", (disk_ / "state").string()}}});
    client.waitForLine("you are in lobby");
    disk_.fill();
    client.closeInput();
    EXPECT_EQ(client.waitForExit(), 0) << client.errors();
    const Ended again = connect("alice");
    EXPECT_EQ(again.code, 0) << again.errors;
    EXPECT_THAT(again.errors, Not(HasSubstr("guest")));
}

TEST_F(FullStateTest, WhoHasASecretIsTheSameUserAgain) {
    EXPECT_EQ(connect("alice").code, 0);
    disk_.fill();
    for (int i = 0; i < 3; ++i) {
        const Ended again = connect("alice");
        EXPECT_EQ(again.code, 0) << again.errors;
        EXPECT_THAT(again.errors, Not(HasSubstr("guest")));
    }
}

TEST_F(FullStateTest, WhatWouldBeAcknowledgedEndsBeforeItConnects) {
    disk_.fill();
    const Ended ended = acknowledging("alice");
    EXPECT_EQ(ended.code, 3);
    EXPECT_THAT(ended.errors, HasSubstr("No space left on device"));
    disk_.empty();
    EXPECT_EQ(acknowledging("alice").code, 0) << "the nick was not taken";
}

}  // namespace
}  // namespace netchat::test
