// A server whose disk is full: it starts, all that only reads works, and its operators rule.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class FullDiskTest : public ::testing::TestWithParam<int> {
  protected:
    void SetUp() override {
        fs::create_directory(disk());
        mounted_ = ::mount("netchat-test", disk().c_str(), "tmpfs", 0, "size=24m") == 0;
        if (!mounted_) GTEST_SKIP() << "a small file system cannot be mounted here";
        fs::permissions(disk(), fs::perms::all);
    }
    void TearDown() override {
        if (mounted_) ::umount2(disk().c_str(), MNT_DETACH);
    }

    fs::path disk() const { return folder_ / "disk"; }
    std::string data() const { return (disk() / "data").string(); }
    std::unique_ptr<ServerProcess> start() const {
        return std::make_unique<ServerProcess>(std::vector<std::string>{"--data", data()});
    }
    void fill() const {
        std::ofstream file(disk() / "filler", std::ios::binary | std::ios::app);
        for (const size_t piece : {size_t{1'000'000}, size_t{4096}, size_t{1}}) {
            const std::string bytes(piece, 'f');
            while (file.write(bytes.data(), static_cast<std::streamsize>(piece)).flush()) {
            }
            file.clear();
        }
    }
    std::string ctl(std::vector<std::string> words) const {
        words.insert(words.begin(), {"ctl", "--data", data()});
        Process process(words);
        process.waitForExit();
        return process.output() + process.errors();
    }

    TempFolder folder_;
    bool mounted_ = false;
};

