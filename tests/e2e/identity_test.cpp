// Data folders that are restored, cut, emptied or merely started again, and what those see of it
// who were there before.

#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <set>

#include "tests/support/person.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAgain[] = "the server's log of lobby was restored or lost its end";

size_t countOf(const std::string& text, const std::string& part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++count;
    return count;
}

class IdentityTest : public ::testing::Test {
  protected:
    IdentityTest() { start(); }
    void start() {
        std::vector<std::string> arguments = {"--data", data().string()};
        if (port_ != 0) arguments.insert(arguments.end(), {"--port", std::to_string(port_)});
        server_ = std::make_unique<ServerProcess>(arguments);
        port_ = server_->port();
    }
    void stop(int signal = SIGTERM) {
        server_->process().signal(signal);
        server_->process().waitForExit();
        said_ = server_->process().errors() + server_->process().output();
    }
    fs::path data() const { return folder_ / "data"; }
    fs::path backup() const { return folder_ / "backup"; }
    void takeBackup() const { copyFolder(data(), backup()); }
    void restoreBackup() const {
        fs::remove_all(data());
        copyFolder(backup(), data());
    }
    // Nothing is left but whom clients know the server by: another they would not trust.
    void makeFreshData() const {
        std::vector<fs::path> others;
        for (const auto& entry : fs::directory_iterator(data())) {
            if (!entry.path().filename().string().starts_with("tls-")) others.push_back(entry);
        }
        for (const fs::path& path : others) fs::remove_all(path);
    }
    static void copyFolder(const fs::path& from, const fs::path& to) {
        fs::create_directories(to);
        for (const auto& entry : fs::directory_iterator(from)) {
            const fs::path copy = to / entry.path().filename();
            if (entry.is_directory()) copyFolder(entry.path(), copy);
            if (entry.is_regular_file()) fs::copy_file(entry.path(), copy);
        }
    }
    // What the server has said up to now, or said in its life.
    std::string serverSays() { return server_->process().errors() + server_->process().output(); }
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string identity() {
        // A nick stays whose it was.
        return V2ByHand(port_).hello("someone" + std::to_string(++asked_))["log"];
    }
    void say(const std::string& text) {
        Process mouth({"bot", "--server", address(), "--nick", "mouth", "--stdin", "lines"});
        mouth.writeLine(text);
        mouth.closeInput();
        ASSERT_EQ(mouth.waitForExit(), 0) << mouth.errors();
    }
    Process::Options ear(const std::vector<std::string>& more) const {
        std::vector<std::string> all = {"bot", "--server", address(), "--nick",
                                        "ear", "--listen", "--since", "last"};
        all.insert(all.end(), more.begin(), more.end());
        return {all, {{"XDG_STATE_HOME", (folder_ / "state").string()}}, {}, {}};
    }
    std::string hears(const std::string& count) {
        Process process(ear({"--count", count, "--json"}));
        EXPECT_EQ(process.waitForExit(), 0) << process.errors();
        return process.output();
    }

    TempFolder folder_;
    uint16_t port_ = 0;
    std::unique_ptr<ServerProcess> server_;
    int asked_ = 0;
    std::string said_;  // by the server that was stopped last
};

TEST_F(IdentityTest, IsToldInWelcomeAndJoined) {
    V2ByHand alice(port_);
    const std::string log = alice.hello("alice")["log"];
    EXPECT_EQ(log.size(), 16u) << log;
    alice.send("join", "room:lobby");
    EXPECT_EQ(alice.readUntil("joined")["log"], log);
}

TEST_F(IdentityTest, OverAPlainRestartAndAKillItStaysAndNobodyIsToldAnything) {
    const std::string before = identity();
    Person alice(address(), "alice"), bob(address(), "bob");
    alice.isInside();
    bob.isInside();
    alice.type("one");
    bob.sees("<alice> one");
    for (const int signal : {SIGTERM, SIGKILL, SIGKILL}) {
        stop(signal);
        EXPECT_THAT(said_, Not(HasSubstr("the log")));
        start();
        if (::access("/dev/shm", W_OK) == 0) {
            EXPECT_EQ(identity(), before);
        }
        alice.type("two");
        bob.sees("<alice> two");
    }
    EXPECT_EQ(alice.leaves(), 0);
    EXPECT_EQ(bob.leaves(), 0);
    for (Person* person : {&alice, &bob}) {
        EXPECT_THAT(person->process().output(), Not(HasSubstr("was restored")));
        EXPECT_THAT(person->process().output(), Not(HasSubstr("no longer available")));
    }
    EXPECT_EQ(countOf(bob.process().output(), "<alice> one"), 1u);
}

