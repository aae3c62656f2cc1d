// The pair of databases that faults break: a promise that it keeps is one that a server can be
// judged by.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "harness/postgres/pair.h"
#include "modes/net/clock.h"

namespace netchat::harness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A client of the database, as the server is one.
class PairClient {
  public:
    explicit PairClient(const std::string& uri) : connection_(PQconnectdb(uri.c_str())) {}
    ~PairClient() { PQfinish(connection_); }
    PairClient(const PairClient&) = delete;
    PairClient& operator=(const PairClient&) = delete;

    bool connected() const { return PQstatus(connection_) == CONNECTION_OK; }
    std::string error() const { return PQerrorMessage(connection_); }
    // The first column of the first row, or the error.
    std::string ask(const std::string& sql) {
        PGresult* const result = PQexec(connection_, sql.c_str());
        const bool good =
            PQresultStatus(result) == PGRES_TUPLES_OK || PQresultStatus(result) == PGRES_COMMAND_OK;
        std::string text = !good                    ? PQresultErrorMessage(result)
                           : PQntuples(result) == 0 ? ""
                                                    : PQgetvalue(result, 0, 0);
        PQclear(result);
        return text;
    }
    // Sends a statement, whose answer is not awaited.
    bool send(const std::string& sql) { return PQsendQuery(connection_, sql.c_str()) == 1; }
    bool waits() { return PQconsumeInput(connection_) == 1 && PQisBusy(connection_) == 1; }
    // Waits for the answer of what was sent: whether it is good.
    bool answered() {
        bool good = true;
        while (PGresult* const result = PQgetResult(connection_)) {
            good = good && PQresultStatus(result) == PGRES_COMMAND_OK;
            PQclear(result);
        }
        return good;
    }

  private:
    PGconn* const connection_;
};

std::string why(const Status& status) {
    return status ? "" : status.error().text;
}

// No machine dies here, so nothing has to be on a disk.
std::unique_ptr<PostgresPair> startPair(uint64_t diskBytes = 0) {
    auto pair = PostgresPair::start({.fsync = false, .diskBytes = diskBytes});
    EXPECT_TRUE(pair) << pair.error().text;
    return pair ? std::move(*pair) : nullptr;
}

// What runs anywhere below a folder, by its working folder.
size_t processesIn(const fs::path& folder) {
    size_t count = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
        const fs::path at = fs::read_symlink(entry.path() / "cwd", error);
        if (!error && at.string().starts_with(folder.string())) ++count;
    }
    return count;
}

constexpr const char* kSyncState = "SELECT string_agg(sync_state, ',') FROM pg_stat_replication";

TEST(PostgresPair, LosesNothingWhenItsPrimaryIsKilled) {
    const auto pair = startPair();
    ASSERT_TRUE(pair);
    EXPECT_EQ(*pair->ask(kSyncState), "quorum");
    PairClient before(pair->uri());
    ASSERT_TRUE(before.connected()) << before.error();
    EXPECT_EQ(before.ask("CREATE TABLE said (n int); INSERT INTO said VALUES (7)"), "");

    pair->killPrimary();
    const Status promoted = pair->promoteStandby();
    ASSERT_TRUE(promoted) << why(promoted);
    PairClient after(pair->uri());
    ASSERT_TRUE(after.connected()) << after.error();
    EXPECT_EQ(after.ask("SELECT n FROM said"), "7");

    const Status rebuilt = pair->rebuild();
    ASSERT_TRUE(rebuilt) << why(rebuilt);
    EXPECT_EQ(*pair->ask(kSyncState), "quorum");
    EXPECT_EQ(after.ask("INSERT INTO said VALUES (8)"), "");

    // And back again, which ends on the node that it began on.
    pair->killPrimary();
    const Status again = pair->promoteStandby();
    ASSERT_TRUE(again) << why(again);
    PairClient last(pair->uri());
    EXPECT_EQ(last.ask("SELECT sum(n) FROM said"), "15");
}

