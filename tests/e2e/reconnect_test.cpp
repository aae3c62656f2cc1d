// connect and bot when the server dies, ends, falls silent or forgets.

#include <gmock/gmock.h>
#include <signal.h>

#include <memory>

#include "tests/support/person.h"
#include "tests/support/proxy.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

size_t countOf(const std::string& text, const std::string& part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

// A server that can be killed and started again in its place.
class ReconnectTest : public ::testing::Test {
  protected:
    ReconnectTest() { start(); }
    void start(const std::vector<std::string>& more = {}) {
        std::vector<std::string> arguments = {"--data", (folder_ / "data").string()};
        if (port_ != 0) arguments.insert(arguments.end(), {"--port", std::to_string(port_)});
        arguments.insert(arguments.end(), more.begin(), more.end());
        server_ = std::make_unique<ServerProcess>(arguments);
        port_ = server_->port();
    }
    void kill(int signal = SIGKILL) {
        server_->process().signal(signal);
        server_->process().waitForExit();
    }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    // Every line of the room "lobby", as somebody sees who comes later.
    std::string everything() {
        Process process({"connect", address(), "--nick", "auditor", "--since", "all"});
        process.closeInput();
        EXPECT_EQ(process.waitForExit(), 0);
        return process.output();
    }

    TempFolder folder_;
    uint16_t port_ = 0;
    std::unique_ptr<ServerProcess> server_;
};

TEST_F(ReconnectTest, PeopleGoOnTalkingOverAKilledServer) {
    Person alice(address(), "alice"), bob(address(), "bob");
    bob.isInside();
    alice.isInside();
    alice.type("before");
    bob.sees("<alice> before");
    kill();
    alice.isTold("lost the server");
    alice.type("while away");
    start();
    bob.sees("<alice> while away");
    bob.type("answer");
    alice.sees("<bob> answer");
    EXPECT_EQ(alice.leaves(), 0);
    EXPECT_EQ(bob.leaves(), 0);
    const std::string log = everything();
    for (const char* text : {"before", "while away", "answer"}) EXPECT_EQ(countOf(log, text), 1u);
    EXPECT_EQ(countOf(bob.process().output(), "while away"), 1u);
    EXPECT_THAT(alice.process().errors(), HasSubstr("connected again to"));
}

// A pipe ends only when all of it is in the log, however often the server dies meanwhile.
TEST_F(ReconnectTest, APipeLosesAndDoublesNothingOverKills) {
    Process pipe({"connect", address(), "--nick", "pipe"});
    pipe.waitForLine("you are in lobby");
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 100; ++i)
            pipe.writeLine("line " + std::to_string(100 * round + i) + ".");
        kill();
        start();
    }
    pipe.closeInput();
    EXPECT_EQ(pipe.waitForExit(), 0) << pipe.errors();
    const std::string log = everything();
    size_t at = 0;
    for (int i = 0; i < 300; ++i) {
        const std::string line = "<pipe> line " + std::to_string(i) + ".";
        ASSERT_EQ(countOf(log, line), 1u) << line;
        ASSERT_GE(log.find(line), at) << line;
        at = log.find(line);
    }
}

TEST_F(ReconnectTest, ABotHearsEachMessageOnceOverAKill) {
    Person watcher(address(), "watcher");
    watcher.isInside();
    Process ear({"bot", "--server", address(), "--nick", "ear", "--listen", "--count", "4"});
    watcher.sees("ear joined");
    Process mouth({"bot", "--server", address(), "--nick", "mouth", "--stdin", "lines"});
    watcher.type("are you there?");
    ear.waitForLine("are you there?");
    mouth.writeLine("one");
    ear.waitForLine("mouth: one");
    kill();
    mouth.writeLine("two");
    start();
    ear.waitForLine("mouth: two");
    mouth.writeLine("three");
    EXPECT_EQ(ear.waitForExit(), 0);
    EXPECT_EQ(
        ear.output(),
        "lobby watcher: are you there?\nlobby mouth: one\nlobby mouth: two\nlobby mouth: three\n");
    mouth.closeInput();
    EXPECT_EQ(mouth.waitForExit(), 0) << mouth.errors();
}

