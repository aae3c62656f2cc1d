// --deadline: every mode of the bot ends in time, also where the server has stopped at any moment.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/support/server_process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr milliseconds kDeadline{2'000};
// A bye that is waited for takes 2 s more.
constexpr milliseconds kBound = kDeadline + milliseconds{1'800};

class DeadlineTest : public testing::Test {
  protected:
    Process::Options bot(const std::vector<std::string>& how) {
        std::vector<std::string> all = {"bot", "--server", server.address(), "--deadline", "2s"};
        all.insert(all.end(), how.begin(), how.end());
        return {.arguments = all, .environment = {{"HOME", folder.path().string()}}};
    }
    // Measured from before the process, whose deadline begins later.
    static void endsInTime(Process& process, steady_clock::time_point started, const char* what) {
        EXPECT_EQ(process.waitForExit(), 4) << what << process.errors();
        EXPECT_LT(steady_clock::now() - started, kBound) << what << process.errors();
        EXPECT_THAT(process.errors(), HasSubstr("within")) << what;
    }

    // Until each of its threads stands still: the signal alone returns before.
    void stopServer() {
        server.process().signal(SIGSTOP);
        const std::string tasks = "/proc/" + std::to_string(server.process().pid()) + "/task";
        for (const auto& task : std::filesystem::directory_iterator(tasks)) {
            std::string status;
            while (status.find("State:\tT") == std::string::npos) {
                std::ifstream file(task.path() / "status");
                status.assign(std::istreambuf_iterator<char>(file), {});
            }
        }
    }

    // From then on the signal is one for the program's own handler.
    static void waitUntilBlocked(pid_t pid, int signal) {
        const auto until = steady_clock::now() + std::chrono::seconds{60};
        while (steady_clock::now() < until) {
            std::ifstream file("/proc/" + std::to_string(pid) + "/status");
            const std::string status(std::istreambuf_iterator<char>(file), {});
            const size_t at = status.find("SigBlk:\t");
            if (at == std::string::npos) continue;
            const uint64_t blocked = std::stoull(status.substr(at + 8, 16), nullptr, 16);
            if ((blocked >> (signal - 1) & 1U) != 0) return;
        }
        FAIL() << "the program never came to read";
    }

    ServerProcess server;
    TempFolder folder;
};

TEST_F(DeadlineTest, HoldsWhereTheServerHasStoppedBefore) {
    stopServer();
    const std::string script = folder.write("x.bot", "bot a\n").string();
    const auto started = steady_clock::now();
    Process listening(bot({"--nick", "ear", "--listen"}));
    Process counting(bot({"--nick", "ear", "--listen", "--count", "1"}));
    Process jsonl(bot({"--nick", "program", "--stdin", "jsonl"}));
    Process lines(bot({"--nick", "lines", "--stdin", "lines"}));
    Process patient(bot({"--timeout", "1h", "--insecure", script}));
    lines.writeLine("hello");
    endsInTime(listening, started, "--listen");
    endsInTime(counting, started, "--listen --count");
    endsInTime(jsonl, started, "--stdin jsonl");
    endsInTime(lines, started, "--stdin lines");
    endsInTime(patient, started, "a script");
    server.process().signal(SIGCONT);
}

TEST_F(DeadlineTest, HoldsWhereTheServerStopsInBetween) {
    const std::string script = folder.write("x.bot", "bot a\na: expect msg within 1h\n").string();
    const auto started = steady_clock::now();
    Process counting(bot({"--nick", "ear", "--listen", "--json", "--count", "1"}));
    Process jsonl(bot({"--nick", "program", "--stdin", "jsonl"}));
    Process patient(bot({"--verbose", script}));
    counting.waitForLine("\"joined\"");
    jsonl.waitForLine("\"joined\"");
    patient.waitForErrorLine("a: expect msg");
    stopServer();
    jsonl.writeLine(R"({"do":"say","text":"hello"})");
    endsInTime(counting, started, "--listen --count");
    endsInTime(jsonl, started, "--stdin jsonl");
    endsInTime(patient, started, "a script");
    server.process().signal(SIGCONT);
}

// Nobody ends its input.
TEST_F(DeadlineTest, HoldsWhileTheScriptIsRead) {
    const auto started = steady_clock::now();
    Process reading(bot({"-"}));
    reading.write("bot a\n");
    endsInTime(reading, started, "a script from standard input");
    EXPECT_THAT(reading.errors(), HasSubstr("has not come to its end within the deadline of 2s"));
}

TEST_F(DeadlineTest, AScriptThatIsReadCanBeInterrupted) {
    Process reading(
        {{"bot", "--server", server.address(), "-"}, {{"HOME", folder.path().string()}}});
    reading.write("bot a\n");
    waitUntilBlocked(reading.pid(), SIGTERM);
    reading.signal(SIGTERM);
    EXPECT_EQ(reading.waitForExit(), 143) << reading.errors();
}

// What it was asked for is done by then.
TEST_F(DeadlineTest, IsTheEndOfListeningWithoutACount) {
    Process ear(bot({"--nick", "ear", "--listen"}));
    EXPECT_EQ(ear.waitForExit(), 0) << ear.errors();
}

}  // namespace
}  // namespace netchat::test
