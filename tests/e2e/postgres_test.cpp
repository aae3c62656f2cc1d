// netchat serve --log on a real PostgreSQL pair: what people keep when a server, a database or the
// way between them is gone, and what an operator reads.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <memory>

#include "harness/postgres/pair.h"
#include "tests/support/server_process.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using harness::PostgresPair;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// One for all tests of the process: each takes a database of its own.
PostgresPair& databases() {
    static const auto kPair = [] {
        auto pair = PostgresPair::start();
        if (!pair) throw std::runtime_error(pair.error().text);
        return std::move(*pair);
    }();
    return *kPair;
}

class PostgresServer : public ::testing::Test {
  protected:
    PostgresServer() {
        static int made = 0;
        const std::string name = "chat" + std::to_string(++made);
        const auto created = databases().ask("CREATE DATABASE " + name + " OWNER netchat");
        if (!created) throw std::runtime_error(created.error().text);
        uri_ = databases().uri();
        uri_.replace(uri_.find("/netchat?"), 9, "/" + name + "?");
        second_.reset();
    }

    std::vector<std::string> options(const std::string& node) const {
        return {"--log", uri_, "--data", (folder_ / node).string()};
    }
    std::unique_ptr<ServerProcess> started(const std::string& node = "one") const {
        return std::make_unique<ServerProcess>(options(node));
    }
    // It waits, so it prints no port.
    std::unique_ptr<Process> waiting(const std::string& node) const {
        std::vector<std::string> arguments = {"serve", "--port", "0"};
        for (const std::string& option : options(node)) arguments.push_back(option);
        return std::make_unique<Process>(arguments);
    }
    static uint16_t portOf(Process& server) {
        const std::string line = server.waitForLine("netchat listening on ");
        return static_cast<uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
    }
    std::string ctl(const std::string& node, const std::vector<std::string>& order) const {
        std::vector<std::string> arguments = {"ctl", "--data", (folder_ / node).string()};
        arguments.insert(arguments.end(), order.begin(), order.end());
        Process process(arguments);
        const int code = process.waitForExit();
        return std::to_string(code) + " " + process.output() + process.errors();
    }

    TempFolder folder_;
    std::string uri_;
    std::unique_ptr<Process> second_;
};

TEST_F(PostgresServer, KeepsWhatWasSaidAndWhoSaidItOverAKill) {
    auto server = started();
    std::string secret;
    {
        V2ByHand alice(server->port());
        const auto welcome = alice.hello("alice");
        EXPECT_EQ(welcome["durability"], "replicated");
        secret = welcome["session"];
        alice.send("join", "room:lobby");
        EXPECT_EQ(alice.say("lobby", "1", "before").body, "before");
    }
    server->process().signal(SIGKILL);
    server->process().waitForExit();
    server = started();
    V2ByHand alice(server->port());
    alice.send("netchat/2", "nick:alice\tsession:" + secret);
    EXPECT_EQ(alice.readUntil("welcome")["session"], secret);
    alice.send("join", "room:lobby\tsince:0");
    EXPECT_EQ(alice.readUntil("msg").body, "before");
    alice.send("say", "room:lobby\tid:1", "before");
    EXPECT_EQ(alice.readUntil("msg")["seq"], "1") << "it was said already";
    EXPECT_EQ(alice.say("lobby", "2", "after")["seq"], "2");
}

TEST_F(PostgresServer, ReadsPagesAndSearchesWhereNothingIsInMemory) {
    auto server = started();
    {
        V2ByHand alice(server->port(), "alice");
        for (int i = 1; i <= 30; ++i) {
            alice.say("lobby", std::to_string(i), "number " + std::to_string(i));
        }
    }
    server->process().signal(SIGTERM);
    EXPECT_EQ(server->process().waitForExit(), 0);
    server = started();
    V2ByHand bob(server->port(), "bob");
    bob.send("history", "room:lobby\tbefore:21\tlimit:5");
    const auto page = bob.readUntil("page");
    EXPECT_EQ(page["first"] + " " + page["last"] + " " + page["more"], "16 20 1");
    EXPECT_THAT(page.body, AllOf(HasSubstr("number 16"), HasSubstr("number 20")));
    bob.send("search", "room:lobby\tlimit:2", "NUMBER");
    const auto found = bob.readUntil("found");
    EXPECT_EQ(found["first"] + " " + found["last"] + " " + found["more"], "29 30 1");
    // A page on its way keeps the order of what is asked.
    bob.send("history", "room:lobby\tlimit:1");
    bob.send("say", "room:lobby\tid:x", "last");
    EXPECT_EQ(bob.read().verb, "page");
    EXPECT_EQ(bob.read().body, "last");
}