TEST_F(ReconnectTest, AScriptGoesOnAndMayExpectTheLoss) {
    Process script({"bot", "--server", address(), "--verbose", "--timeout", "20s", "-"});
    script.write(
        "bot a b\n"
        "a: say before\n"
        "b: expect msg text=before\n"
        "a: expect reconnecting\n"
        "a: expect connected\n"
        "a: say after\n"
        "b: expect msg text=after\n");
    script.closeInput();
    script.waitForErrorLine("a: expect reconnecting");
    kill();
    start();
    EXPECT_EQ(script.waitForExit(), 0) << script.errors();
}

TEST_F(ReconnectTest, AServerThatEndsInOrderIsComeBackTo) {
    Person alice(address(), "alice");
    alice.isInside();
    kill(SIGTERM);
    alice.isTold("shutting down");
    start();
    alice.isTold("connected again");
    EXPECT_EQ(alice.leaves(), 0);
}

TEST_F(ReconnectTest, WithoutReconnectingALostServerIsTheEnd) {
    Person alice(address(), "alice", {"--reconnect", "off"});
    alice.isInside();
    Process ear({"bot", "--server", address(), "--nick", "ear", "--listen", "--reconnect", "off"});
    alice.sees("ear joined");
    kill();
    EXPECT_EQ(alice.process().waitForExit(), 3);
    EXPECT_EQ(ear.waitForExit(), 3);
}

TEST_F(ReconnectTest, TriesForAsLongAsItIsTold) {
    Person alice(address(), "alice", {"--reconnect-for", "100ms"});
    alice.isInside();
    kill();
    EXPECT_EQ(alice.process().waitForExit(), 3);
    EXPECT_THAT(alice.process().errors(),
                ::testing::AnyOf(HasSubstr("refused"), HasSubstr("lost the server")));
}

TEST_F(ReconnectTest, MayWaitForAServerThatIsNotThereYet) {
    kill();
    Person alice(address(), "alice", {"--reconnect", "always"});
    alice.isTold("cannot connect to");
    start();
    alice.isInside();
    EXPECT_EQ(alice.leaves(), 0);
}

TEST_F(ReconnectTest, ASecondOneOfTheSameNickDoesNotWaitForIt) {
    Person first(address(), "alice");
    first.isInside();
    Person second(address(), "alice");
    EXPECT_EQ(second.process().waitForExit(), 3);
}

// Nothing says that the other end is gone but its silence.
TEST_F(ReconnectTest, AHalfOpenConnectionIsNoticed) {
    Proxy proxy(port_);
    Person alice(proxy.address(), "alice", {"--dead-after", "100ms"});
    Person bob(address(), "bob");
    alice.isInside();
    bob.isInside();
    proxy.swallow();
    bob.type("unheard?");
    alice.type("still here");
    alice.isTold("no reply from the server");
    alice.sees("<bob> unheard?");
    bob.sees("<alice> still here");
    EXPECT_EQ(alice.leaves(), 0);
    EXPECT_EQ(countOf(alice.process().output(), "unheard?"), 1u);
}

TEST_F(ReconnectTest, AServerWithoutMemoryIsReportedAndNothingIsSaidTwice) {
    kill();
    start({"--durability", "memory"});
    Person alice(address(), "alice");
    alice.isInside();
    Person bob(address(), "bob");
    bob.isInside();
    alice.type("one");
    bob.sees("<alice> one");
    // Hers is acknowledged only then: else she would be told that it may be lost.
    alice.sees("<alice> one");
    kill();
    alice.isTold("lost the server");
    start({"--durability", "memory"});
    alice.isTold("lost its data");
    bob.isTold("lost its data");
    alice.type("two");
    bob.sees("<alice> two");
    EXPECT_EQ(alice.leaves(), 0);
    EXPECT_THAT(everything(), Not(HasSubstr("<alice> one")));
}

}  // namespace
}  // namespace netchat::test