TEST_F(IdentityTest, WhoStaysUpOverARestoredBackupMissesNothingAndReadsOneLine) {
    const std::string before = identity();
    Person alice(address(), "alice"), bob(address(), "bob");
    alice.isInside();
    bob.isInside();
    alice.type("kept 1");
    alice.type("kept 2");
    bob.sees("<alice> kept 2");
    stop();
    takeBackup();
    start();
    alice.type("lost 3");
    alice.type("lost 4");
    bob.sees("<alice> lost 4");
    stop();
    restoreBackup();
    start();
    EXPECT_NE(identity(), before);
    EXPECT_THAT(serverSays(), HasSubstr("the log may be a restored copy"));
    bob.sees(kAgain);
    say("new 3");
    bob.sees("<mouth> new 3");
    alice.sees("<mouth> new 3");
    bob.type("new 4");
    alice.sees("<bob> new 4");
    // The same once more: it is another log again.
    const std::string between = identity();
    stop();
    restoreBackup();
    start();
    EXPECT_NE(identity(), between);
    bob.sees(kAgain);
    say("newer 3");
    alice.sees("<mouth> newer 3");
    bob.sees("<mouth> newer 3");
    EXPECT_EQ(alice.leaves(), 0);
    EXPECT_EQ(bob.leaves(), 0);
    for (Person* person : {&alice, &bob}) {
        const std::string& seen = person->process().output();
        EXPECT_EQ(countOf(seen, kAgain), 2u) << seen;
        EXPECT_EQ(countOf(seen, "reading again from message 3"), 2u) << seen;
        EXPECT_THAT(seen, Not(HasSubstr("no longer available")));
        EXPECT_EQ(countOf(seen, "new 3"), 1u);
        EXPECT_EQ(countOf(seen, "newer 3"), 1u);
        EXPECT_EQ(countOf(seen, "kept 2"), 1u) << seen;
    }
}

TEST_F(IdentityTest, AWriteAheadLogThatWasCutIsReportedAndReadAgain) {
    Person bob(address(), "bob");
    bob.isInside();
    for (int i = 1; i <= 8; ++i) say("message " + std::to_string(i));
    bob.sees("message 8");
    bob.type("!search message");
    bob.sees("* found 'message' in lobby");
    stop(SIGKILL);
    const fs::path wal = data() / "log.sqlite-wal";
    ASSERT_TRUE(fs::exists(wal));
    fs::resize_file(wal, fs::file_size(wal) * 2 / 3);
    Process verify({"log", "verify", data().string()});
    EXPECT_EQ(verify.waitForExit(), 1);
    EXPECT_THAT(verify.output() + verify.errors(), HasSubstr("missing at its end"));
    start();
    EXPECT_THAT(serverSays(), HasSubstr("the log has lost its last "));
    bob.sees(kAgain);
    say("after");
    bob.sees("<mouth> after");
    // The index of before has entries under these numbers that are gone.
    bob.type("!search after");
    bob.sees("* found 'after' in lobby");
    EXPECT_EQ(bob.leaves(), 0);
    EXPECT_EQ(countOf(bob.process().output(), kAgain), 1u);
}

TEST_F(IdentityTest, AFreshFolderIsAnotherLog) {
    Person bob(address(), "bob");
    bob.isInside();
    say("old");
    bob.sees("old");
    stop();
    makeFreshData();
    start();
    EXPECT_THAT(serverSays(), Not(HasSubstr("the log")));
    bob.sees(kAgain);
    for (const char* text : {"first", "second", "third"}) say(text);
    bob.sees("<mouth> first");
    bob.sees("<mouth> second");
    bob.sees("<mouth> third");
    EXPECT_EQ(bob.leaves(), 0);
}

TEST_F(IdentityTest, ARunThatGoesOnWhereTheLastOneStoppedGoesOnInARestoredLog) {
    {
        Process first(ear({"--count", "0"}));
        EXPECT_EQ(first.waitForExit(), 0) << first.errors();
    }
    say("one");
    stop();
    takeBackup();
    start();
    say("two");
    say("three");
    EXPECT_THAT(hears("3"), HasSubstr("three"));
    stop();
    restoreBackup();
    start();
    for (const char* text : {"another two", "another three", "another four"}) say(text);
    const std::string heard = hears("3");
    EXPECT_THAT(heard, HasSubstr("another two"));
    EXPECT_THAT(heard, HasSubstr("another four"));
    EXPECT_THAT(heard, HasSubstr(R"("event":"log-changed","room":"lobby","common":1,"last":3)"));
    EXPECT_THAT(heard, Not(HasSubstr("\"one\"")));
    say("five");
    const std::string next = hears("1");
    EXPECT_THAT(next, HasSubstr("five"));
    EXPECT_THAT(next, Not(HasSubstr("log-changed")));
    // And over one more start of the same log.
    stop();
    start();
    say("six");
    EXPECT_THAT(hears("1"), Not(HasSubstr("log-changed")));
}

TEST_F(IdentityTest, AJoinSaysWhatIsWrongWithItsLog) {
    V2ByHand alice(port_);
    alice.hello("alice");
    alice.send("join", "room:lobby\tsince:1\tlog:what?");
    const auto error = alice.readUntil("error");
    EXPECT_EQ(error["code"], "bad-head");
    EXPECT_THAT(error.body, HasSubstr("5f1c09aa31d4be72@30"));
    alice.send("join", "room:lobby\tsince:1\tlog:ffffffffffffffff@1");
    EXPECT_EQ(alice.readUntil("joined")["common"], "0");
}

TEST_F(IdentityTest, AServerInMemoryHasAnotherAtEachStart) {
    std::set<std::string> seen;
    for (int i = 0; i < 2; ++i) {
        ServerProcess server;
        V2ByHand alice(server.port());
        EXPECT_TRUE(seen.insert(alice.hello("alice")["log"]).second);
    }
}

}  // namespace
}  // namespace netchat::test
