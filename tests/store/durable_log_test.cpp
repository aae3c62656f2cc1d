// The room log that lasts: what it shares with the one in memory, and what it has beyond.

#include <Poco/Data/SQLite/Connector.h>
#include <Poco/Data/Session.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "modes/store/folder_lock.h"
#include "modes/store/memory_room_log.h"
#include "modes/store/sqlite_room_log.h"
#include "protocol/limits.h"
#include "tests/store/any_room_log.h"

namespace netchat::store {
namespace {

using testing::HasSubstr;

std::unique_ptr<SqliteRoomLog> opened(const fs::path& file) {
    auto log = SqliteRoomLog::open(file, Durability::Process);
    EXPECT_TRUE(log) << log.error().text;
    return std::move(*log);
}

std::unique_ptr<RoomLog> inMemory(const Folder&) {
    return std::make_unique<MemoryRoomLog>();
}

std::unique_ptr<RoomLog> onSqlite(const Folder& folder) {
    return opened(folder / "log.sqlite");
}

INSTANTIATE_TEST_SUITE_P(Logs, AnyRoomLog,
                         testing::Values(LogKind{"memory", inMemory}, LogKind{"sqlite", onSqlite}),
                         nameOfLog);

// ---- what lasts

TEST(SqliteRoomLog, GoesOnWhereItWasAfterAnEnd) {
    const Folder folder;
    append(*opened(folder / "log.sqlite"), draftOf("a", 1, "1", "before"));
    const auto log = opened(folder / "log.sqlite");
    EXPECT_EQ(append(*log, draftOf("a", 1, "1", "before")), 1U);
    EXPECT_EQ(append(*log, draftOf("a", 1, "2", "after")), 2U);
    EXPECT_EQ(append(*log, draftOf("b", 1, "3", "elsewhere")), 1U);
    EXPECT_THAT(textsFrom(*log, "a", 1), ElementsAre("before", "after"));
}

TEST(SqliteRoomLog, KnowsWhatWasSaidByAnyIdAfterAnEnd) {
    const Folder folder;
    {
        const auto log = opened(folder / "log.sqlite");
        for (const char* id : {"1", "2", "900", "x"}) append(*log, draftOf("a", 7, id, id));
    }
    const auto log = opened(folder / "log.sqlite");
    EXPECT_EQ(append(*log, draftOf("a", 7, "2", "2")), 2U);
    EXPECT_EQ(append(*log, draftOf("a", 7, "x", "x")), 4U);
    EXPECT_EQ(append(*log, draftOf("a", 7, "3", "3")), 5U);
    EXPECT_EQ(append(*log, draftOf("a", 7, "900", "900")), 3U);
    EXPECT_EQ(append(*log, draftOf("a", 8, "900", "another's")), 6U);
    EXPECT_EQ(append(*log, draftOf("a", 8, "900", "another's")), 6U);
    EXPECT_EQ(append(*log, draftOf("a", 8, "1", "an earlier number")), 7U);
}

TEST(SqliteRoomLog, WhatIsForgottenStaysForgottenAndIsStillKnown) {
    const Folder folder;
    {
        const auto log = opened(folder / "log.sqlite");
        for (int i = 1; i <= 10; ++i) append(*log, draftOf("a", 1, std::to_string(i), "x"));
        forgetAll(*log, {1000, 0}, kTimeMs + 2000);
    }
    const auto log = opened(folder / "log.sqlite");
    EXPECT_EQ(log->range("a").first, 11U);
    const Draft again = draftOf("a", 1, "3", "x");
    const auto result = log->append({&again, 1});
    ASSERT_TRUE(result);
    EXPECT_TRUE((*result)[0].duplicate);
    EXPECT_EQ((*result)[0].seq, 3U);
}

TEST(SqliteRoomLog, TellsTheFilesThatNothingAnnouncesAnyMore) {
    const Folder folder;
    const auto log = opened(folder / "log.sqlite");
    const std::string once(64, 'a'), twice(64, 'b');
    const auto drop = [&](const std::string& sha256, int64_t time) {
        Draft file = draftOf("a", 1, "", "name");
        file.entry.kind = EntryKind::File;
        file.entry.sha256 = sha256;
        file.entry.time = time;
        append(*log, file);
    };
    drop(once, 1), drop(twice, 1), drop(twice, 5000);
    const auto forgotten = log->forgetSome({1000, 0}, 2000);
    ASSERT_TRUE(forgotten);
    EXPECT_THAT(forgotten->files, ElementsAre(once));
    EXPECT_EQ(log->range("a").first, 3U);
}

TEST(SqliteRoomLog, ForgetsABoundedNumberAtATimeInEveryRoom) {
    const Folder folder;
    const auto log = opened(folder / "log.sqlite");
    std::vector<Draft> drafts;
    for (size_t i = 0; i < limits::kForgottenAtOnceMax + 1; ++i) {
        drafts.push_back(draftOf("a", 1, {}, "x"));
        drafts.push_back(draftOf("b", 1, {}, "x"));
    }
    ASSERT_TRUE(log->append(drafts));
    ASSERT_TRUE(log->forgetSome({1000, 0}, kTimeMs + 2000));
    EXPECT_EQ(log->range("a").first, limits::kForgottenAtOnceMax + 1);
    EXPECT_EQ(log->range("b").first, 1U);
    forgetAll(*log, {1000, 0}, kTimeMs + 2000);
    EXPECT_EQ(log->range("a").first, limits::kForgottenAtOnceMax + 2);
    EXPECT_EQ(log->range("b").first, limits::kForgottenAtOnceMax + 2);
}

// As version 1 made it.
TEST(SqliteRoomLog, BringsADatabaseOfVersion1UpToDate) {
    const Folder folder;
    {
        Poco::Data::SQLite::Connector::registerConnector();
        Poco::Data::Session session("SQLite", (folder / "log.sqlite").string());
        for (const char* statement : {
                 "PRAGMA journal_mode=WAL",
                 "CREATE TABLE room (number INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE,"
                 " first INTEGER NOT NULL, last INTEGER NOT NULL)",
                 "CREATE TABLE entry (room INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER "
                 "NOT NULL,"
                 " time INTEGER NOT NULL, user INTEGER NOT NULL, id BLOB, sender BLOB, text BLOB,"
                 " sha256 BLOB, size INTEGER NOT NULL,"
                 " PRIMARY KEY (room, seq)) WITHOUT ROWID",
                 "CREATE TABLE said (user INTEGER NOT NULL, id BLOB NOT NULL, room INTEGER NOT "
                 "NULL,"
                 " seq INTEGER NOT NULL, PRIMARY KEY (user, id)) WITHOUT ROWID",
                 "CREATE TABLE user (number INTEGER PRIMARY KEY, nick BLOB NOT NULL, secret BLOB "
                 "NOT NULL)",
                 "CREATE TABLE counter (users INTEGER NOT NULL)",
                 "INSERT INTO counter VALUES (5)",
                 "INSERT INTO room VALUES (1, CAST('a' AS BLOB), 1, 2)",
                 "INSERT INTO entry VALUES (1, 1, 0, 9, 3, CAST('1' AS BLOB), CAST('al' AS BLOB),"
                 " CAST('old' AS BLOB), NULL, 0), (1, 2, 0, 9, 3, CAST('2' AS BLOB),"
                 " CAST('al' AS BLOB), CAST('words' AS BLOB), NULL, 0)",
                 "INSERT INTO said VALUES (3, CAST('1' AS BLOB), 1, 1), (3, CAST('2' AS BLOB), 1, "
                 "2)",
                 "PRAGMA user_version=1",
             }) {
            session << statement, Poco::Data::Keywords::now;
        }
    }
    const auto log = opened(folder / "log.sqlite");
    EXPECT_THAT(textsFrom(*log, "a", 1), ElementsAre("old", "words"));
    EXPECT_EQ(append(*log, draftOf("a", 3, "2", "words")), 2U);
    EXPECT_EQ(append(*log, draftOf("a", 3, "3", "new")), 3U);
    EXPECT_EQ(*log->reserve(1), 6U);
    // 6 bytes of the first, 8 of the second, 9 of the third: two of them are kept.
    forgetAll(*log, {0, 17}, kTimeMs);
    EXPECT_THAT(textsFrom(*log, "a", 1), ElementsAre("words", "new"));
}

// ---- trouble

TEST(SqliteRoomLog, ReportsADatabaseThatWasCutOffAndLeavesItAsItIs) {
    const Folder folder;
    const fs::path file = folder / "log.sqlite";
    {
        const auto log = opened(file);
        for (int i = 1; i <= 2000; ++i) append(*log, draftOf("a", 1, std::to_string(i), "text"));
    }
    fs::resize_file(file, fs::file_size(file) / 2 / 4096 * 4096);
    const auto size = fs::file_size(file);
    const auto log = SqliteRoomLog::open(file, Durability::Process);
    ASSERT_FALSE(log);
    EXPECT_THAT(log.error().text, HasSubstr("left unchanged"));
    EXPECT_EQ(fs::file_size(file), size);
}

TEST(SqliteRoomLog, ReportsARoomThatLacksItsEntries) {
    const Folder folder;
    {
        const auto log = opened(folder / "log.sqlite");
        for (int i = 1; i <= 3; ++i) append(*log, draftOf("a", 1, std::to_string(i), "text"));
        Poco::Data::Session other("SQLite", (folder / "log.sqlite").string());
        other << "DELETE FROM entry WHERE seq = 3", Poco::Data::Keywords::now;
    }
    const auto log = SqliteRoomLog::open(folder / "log.sqlite", Durability::Process);
    ASSERT_FALSE(log);
    EXPECT_THAT(log.error().text, HasSubstr("damaged"));
}

// A file system of our own that is full soon; only root may make one.
class SmallDisk {
  public:
    SmallDisk() {
        const auto path = folder_ / "disk";
        fs::create_directory(path);
        mounted_ = ::mount("netchat-test", path.c_str(), "tmpfs", 0, "size=1m") == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2((folder_ / "disk").c_str(), MNT_DETACH);
    }
    explicit operator bool() const { return mounted_; }
    fs::path operator/(const std::string& name) const { return folder_ / "disk" / name; }