TEST(PostgresPair, CommitsWaitForTheStandby) {
    const auto pair = startPair();
    ASSERT_TRUE(pair);
    PairClient client(pair->uri());
    ASSERT_EQ(client.ask("CREATE TABLE said (n int)"), "");
    const Status stopped = pair->stopStandby();
    ASSERT_TRUE(stopped) << why(stopped);
    ASSERT_TRUE(client.send("INSERT INTO said VALUES (1)"));
    // It waits inside its commit, and so is not seen.
    const std::string waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    const int64_t deadline = net::monotonicMs() + 20'000;
    while (*pair->ask(waiting) != "1" && net::monotonicMs() < deadline) {
    }
    EXPECT_EQ(*pair->ask(waiting), "1");
    EXPECT_TRUE(client.waits());
    const Status back = pair->startStandby();
    ASSERT_TRUE(back) << why(back);
    EXPECT_TRUE(client.answered());
    EXPECT_EQ(client.ask("SELECT n FROM said"), "1");
}

TEST(PostgresPair, ItsPrimaryComesBackWithWhatItHad) {
    const auto pair = startPair();
    ASSERT_TRUE(pair);
    PairClient client(pair->uri());
    ASSERT_EQ(client.ask("CREATE TABLE said (n int); INSERT INTO said VALUES (5)"), "");
    const Status back = pair->restartPrimary();
    ASSERT_TRUE(back) << why(back);
    PairClient again(pair->uri());
    EXPECT_EQ(again.ask("SELECT n FROM said"), "5");
    EXPECT_EQ(again.ask("INSERT INTO said VALUES (6)"), "");
    const Status stopped = pair->stop();
    EXPECT_TRUE(stopped) << why(stopped);
}

TEST(PostgresPair, LeavesNothingBehind) {
    auto pair = startPair();
    ASSERT_TRUE(pair);
    const fs::path folder = pair->folder();
    EXPECT_GE(processesIn(folder), 2u);
    pair->killPrimary();
    pair.reset();
    EXPECT_EQ(processesIn(folder), 0u);
    EXPECT_FALSE(fs::exists(folder));
}

// A test that is killed, or a harness, destroys nothing itself.
TEST(PostgresPair, LeavesNothingBehindWhenItsProcessIsKilled) {
    std::array<int, 2> told{};
    ASSERT_EQ(::pipe(told.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto pair = PostgresPair::start();
        if (!pair) {
            std::fprintf(stderr, "%s\n", pair.error().text.c_str());
            ::_exit(1);
        }
        const std::string folder = (*pair)->folder().string();
        (void)!::write(told[1], folder.data(), folder.size());
        ::pause();
        ::_exit(0);
    }
    ::close(told[1]);
    std::array<char, 4096> bytes{};
    const ssize_t count = ::read(told[0], bytes.data(), bytes.size());
    ASSERT_GT(count, 0);
    const fs::path folder(std::string(bytes.data(), static_cast<size_t>(count)));
    EXPECT_GE(processesIn(folder), 2u);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(told[0]);
    const int64_t deadline = net::monotonicMs() + 30'000;
    while (fs::exists(folder) && net::monotonicMs() < deadline) {
    }
    EXPECT_FALSE(fs::exists(folder));
    EXPECT_EQ(processesIn(folder), 0u);
}

TEST(PostgresPair, ItsDiskCanBeFilled) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can mount a disk";
    const auto pair = startPair(96 << 20);
    ASSERT_TRUE(pair);
    PairClient client(pair->uri());
    ASSERT_EQ(client.ask("CREATE TABLE said (text text)"), "");
    const Status filled = pair->fillDisk();
    ASSERT_TRUE(filled) << why(filled);
    const std::string much =
        "INSERT INTO said SELECT repeat(md5(n::text), 50) FROM generate_series(1, 1000) n";
    EXPECT_THAT(client.ask(much), HasSubstr("No space left on device"));
    const Status freed = pair->freeDisk();
    ASSERT_TRUE(freed) << why(freed);
    EXPECT_EQ(client.ask(much), "");
    EXPECT_EQ(client.ask("SELECT count(*) FROM said"), "1000");
}

}  // namespace
}  // namespace netchat::harness
