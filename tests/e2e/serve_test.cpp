// netchat serve as whoever leaves it running needs it: bad clients, an unread log, rest, and the
// end.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/classic_client.h"
#include "tests/support/raw_socket.h"
#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"
#include "tests/support/v2_by_hand.h"

namespace netchat::test {
namespace {

using ::testing::HasSubstr;

// Processor time that the process has used, in clock ticks.
long ticksOf(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    const std::string all((std::istreambuf_iterator<char>(in)), {});
    std::istringstream fields(all.substr(all.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;
    long user = 0, system = 0;
    fields >> user >> system;
    return user + system;
}

// How often each thread of the process went to sleep: each time, something had woken it.
std::map<std::string, long> sleepsOf(pid_t pid) {
    std::map<std::string, long> sleeps;
    const std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
        std::ifstream in(task.path() / "status");
        for (std::string word; in >> word;) {
            if (word == "voluntary_ctxt_switches:") in >> sleeps[task.path()];
        }
    }
    return sleeps;
}

TEST(Serve, ALogThatNobodyReadsStopsNobody) {
    ServerProcess server;
    V2ByHand alice(server.port(), "alice"), bob(server.port(), "bob");
    // More lines than a pipe holds; this test reads none of them.
    for (int i = 0; i < 1500; ++i) {
        RawSocket stranger = RawSocket::connectTo(server.port());
        stranger.send("this is not a header at all");
        stranger.readToEnd();
    }
    alice.say("lobby", "1", "still here");
    EXPECT_EQ(bob.readUntil("msg").body, "still here");
    server.process().signal(SIGTERM);
    EXPECT_EQ(server.process().waitForExit(), 0);
    EXPECT_THAT(server.process().errors(), HasSubstr("refused: a header must be 10 bytes"));
}

TEST(Serve, UsesNoProcessorAtRestAlsoAfterAThousandClients) {
    ServerProcess server;
    V2ByHand witness(server.port(), "witness");
    for (int round = 0; round < 10; ++round) {
        std::vector<RawSocket> crowd;
        for (int i = 0; i < 100; ++i) {
            crowd.push_back(RawSocket::connectTo(server.port()));
            crowd.back().sendField("u" + std::to_string(i));
            if (i % 3 == 0) crowd.back().finishSending();
            if (i % 3 == 1) crowd.back().reset();
        }
    }
    witness.say("lobby", "1", "all of them were served before this");
    // Rest can only be seen by letting time pass. A server that spins would never show it.
    long ticks = 0;
    for (int attempt = 0; attempt < 20; ++attempt) {
        const long before = ticksOf(server.process().pid());
        ::poll(nullptr, 0, 500);
        ticks = ticksOf(server.process().pid()) - before;
        if (ticks <= 1) break;
    }
    EXPECT_LE(ticks, 1);
}

TEST(Serve, GivesUpWhatAnIntruderCouldUse) {
    ServerProcess server;
    const std::string proc = "/proc/" + std::to_string(server.process().pid());
    const auto text = [&](const char* name) {
        std::ifstream file(proc + name);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    EXPECT_THAT(text("/status"), HasSubstr("NoNewPrivs:\t1"));
    EXPECT_THAT(text("/status"), HasSubstr("Umask:\t0077"));
    EXPECT_THAT(text("/limits"), testing::ContainsRegex("Max core file size +0 +0 "));
    EXPECT_EQ(text("/coredump_filter"), "00000000\n");
}

TEST(Serve, NothingWakesItUpAtRestAlsoWithALogThatIsIndexedAndForgotten) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "ThreadSanitizer has a thread of its own that wakes ten times a second";
#endif
    const TempFolder folder;
    for (const char* loops : {"1", "2"}) {
        ServerProcess server({"--loops", loops, "--data", (folder / loops).string(), "--keep",
                              "30d", "--keep-size", "1MiB"});
        V2ByHand alice(server.port(), "alice"), bob(server.port(), "bob");
        alice.say("lobby", "1", "hello");
        EXPECT_EQ(bob.readUntil("msg").body, "hello");
        // Rest can only be seen by letting time pass: more than it takes to begin with the index.
        std::set<std::string> woken;
        for (int attempt = 0; attempt < 10; ++attempt) {
            const auto before = sleepsOf(server.process().pid());
            ::poll(nullptr, 0, 1500);
            woken.clear();
            for (const auto& [thread, sleeps] : sleepsOf(server.process().pid())) {
                if (before.count(thread) == 0 || before.at(thread) != sleeps) woken.insert(thread);
            }
            if (woken.empty()) break;
        }
        EXPECT_TRUE(woken.empty()) << woken.size() << " threads, " << *woken.begin();
    }
}

// With one loop, whoever is served later knows that what came earlier was read.
TEST(Serve, FinishesWhatIsOnItsWayAndTellsEveryoneAtTheEnd) {
    ServerProcess server({"--loops", "1"});
    V2ByHand alice(server.port(), "alice");
    RawSocket dora = RawSocket::connectTo(server.port());
    dora.sendField("dora");
    EXPECT_EQ(alice.readUntil("presence")["nick"], "dora");
    dora.sendField("notes.txt%");
    dora.send("10        12345");
    V2ByHand bob(server.port(), "bob");  // served after the half of dora's file
    server.process().signal(SIGTERM);
    server.process().waitForErrorLine("stopping");
    dora.send("67890");
    EXPECT_EQ(alice.readUntil("file")["name"], "notes.txt");
    EXPECT_THAT(alice.readUntil("bye")["reason"], HasSubstr("shutting down"));
    EXPECT_EQ(server.process().waitForExit(), 0);
}

TEST(Serve, ASecondSignalEndsAtOnce) {
    ServerProcess server({"--grace", "1h", "--loops", "1"});
    RawSocket dora = RawSocket::connectTo(server.port());
    dora.sendField("dora");
    dora.sendField("large.bin%");
    dora.send("100000    begun");
    V2ByHand alice(server.port(), "alice");  // served after what dora sent
    server.process().signal(SIGTERM);
    server.process().waitForErrorLine("stopping");
    server.process().signal(SIGINT);
    EXPECT_EQ(server.process().waitForExit(), 130);
}

TEST(Serve, HoldsAPortAlone) {
    ServerProcess server;
    Process second({"serve", "--data", "none", "--port", std::to_string(server.port())});
    EXPECT_EQ(second.waitForExit(), 3);
    EXPECT_THAT(second.errors(), HasSubstr("address already in use"));
}

TEST(Serve, ListensOnIpv6) {
    ServerProcess server({"--ip", "::1"});
    RawSocket socket = RawSocket::connectTo(server.port(), "::1");
    socket.sendField("netchat/2\tnick:six\n");
    EXPECT_THAT(socket.readField(), HasSubstr("welcome\t"));
}

}  // namespace
}  // namespace netchat::test
