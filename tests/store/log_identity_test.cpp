// What becomes of a log's identity: over restarts, kills, restored copies and cut logs.

#include <Poco/Data/SQLite/Utility.h>
#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "modes/store/log_epochs.h"
#include "modes/store/log_mark.h"
#include "modes/store/log_transfer.h"
#include "modes/store/log_witness.h"
#include "modes/store/row_sum.h"
#include "modes/store/sqlite_room_log.h"
#include "protocol/log_places.h"

namespace netchat::store {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Folder {
  public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "netchat-log-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(path_); }
    operator fs::path() const { return path_; }  // NOLINT(google-explicit-constructor)
    fs::path operator/(const std::string& name) const { return path_ / name; }

  private:
    fs::path path_;
};

std::unique_ptr<SqliteRoomLog> opened(const fs::path& folder) {
    fs::create_directories(folder);
    auto log = SqliteRoomLog::open(folder / "log.sqlite", Durability::Process);
    EXPECT_TRUE(log) << log.error().text;
    return std::move(*log);
}

void append(SqliteRoomLog& log, const std::string& room, int count = 1) {
    static uint64_t ids = 0;
    for (int i = 0; i < count; ++i) {
        const std::string id = std::to_string(getpid()) + "-" + std::to_string(++ids);
        Draft draft;
        draft.room = room;
        draft.entry.user = 1;
        draft.entry.id = id;
        draft.entry.from = "alice";
        draft.entry.text = "something that takes some room in the log, so that it can be cut";
        const auto result = log.append({&draft, 1});
        ASSERT_TRUE(result) << result.error().text;
    }
}

// Where witnesses are kept.
bool hasMemory() {
    return ::access("/dev/shm", W_OK) == 0;
}

// What a start finds, and the identity that the log has then.
struct Start {
    std::string identity, finding;
};
Start started(const fs::path& folder) {
    const auto log = opened(folder);
    return {std::string(log->identity()), log->finding()};
}

// A server that appends so many and is killed.
void appendAndDie(const fs::path& folder, int count) {
    const pid_t child = fork();
    if (child == 0) {
        auto log = SqliteRoomLog::open(folder / "log.sqlite", Durability::Process);
        if (log) append(**log, "a", count);
        ::raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));
}

void copyFolder(const fs::path& from, const fs::path& to) {
    fs::create_directories(to);
    for (const auto& file : fs::directory_iterator(from)) {
        if (!file.is_regular_file()) continue;
        // Into a file that is there: its bytes are replaced, and it is the same file.
        fs::copy_file(file.path(), to / file.path().filename(),
                      fs::copy_options::overwrite_existing);
    }
}

TEST(LogIdentity, StaysOverARestart) {
    if (!hasMemory()) GTEST_SKIP() << "no memory to keep witnesses in";
    const Folder folder;
    const Start first = started(folder);
    EXPECT_TRUE(isLogIdentity(first.identity)) << first.identity;
    EXPECT_EQ(first.finding, "");
    {
        const auto log = opened(folder);
        append(*log, "a", 3);
        EXPECT_EQ(log->identity(), first.identity);
    }
    const Start again = started(folder);
    EXPECT_EQ(again.identity, first.identity);
    EXPECT_EQ(again.finding, "");
}

TEST(LogIdentity, StaysOverKills) {
    if (!hasMemory()) GTEST_SKIP() << "no memory to keep witnesses in";
    const Folder folder;
    const Start first = started(folder);
    for (int i = 0; i < 3; ++i) appendAndDie(folder, 5);
    const Start again = started(folder);
    EXPECT_EQ(again.identity, first.identity);
    EXPECT_EQ(again.finding, "");
    EXPECT_EQ(opened(folder)->range("a").last, 15u);
}

TEST(LogIdentity, IsAnotherForEachCopyThatIsRestoredAlsoOfTheSame) {
    if (!hasMemory()) GTEST_SKIP() << "no memory to keep witnesses in";
    const Folder folder;
    std::set<std::string> seen;
    {
        const auto log = opened(folder / "data");
        append(*log, "a", 3);
        seen.emplace(log->identity());
    }
    copyFolder(folder / "data", folder / "backup");
    for (int i = 0; i < 2; ++i) {
        append(*opened(folder / "data"), "a", 2);
        fs::remove_all(folder / "data");
        copyFolder(folder / "backup", folder / "data");
        const Start start = started(folder / "data");
        EXPECT_TRUE(seen.insert(start.identity).second) << start.identity;
        EXPECT_THAT(start.finding, HasSubstr("may be a restored copy"));
        EXPECT_EQ(started(folder / "data").identity, start.identity);
    }
}