TEST_P(FullDiskTest, StartsServesWhatIsReadAndObeysItsOperators) {
    auto server = start();
    {
        V2ByHand alice(server->port(), "alice");
        alice.say("lobby", "1", "before the disk was full");
    }
    fill();
    server->process().signal(GetParam());
    server->process().waitForExit();
    server.reset();
    fill();  // what the end has given back

    server = start();
    server->process().waitForErrorLine("is full");
    fill();
    V2ByHand bob(server->port(), "bob");
    bob.send("history", "room:lobby");
    EXPECT_THAT(bob.readUntil("page").body, HasSubstr("before the disk was full"));
    const std::string text(200'000, 'x');
    bob.send("say", "room:lobby\tid:1", text);
    EXPECT_EQ(bob.readUntil("error")["code"], "no-room");

    EXPECT_THAT(ctl({"ban", "mallory", "spam"}), HasSubstr("mallory"));
    EXPECT_THAT(ctl({"bans"}), HasSubstr("mallory"));
    EXPECT_THAT(ctl({"mute", "bob", "too loud"}), HasSubstr("bob is muted"));
    bob.send("say", "room:lobby\tid:2", "a word");
    EXPECT_EQ(bob.readUntil("error")["code"], "muted");
    EXPECT_THAT(ctl({"unmute", "bob"}), HasSubstr("bob"));
    EXPECT_THAT(ctl({"kick", "bob", "out"}), HasSubstr("bob"));
    EXPECT_EQ(bob.readUntil("error")["code"], "kicked");
    std::ifstream audit(fs::path(data()) / "audit.log");
    const std::string lines{std::istreambuf_iterator<char>(audit), {}};
    EXPECT_THAT(lines, HasSubstr("act:ban\ttarget:mallory"));
    EXPECT_THAT(lines, HasSubstr("act:kick\ttarget:bob"));

    fs::remove(disk() / "filler");
    server->process().waitForErrorLine("has space again");
    V2ByHand carol(server->port(), "carol");
    EXPECT_EQ(carol.say("lobby", "1", text)["seq"], "2");
    // What was ruled while it was full has lasted.
    server->process().signal(SIGKILL);
    server->process().waitForExit();
    server = start();
    EXPECT_THAT(ctl({"bans"}), HasSubstr("mallory"));
}

INSTANTIATE_TEST_SUITE_P(Ends, FullDiskTest, ::testing::Values(SIGKILL, SIGTERM));

TEST(LogThatIsNotThere, AnEmptyOneInAFolderThatWasUsedStopsTheStart) {
    const TempFolder folder;
    const std::string data = (folder / "data").string();
    {
        ServerProcess server({"--data", data});
        V2ByHand alice(server.port(), "alice");
        alice.say("lobby", "1", "hello");
        server.process().signal(SIGKILL);
        server.process().waitForExit();
    }
    for (const char* ending : {"-wal", "-shm"}) fs::remove(data + "/log.sqlite" + ending);
    fs::resize_file(data + "/log.sqlite", 0);
    Process second({"serve", "--port", "0", "--data", data});
    EXPECT_NE(second.waitForExit(), 0);
    EXPECT_THAT(second.errors(), HasSubstr("is empty (0 bytes)"));
    EXPECT_THAT(second.errors(), HasSubstr("restore a copy"));
}

TEST(RottenLog, IsServedWithAGapAndGoesOn) {
    const TempFolder folder;
    const std::string data = (folder / "data").string();
    {
        ServerProcess server({"--data", data});
        V2ByHand alice(server.port(), "alice");
        for (const char* id : {"1", "2", "3"}) {
            alice.say("lobby", id, "the text of " + std::string(id));
        }
        server.process().signal(SIGTERM);
        server.process().waitForExit();
    }
    {
        std::fstream file(data + "/log.sqlite", std::ios::in | std::ios::out | std::ios::binary);
        std::string bytes{std::istreambuf_iterator<char>(file), {}};
        const size_t at = bytes.find("the text of 2");
        ASSERT_NE(at, std::string::npos);
        file.clear();
        file.seekp(static_cast<std::streamoff>(at));
        file.put('T');
    }
    ServerProcess server({"--data", data});
    V2ByHand bob(server.port());
    bob.hello("bob");
    bob.send("join", "room:lobby\tsince:0");
    bob.readUntil("joined");
    EXPECT_EQ(bob.readUntil("msg")["seq"], "1");
    const auto gap = bob.read();
    EXPECT_EQ(gap.verb, "gap");
    EXPECT_EQ(gap["from"], "2");
    EXPECT_EQ(gap["to"], "2");
    EXPECT_EQ(bob.readUntil("msg")["seq"], "3");
    bob.send("history", "room:lobby");
    EXPECT_EQ(bob.readUntil("gap")["from"], "2");
    const auto page = bob.readUntil("page");
    EXPECT_THAT(page.body, HasSubstr("the text of 1"));
    EXPECT_THAT(page.body, ::testing::Not(HasSubstr("text of 2")));
    bob.send("search", "room:lobby", "text");
    EXPECT_EQ(bob.readUntil("gap")["from"], "2");
    EXPECT_THAT(bob.readUntil("found").body, HasSubstr("the text of 3"));
    EXPECT_EQ(bob.say("lobby", "1", "and on")["seq"], "4");
    server.process().waitForErrorLine("entry 2 is missing in the room lobby");
}

TEST(ForgottenEntry, SaidAgainIsAcknowledgedWithItsSeq) {
    const TempFolder folder;
    const std::string data = (folder / "data").string();
    std::string secret;
    {
        ServerProcess server({"--data", data});
        V2ByHand alice(server.port());
        alice.send("netchat/2", "nick:alice");
        secret = alice.readUntil("welcome")["session"];
        alice.send("join", "room:lobby");
        alice.say("lobby", "1", "old");
    }
    ServerProcess server({"--data", data, "--keep", "1ms"});
    V2ByHand alice(server.port());
    alice.send("netchat/2", "nick:alice\tsession:" + secret);
    alice.send("join", "room:lobby");
    alice.readUntil("joined");
    for (;;) {
        alice.send("history", "room:lobby");
        if (alice.readUntil("page").body.empty()) break;
    }
    alice.send("say", "room:lobby\tid:1", "old");
    const auto again = alice.readUntil("msg");
    EXPECT_EQ(again["again"], "1");
    EXPECT_EQ(again["seq"], "1");
    EXPECT_EQ(again["id"], "1");
    EXPECT_EQ(again.body, "");
}

}  // namespace
}  // namespace netchat::test