TEST_F(PostgresServer, AStandbyTakesOverWithinFiveSeconds) {
    auto first = started("one");
    V2ByHand alice(first->port(), "alice");
    alice.say("lobby", "1", "before");
    second_ = waiting("two");
    EXPECT_THAT(second_->waitForErrorLine("waiting here"), HasSubstr("to take over"));
    EXPECT_THAT(second_->output(), Not(HasSubstr("listening")));
    first->process().signal(SIGKILL);
    const auto killed = std::chrono::steady_clock::now();
    const uint16_t port = portOf(*second_);
    EXPECT_LT(std::chrono::steady_clock::now() - killed, std::chrono::seconds(5));
    V2ByHand bob(port);
    bob.hello("bob");
    bob.send("join", "room:lobby\tsince:0");
    EXPECT_EQ(bob.readUntil("msg").body, "before");
    EXPECT_EQ(bob.say("lobby", "1", "after")["seq"], "2");
}

// Three and a half chunks of the database, and nothing.
TEST_F(PostgresServer, FilesAreOnTheNextServerToo) {
    auto first = started("one");
    std::string bytes(3'500'000, 'x');
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 + i / 4096);
    const auto large = folder_.write("large.bin", bytes), empty = folder_.write("empty.bin", "");
    const auto upload = [&](const std::filesystem::path& file) {
        Process bot(
            {"bot", "--server", first->address(), "--nick", "ci", "--upload", file.string()});
        EXPECT_EQ(bot.waitForExit(), 0) << bot.errors();
    };
    upload(large);
    upload(empty);
    second_ = waiting("two");
    second_->waitForErrorLine("waiting here");
    first->process().signal(SIGKILL);
    V2ByHand bob(portOf(*second_));
    bob.hello("bob");
    bob.send("join", "room:lobby\tsince:0");
    const std::string sha256 = bob.readUntil("file")["sha256"];
    EXPECT_EQ(bob.readUntil("file")["size"], "0");
    std::string got;
    // What is fetched at the takeover comes in a moment.
    for (auto answer = V2ByHand::Frame{"error", {}, {}}; answer.verb == "error";) {
        bob.send("get", "sha256:" + sha256);
        answer = bob.read();
        got = answer.body;
    }
    while (got.size() < bytes.size()) got += bob.readUntil("data").body;
    EXPECT_TRUE(got == bytes);
}

TEST_F(PostgresServer, AnOrderlyEndHandsOverAtOnceAndRulingsHold) {
    auto first = started("one");
    EXPECT_THAT(ctl("one", {"ban", "carol", "spam"}), StartsWith("0 "));
    EXPECT_THAT(ctl("one", {"motd", "welcome back"}), StartsWith("0 "));
    second_ = waiting("two");
    second_->waitForErrorLine("waiting here");
    first->process().signal(SIGTERM);
    EXPECT_EQ(first->process().waitForExit(), 0);
    const uint16_t port = portOf(*second_);
    V2ByHand carol(port);
    carol.send("netchat/2", "nick:carol");
    EXPECT_EQ(carol.readUntil("error")["code"], "banned");
    V2ByHand bob(port);
    bob.hello("bob");
    EXPECT_EQ(bob.readUntil("notice").body, "welcome back");
}

TEST_F(PostgresServer, WhoWasReplacedEndsAndSaysWhy) {
    auto first = started("one");
    V2ByHand alice(first->port(), "alice");
    alice.say("lobby", "1", "before");
    first->process().signal(SIGSTOP);
    second_ = waiting("two");
    portOf(*second_);
    first->process().signal(SIGCONT);
    EXPECT_EQ(first->process().waitForExit(), 3);
    EXPECT_THAT(first->process().errors(), HasSubstr("this server ends: "));
}