TEST(LogIdentity, IsAnotherWhereTheCopyIsWrittenOverTheFirst) {
    const Folder folder;
    append(*opened(folder / "data"), "a", 3);
    copyFolder(folder / "data", folder / "backup");
    const Start before = started(folder / "data");
    append(*opened(folder / "data"), "a", 2);
    copyFolder(folder / "backup", folder / "data");
    const Start after = started(folder / "data");
    EXPECT_NE(after.identity, before.identity);
    EXPECT_THAT(after.finding, HasSubstr("may be a restored copy"));
}

TEST(LogIdentity, IsAnotherWhereTheLogAloneIsPutBack) {
    const Folder folder;
    append(*opened(folder / "data"), "a", 3);
    copyFolder(folder / "data", folder / "backup");
    append(*opened(folder / "data"), "a", 2);
    const Start before = started(folder / "data");
    fs::copy_file(folder / "backup" / "log.sqlite", folder / "data" / "log.sqlite",
                  fs::copy_options::overwrite_existing);
    const auto verdict = verifyLog(folder / "data", {});
    ASSERT_TRUE(verdict);
    EXPECT_THAT(verdict->wrong, ElementsAre(HasSubstr("2 entries are missing at its end")));
    const Start after = started(folder / "data");
    EXPECT_NE(after.identity, before.identity);
    EXPECT_THAT(after.finding, HasSubstr("lost its last 2 entries: it had 5, and has 3"));
    EXPECT_THAT(verifyLog(folder / "data", {})->wrong, IsEmpty()) << "it is known now";
}

TEST(LogIdentity, IsAnotherForACopyOfARunningLog) {
    const Folder folder;
    const auto log = opened(folder / "data");
    append(*log, "a", 3);
    copyFolder(folder / "data", folder / "copy");
    const Start copy = started(folder / "copy");
    EXPECT_NE(copy.identity, log->identity());
    EXPECT_THAT(copy.finding, HasSubstr("may be a restored copy"));
    EXPECT_EQ(*opened(folder / "copy")->sharedWith(log->identity(), "a"), 3u);
}

// The files of a disk that was put back have the inodes and times that they had; here, those of the
// first run are made to say so.
TEST(LogIdentity, OfTwoRunsTheWitnessKnowsTheLater) {
    if (!hasMemory()) GTEST_SKIP() << "no memory to keep witnesses in";
    const Folder folder;
    const fs::path log = folder / "log.sqlite";
    append(*opened(folder), "a", 3);
    const auto first = LogWitness::find(log);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->token, findLastRun(log).run->token);
    EXPECT_EQ(first->total, 3u);
    append(*opened(folder), "a", 2);
    const auto second = LogWitness::find(log);
    ASSERT_TRUE(second);
    EXPECT_NE(second->token, first->token);
    EXPECT_EQ(second->total, 5u);
    LogWitness::begin(log, {"another", 9});
    const Start after = started(folder);
    EXPECT_THAT(after.finding, HasSubstr("its disk was restored"));
}

TEST(LogIdentity, AWitnessOfALogThatIsGoneIsRemovedByTheNext) {
    if (!hasMemory()) GTEST_SKIP() << "no memory to keep witnesses in";
    const Folder folder;
    std::optional<LogWitnessed> gone;
    {
        const Folder other;
        append(*opened(other), "a", 3);
        EXPECT_TRUE(LogWitness::find(other / "log.sqlite"));
        fs::rename(other, folder / "moved");
        EXPECT_TRUE(LogWitness::find(other / "log.sqlite"));
        append(*opened(folder / "data"), "a", 3);
        EXPECT_FALSE(LogWitness::find(other / "log.sqlite"));
    }
    // What is no page is left alone, and is nothing that was seen.
    const fs::path strange = "/dev/shm/netchat-log-" + std::to_string(geteuid()) + "-strange";
    std::ofstream(strange) << "strange";
    EXPECT_EQ(started(folder / "data").finding, "");
    EXPECT_TRUE(fs::remove(strange));
}

TEST(LogIdentity, AWriteAheadLogThatWasCutIsReported) {
    const Folder folder;
    const Start first = started(folder);
    appendAndDie(folder, 10);
    const fs::path wal = folder / "log.sqlite-wal";
    ASSERT_GT(fs::file_size(wal), 4096u * 4);
    fs::resize_file(wal, fs::file_size(wal) / 2);
    const auto verdict = verifyLog(folder, {});
    ASSERT_TRUE(verdict);
    ASSERT_FALSE(verdict->wrong.empty());
    EXPECT_THAT(verdict->wrong.front(), HasSubstr("missing at its end"));
    const Start after = started(folder);
    EXPECT_NE(after.identity, first.identity);
    EXPECT_THAT(after.finding, HasSubstr("the log has lost its last "));
    const auto log = opened(folder);
    EXPECT_LT(log->range("a").last, 10u);
    EXPECT_EQ(*log->sharedWith(first.identity, "a"), log->range("a").last);
}