  private:
    Folder folder_;
    bool mounted_ = false;
};

TEST(SqliteRoomLog, AFullDiskRefusesWhatIsNewKeepsTheRestAndRecovers) {
    const SmallDisk disk;
    if (!disk) GTEST_SKIP() << "a small file system cannot be mounted here";
    const auto log = opened(disk / "log.sqlite");
    const std::string text(20'000, 'x');
    append(*log, draftOf("a", 1, "1", "first"));
    std::ofstream(disk / "filler") << std::string(400'000, 'f');
    uint64_t last = 1;
    for (;;) {
        const std::string id = std::to_string(last + 1);
        const Draft draft = draftOf("a", 1, id, text);
        const auto result = log->append({&draft, 1});
        if (!result) {
            EXPECT_EQ(result.error().code, ErrorCode::NoRoom) << result.error().text;
            break;
        }
        ASSERT_LT(++last, 100U) << "the disk is never full";
    }
    EXPECT_EQ(log->range("a").last, last);
    EXPECT_EQ(textsFrom(*log, "a", 1).size(), last);
    const Draft other = draftOf("b", 2, "1", text);
    EXPECT_FALSE(log->append({&other, 1})) << "it is still full";
    EXPECT_EQ(log->range("b").last, 0U);
    fs::remove(disk / "filler");
    // What was refused may be said again with the same id.
    EXPECT_EQ(append(*log, draftOf("a", 1, std::to_string(last + 1), text)), last + 1);
    EXPECT_EQ(append(*log, draftOf("a", 1, "1", "first")), 1U);
    EXPECT_EQ(textsFrom(*log, "a", 1).size(), last + 1);
}

TEST(SqliteRoomLog, NobodyElseMayReadIt) {
    const Folder folder;
    const auto log = opened(folder / "log.sqlite");
    append(*log, draftOf("a", 1, "1", "x"));
    for (const char* name : {"log.sqlite", "log.sqlite-wal", "log.sqlite-shm"}) {
        EXPECT_EQ(fs::status(folder / name).permissions(),
                  fs::perms::owner_read | fs::perms::owner_write)
            << name;
    }
}

TEST(SqliteRoomLog, NeverGivesANumberOfAUserTwice) {
    const Folder folder;
    uint64_t first = 0;
    {
        const auto log = opened(folder / "log.sqlite");
        first = *log->reserve(10);
        EXPECT_EQ(*log->reserve(10), first + 10);
    }
    EXPECT_EQ(*opened(folder / "log.sqlite")->reserve(1), first + 20);
}

TEST(SqliteRoomLog, KnowsAUserByItsSecretOnlyAndKeepsNoSecret) {
    const Folder folder;
    const std::string secret = "5-0123456789abcdef";
    {
        const auto log = opened(folder / "log.sqlite");
        const UserRecord user{5, "alice", secret};
        ASSERT_TRUE(log->add({&user, 1}));
    }
    const auto log = opened(folder / "log.sqlite");
    ASSERT_TRUE(log->find(5, secret));
    EXPECT_EQ(log->find(5, secret)->nick, "alice");
    EXPECT_FALSE(log->find(5, "5-0123456789abcdee"));
    EXPECT_FALSE(log->find(6, secret));
    for (const char* name : {"log.sqlite", "log.sqlite-wal"}) {
        std::ifstream in(folder / name, std::ios::binary);
        const std::string bytes((std::istreambuf_iterator<char>(in)), {});
        EXPECT_EQ(bytes.find("0123456789abcdef"), std::string::npos) << name;
    }
}

TEST(SqliteRoomLog, RefusesADatabaseOfANewerVersion) {
    const Folder folder;
    {
        const auto log = opened(folder / "log.sqlite");
        Poco::Data::Session session("SQLite", (folder / "log.sqlite").string());
        session << "PRAGMA user_version=99", Poco::Data::Keywords::now;
    }
    const auto log = SqliteRoomLog::open(folder / "log.sqlite", Durability::Process);
    ASSERT_FALSE(log);
    EXPECT_THAT(log.error().text, HasSubstr("newer netchat"));
}

// Whoever starts an older program by mistake goes on with the newer one.
TEST(SqliteRoomLog, ADatabaseOfANewerVersionIsNotChangedBeforeItIsRefused) {
    const Folder folder;
    const auto file = folder / "log.sqlite";
    opened(file).reset();
    {
        // What a newer one may have instead of a write-ahead log.
        Poco::Data::Session session("SQLite", file.string());
        std::string mode;
        session << "PRAGMA journal_mode=DELETE", Poco::Data::Keywords::into(mode),
            Poco::Data::Keywords::now;
        session << "PRAGMA user_version=99", Poco::Data::Keywords::now;
        ASSERT_EQ(mode, "delete");
    }
    const auto bytes = [&] {
        std::ifstream in(file, std::ios::binary);
        return std::string((std::istreambuf_iterator<char>(in)), {});
    };
    const std::string before = bytes();
    EXPECT_FALSE(SqliteRoomLog::open(file, Durability::Process));
    EXPECT_TRUE(bytes() == before);
    EXPECT_FALSE(std::filesystem::exists(file.string() + "-wal"));
}

TEST(SqliteRoomLog, ReportsADamagedFileAndLeavesItAsItIs) {
    const Folder folder;
    const std::string damaged(10'000, 'x');
    std::ofstream(folder / "log.sqlite") << damaged;
    const auto log = SqliteRoomLog::open(folder / "log.sqlite", Durability::Process);
    ASSERT_FALSE(log);
    EXPECT_THAT(log.error().text, HasSubstr("log.sqlite"));
    std::ifstream in(folder / "log.sqlite", std::ios::binary);
    EXPECT_EQ(std::string((std::istreambuf_iterator<char>(in)), {}), damaged);
}

TEST(SqliteRoomLog, AppendsNothingOfABatchThatFailsAndEverythingOnTheNextTry) {
    const Folder folder;
    const auto log = opened(folder / "log.sqlite");
    append(*log, draftOf("a", 1, "1", "x"));
    Poco::Data::Session other("SQLite", (folder / "log.sqlite").string());
    using Poco::Data::Keywords::now;
    other << "ALTER TABLE said RENAME TO hidden", now;
    const Draft drafts[] = {draftOf("b", 1, "", "no id"), draftOf("a", 1, "2", "y"),
                            draftOf("b", 1, "3", "z")};
    EXPECT_FALSE(log->append(drafts));
    EXPECT_EQ(log->range("a").last, 1U);
    EXPECT_EQ(log->range("b").last, 0U);
    EXPECT_THAT(log->rooms(), ElementsAre("a"));
    other << "ALTER TABLE hidden RENAME TO said", now;
    ASSERT_TRUE(log->append(drafts));
    EXPECT_THAT(textsFrom(*log, "a", 1), ElementsAre("x", "y"));
    EXPECT_THAT(textsFrom(*log, "b", 1), ElementsAre("no id", "z"));
    EXPECT_THAT(log->rooms(), ElementsAre("a", "b"));
}

TEST(SqliteRoomLog, KeepsTheWriteAheadLogShortWhileItIsWrittenWithoutAPause) {
    const Folder folder;
    const auto log = opened(folder / "log.sqlite");
    const std::string text(4000, 'x');
    const std::vector<Draft> drafts(10, draftOf("a", 1, "", text));
    uint64_t longest = 0;
    for (int i = 0; i < 2000; ++i) {
        ASSERT_TRUE(log->append(drafts));
        longest = std::max<uint64_t>(longest, fs::file_size(folder / "log.sqlite-wal"));
    }
    EXPECT_LT(longest, 48 * limits::kMiB);
    EXPECT_GT(fs::file_size(folder / "log.sqlite"), 40 * limits::kMiB);
}

TEST(SqliteRoomLog, TakesNothingWhileAFileOfItHasLostItsName) {
    for (const char* name : {"log.sqlite", "log.sqlite-wal"}) {
        const Folder folder;
        std::mutex mutex;  // the keeper of the write-ahead log tells on its own thread
        std::vector<std::string> told;
        const auto toldOfLog = [&](const std::string& text) {
            const std::lock_guard lock(mutex);
            if (text.find("write-ahead log") == std::string::npos) told.push_back(text);
        };
        auto log =
            std::move(*SqliteRoomLog::open(folder / "log.sqlite", Durability::Process, toldOfLog));
        append(*log, draftOf("a", 1, "1", "one"));
        fs::rename(folder / name, folder / "elsewhere");
        const Draft draft = draftOf("a", 1, "2", "two");
        for (int time = 0; time < 2; ++time) {
            const auto refused = log->append({&draft, 1});
            ASSERT_FALSE(refused) << name;
            EXPECT_EQ(refused.error().code, ErrorCode::Internal);
        }
        EXPECT_FALSE(log->isUnsure());
        EXPECT_THAT(told, ElementsAre(testing::AllOf(HasSubstr(std::string(name) + " was removed"),
                                                     HasSubstr("log.sqlite.rescued"))));
        EXPECT_THAT(textsFrom(*opened(folder / "log.sqlite.rescued"), "a", 1), ElementsAre("one"));
        EXPECT_THAT(textsFrom(*log, "a", 1), ElementsAre("one")) << "reading goes on";
        fs::rename(folder / "elsewhere", folder / name);
        EXPECT_EQ(append(*log, draft), 2U);
        EXPECT_EQ(told.size(), 2U);
        log.reset();
        EXPECT_THAT(textsFrom(*opened(folder / "log.sqlite"), "a", 1), ElementsAre("one", "two"));
    }
}

TEST(SqliteRoomLog, DoesNotWriteIntoAFileThatWasPutInItsPlace) {
    const Folder folder;
    const auto log = opened(folder / "log.sqlite");
    append(*log, draftOf("a", 1, "1", "one"));
    fs::rename(folder / "log.sqlite", folder / "elsewhere");
    fs::copy_file(folder / "elsewhere", folder / "log.sqlite");
    const Draft draft = draftOf("a", 1, "2", "two");
    EXPECT_FALSE(log->append({&draft, 1}));
}

TEST(FolderLock, IsHeldByOneAndGivenBackAtItsEnd) {
    const Folder folder;
    {
        const auto lock = FolderLock::take(folder / "data");
        ASSERT_TRUE(lock);
        const auto second = FolderLock::take(folder / "data");
        ASSERT_FALSE(second);
        EXPECT_THAT(second.error().text, HasSubstr(std::to_string(getpid())));
    }
    EXPECT_TRUE(FolderLock::take(folder / "data"));
}

}  // namespace
}  // namespace netchat::store