TEST_F(PostgresServer, WhatIsSaidWhileTheStandbyIsAwayWaitsAndAppearsOnce) {
    auto server = started();
    V2ByHand alice(server->port(), "alice"), bob(server->port(), "bob");
    ASSERT_TRUE(databases().stopStandby());
    alice.send("say", "room:lobby\tid:1", "waits");
    EXPECT_THAT(alice.readUntil("notice").body, HasSubstr("waits"));
    // Others go on.
    bob.send("who", "room:lobby");
    EXPECT_EQ(bob.readUntil("roster")["members"], "2");
    EXPECT_THAT(ctl("one", {"stats"}), AllOf(StartsWith("0 "), HasSubstr("does not answer")));
    ASSERT_TRUE(databases().startStandby());
    EXPECT_EQ(bob.readUntil("msg").body, "waits");
    EXPECT_EQ(alice.readUntil("msg")["seq"], "1");
    EXPECT_EQ(alice.say("lobby", "2", "next")["seq"], "2");
}

TEST_F(PostgresServer, TheDatabaseMayGoWhilePeopleTalk) {
    auto server = started();
    V2ByHand alice(server->port(), "alice"), bob(server->port(), "bob");
    alice.say("lobby", "1", "before");
    databases().killPrimary();
    alice.send("say", "room:lobby\tid:2", "meanwhile");
    bob.send("say", "room:lobby\tid:1", "me too");
    ASSERT_TRUE(databases().promoteStandby());
    ASSERT_TRUE(databases().rebuild());
    EXPECT_EQ(alice.say("lobby", "3", "after")["seq"], "4");
    EXPECT_THAT(server->process().waitForErrorLine("does not answer"), HasSubstr("waits"));
    server->process().waitForErrorLine("answers again");
    V2ByHand carol(server->port());
    carol.hello("carol");
    carol.send("join", "room:lobby\tsince:0");
    EXPECT_EQ(carol.readUntil("msg").body, "before");
    EXPECT_EQ(carol.readUntil("msg")["seq"], "2");
    EXPECT_EQ(carol.readUntil("msg")["seq"], "3");
    EXPECT_EQ(carol.readUntil("msg").body, "after");
}

TEST_F(PostgresServer, EndsInOrderWhileTheDatabaseIsAway) {
    auto server = std::make_unique<ServerProcess>([&] {
        auto all = options("one");
        all.insert(all.end(), {"--grace", "1s"});
        return all;
    }());
    V2ByHand alice(server->port(), "alice");
    ASSERT_TRUE(databases().stopStandby());
    alice.send("say", "room:lobby\tid:1", "waits");
    alice.readUntil("notice");
    server->process().signal(SIGTERM);
    EXPECT_EQ(server->process().waitForExit(), 0);
    ASSERT_TRUE(databases().startStandby());
    // It was not answered, and may have been written.
    server = started();
    V2ByHand bob(server->port(), "bob");
    bob.send("history", "room:lobby");
    const auto page = bob.readUntil("page");
    EXPECT_TRUE(page["last"] == "0" || page["last"] == "1") << page["last"];
}

TEST_F(PostgresServer, MistakesAreNamed) {
    const auto refused = [](const std::vector<std::string>& arguments) {
        std::vector<std::string> all = {"serve", "--port", "0"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        Process process(all);
        const int code = process.waitForExit();
        return std::to_string(code) + " " + process.errors();
    };
    const std::string data = (folder_ / "data").string();
    EXPECT_THAT(refused({"--log", uri_, "--data", "none"}),
                AllOf(StartsWith("64 "), HasSubstr("--log requires --data")));
    EXPECT_THAT(refused({"--log", "postgresql://u:secret@db/x", "--data", data}),
                AllOf(StartsWith("64 "), HasSubstr(".pgpass"), Not(HasSubstr("secret"))));
    EXPECT_THAT(refused({"--log", "mysql://db/x", "--data", data}),
                AllOf(StartsWith("64 "), HasSubstr("postgresql://USER@HOST")));
    EXPECT_THAT(refused({"--log", uri_, "--data", data, "--durability", "disk"}),
                AllOf(StartsWith("64 "), HasSubstr("--durability")));
    EXPECT_THAT(refused({"--log-unreplicated", "--data", data}),
                AllOf(StartsWith("64 "), HasSubstr("requires --log")));
    EXPECT_THAT(refused({"--log", "postgresql://netchat@127.0.0.1:1/x", "--data", data}),
                AllOf(StartsWith("3 "), HasSubstr("127.0.0.1:1"), HasSubstr("refused")));
    std::string nobody = uri_;
    nobody.replace(nobody.find("netchat@"), 8, "nobody@");
    EXPECT_THAT(refused({"--log", nobody, "--data", data}),
                AllOf(StartsWith("3 "), HasSubstr("role \"nobody\" does not exist")));
}

}  // namespace
}  // namespace netchat::test