TEST(LogIdentity, ALogThatIsGoneIsReported) {
    const Folder folder;
    append(*opened(folder), "a", 3);
    const Start before = started(folder);
    fs::remove(folder / "log.sqlite");
    const Start after = started(folder);
    EXPECT_NE(after.identity, before.identity);
    EXPECT_THAT(after.finding, HasSubstr("lost its last 3 entries: it had 3, and has 0"));
}

TEST(LogIdentity, WithoutItsMarkItIsAnother) {
    for (const char* name : {"log.mark", "log.run"}) {
        const Folder folder;
        const Start before = started(folder);
        fs::remove(folder / name);
        const Start after = started(folder);
        EXPECT_NE(after.identity, before.identity);
        EXPECT_THAT(after.finding, HasSubstr("log.run or log.mark is missing"));
    }
}

TEST(LogIdentity, AFolderOfAnEarlierVersionIsGivenItsFirstInSilence) {
    if (!hasMemory()) GTEST_SKIP() << "no memory to keep witnesses in";
    const Folder folder;
    append(*opened(folder), "a", 3);
    {
        using Poco::Data::Keywords::now;
        Poco::Data::Session session("SQLite", (folder / "log.sqlite").string());
        session << "DELETE FROM epoch", now;
        session << "DELETE FROM epoch_end", now;
    }
    fs::remove(folder / "log.run");
    fs::remove(folder / "log.mark");
    const Start start = started(folder);
    EXPECT_TRUE(isLogIdentity(start.identity));
    EXPECT_EQ(start.finding, "");
    EXPECT_EQ(started(folder).identity, start.identity);
}

TEST(LogIdentity, KnowsWhereItsRoomsStoodUnderEarlierOnes) {
    const Folder folder;
    std::vector<std::string> had;
    for (int i = 0; i < 3; ++i) {
        const auto log = opened(folder);
        had.emplace_back(log->identity());
        append(*log, "a", 10);
        if (i != 1) append(*log, "quiet");
        fs::remove(folder / "log.mark");
    }
    const auto log = opened(folder);
    append(*log, "a", 4);
    append(*log, "late", 1);
    EXPECT_EQ(log->sharedWith(had[0], "a"), 10u);
    EXPECT_EQ(log->sharedWith(had[1], "a"), 20u);
    EXPECT_EQ(log->sharedWith(had[2], "a"), 30u);
    EXPECT_EQ(log->sharedWith(log->identity(), "a"), 34u);
    EXPECT_EQ(log->sharedWith(had[0], "quiet"), 1u);
    EXPECT_EQ(log->sharedWith(had[1], "quiet"), 1u);
    EXPECT_EQ(log->sharedWith(had[2], "quiet"), 2u);
    EXPECT_EQ(log->sharedWith(had[2], "late"), 0u);
    EXPECT_EQ(log->sharedWith(had[2], "nowhere"), 0u);
    EXPECT_EQ(log->sharedWith("0123456789abcdef", "a"), std::nullopt);
}

TEST(LogIdentity, OfManyTheOldestAreForgotten) {
    const Folder folder;
    {
        const auto log = opened(folder);
        append(*log, "a");
        append(*log, "quiet", 7);
    }
    using Poco::Data::Keywords::now;
    Poco::Data::Session session("SQLite", (folder / "log.sqlite").string());
    addRowSum(Poco::Data::SQLite::Utility::dbHandle(session));
    constexpr size_t kKept = 5;
    LogEpochs epochs(session, kKept);
    const auto idOf = [](uint64_t i) {
        return "000000000000000" + std::string(1, "abcdefghij"[i]);
    };
    for (uint64_t i = 0; i < 9; ++i) {
        epochs.begin(idOf(i), true);
        session << "UPDATE room SET last = last + 1 WHERE name = CAST('a' AS BLOB)", now;
    }
    epochs.begin(idOf(9), true);
    // Rooms 1 and 2; the last that is known ended when room 1 had 1 + 6 entries.
    EXPECT_EQ(epochs.endOf(idOf(4), 1, 10), std::nullopt);
    EXPECT_EQ(epochs.endOf(idOf(5), 1, 10), 7u);
    EXPECT_EQ(epochs.endOf(idOf(5), 2, 7), 7u) << "what has not grown since, too";
    EXPECT_EQ(epochs.endOf(idOf(8), 1, 10), 10u);
    EXPECT_EQ(epochs.endOf(idOf(9), 1, 10), 10u);
}

TEST(LogIdentity, ItsFilesAreNobodyElses) {
    const Folder folder;
    const auto log = opened(folder);
    for (const char* name : {"log.run", "log.mark"}) {
        EXPECT_EQ(fs::status(folder / name).permissions(),
                  fs::perms::owner_read | fs::perms::owner_write)
            << name;
    }
}

}  // namespace
}  // namespace netchat::store
