// The reserve, and what opens and is ruled when the disk is full; and logs that are not there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <fstream>
#include <future>

#include "modes/store/log_existence.h"
#include "modes/store/log_mark.h"
#include "modes/store/reserve.h"
#include "modes/store/sanction_store.h"
#include "modes/store/sqlite_searcher.h"
#include "modes/store/sqlite_support.h"
#include "tests/store/log_by_hand.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A file system of 16 MiB, where the test may mount one.
class FullDisk : public testing::Test {
  protected:
    void SetUp() override {
        fs::create_directory(root());
        mounted_ = ::mount("netchat-test", root().c_str(), "tmpfs", 0, "size=16m") == 0;
        if (!mounted_) GTEST_SKIP() << "a small file system cannot be mounted here";
    }
    void TearDown() override {
        if (mounted_) ::umount2(root().c_str(), MNT_DETACH);
    }

    fs::path root() const { return folder_ / "disk"; }
    void fill() const {
        std::ofstream file(root() / "filler", std::ios::binary | std::ios::app);
        for (const size_t piece : {size_t{1'000'000}, size_t{4096}, size_t{1}}) {
            const std::string bytes(piece, 'f');
            while (file.write(bytes.data(), static_cast<std::streamsize>(piece)).flush()) {
            }
            file.clear();
        }
    }
    void freeSpace() const { fs::remove(root() / "filler"); }
    std::unique_ptr<Reserve> reserve(uint64_t bytes = limits::kMiB) {
        return Reserve::open(
            root(), [this](const std::string& text) { told_.push_back(text); }, bytes);
    }

    test::TempFolder folder_;
    bool mounted_ = false;
    std::vector<std::string> told_;
};

TEST_F(FullDisk, TheReserveIsTakenSpentAndTakenBack) {
    const auto held = reserve();
    ASSERT_TRUE(held->refill());
    EXPECT_EQ(held->bytes(), limits::kMiB);
    fill();
    const auto write = [&]() -> Status {
        std::ofstream file(root() / "ruling");
        file << std::string(100'000, 'r') << std::flush;
        if (file) return Ok{};
        return Error{ErrorCode::NoRoom, "full"};
    };
    EXPECT_FALSE(write());
    EXPECT_TRUE(held->spend(write));
    EXPECT_TRUE(held->isFull());
    EXPECT_FALSE(held->refill()) << "it is still full";
    EXPECT_GT(held->bytes(), limits::kMiB / 2) << "what was left over is held again";
    freeSpace();
    EXPECT_TRUE(held->refill());
    EXPECT_EQ(held->bytes(), limits::kMiB);
    ASSERT_EQ(told_.size(), 2U);
    EXPECT_THAT(told_[0], HasSubstr("is full"));
    EXPECT_THAT(told_[1], HasSubstr("has space again"));
}

TEST_F(FullDisk, TheReserveOfAnEarlierServerIsTakenOver) {
    ASSERT_TRUE(reserve()->refill());
    fill();
    const auto held = reserve();
    EXPECT_EQ(held->bytes(), limits::kMiB);
    held->giveUpToStart();
    EXPECT_EQ(held->bytes(), 0U);
    EXPECT_FALSE(held->refill());
    EXPECT_GT(held->bytes(), limits::kMiB / 2);
}

TEST_F(FullDisk, ADiskWithRoomIsNotFullForTheReserve) {
    const auto held = reserve();
    held->giveUpToStart();
    EXPECT_TRUE(held->refill());
    EXPECT_TRUE(told_.empty());
}

TEST_F(FullDisk, TheLogOpensAndIsReadAndOperatorsRule) {
    {
        const auto held = reserve();
        ASSERT_TRUE(held->refill());
        const auto log = openLog(root() / "log.sqlite");
        sayTo(*log, draftOf("lobby", 1, "1", "before"));
        ASSERT_TRUE(openSanctions(root() / "control.sqlite", held.get()));
        fill();
    }
    fill();  // what the end of the log has given back
    const auto held = reserve();
    held->giveUpToStart();
    const auto log = openLog(root() / "log.sqlite");
    ASSERT_TRUE(log);
    log->useReserve(held.get());
    auto sanctions = openSanctions(root() / "control.sqlite", held.get());
    ASSERT_TRUE(sanctions) << sanctions.error().text;
    (void)held->refill();
    fill();
    EXPECT_THAT(linesOf(*log, "lobby"), testing::ElementsAre("1 alice: before"));
    const std::string text(100'000, 'x');
    const Draft draft = draftOf("lobby", 1, "2", text);
    const auto refused = log->append({&draft, 1});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    EXPECT_FALSE(log->isUnsure());
    Sanction sanction;
    sanction.target = "nick:mallory";
    EXPECT_TRUE((*sanctions)->put(sanction));
    EXPECT_EQ((*sanctions)->all()->size(), 1U);
    EXPECT_TRUE(log->reserve(1024)) << "who only reads needs a number, too";
    freeSpace();
    EXPECT_TRUE(held->refill());
    EXPECT_EQ(sayTo(*log, draft), 2U);
}

TEST_F(FullDisk, OnlySanctionsGetTheLastHalfOfTheReserve) {
    const auto held = reserve();
    ASSERT_TRUE(held->refill());
    fill();
    size_t written = 0;
    const auto grow = [&]() -> Status {
        std::ofstream file(root() / "grows", std::ios::app);
        file << std::string(100'000, 'g') << std::flush;
        if (file) return ++written, Ok{};
        return Error{ErrorCode::NoRoom, "full"};
    };
    while (held->spend(grow, Reserve::For::Other)) {
    }
    EXPECT_GT(written, 1U);
    EXPECT_GE(held->bytes(), limits::kMiB / 2) << "what did not fit was taken back";
    EXPECT_TRUE(held->spend(grow));
}

TEST_F(FullDisk, WhatIsLeftOverIsTakenBackToTheLastPages) {
    const auto held = reserve();
    ASSERT_TRUE(held->refill());
    fill();
    for (int start = 0; start < 10; ++start) {
        held->giveUpToStart();
        EXPECT_EQ(held->bytes(), 0U);
        EXPECT_FALSE(held->refill());
        EXPECT_GT(held->bytes(), limits::kMiB - 64 * limits::kKiB);
    }
}

TEST_F(FullDisk, WhatPeopleSayIsNotWrittenEvenWhereItWouldFit) {
    const auto held = reserve();
    ASSERT_TRUE(held->refill());
    const auto log = openLog(root() / "log.sqlite");
    log->useReserve(held.get());
    sayTo(*log, draftOf("lobby", 1, "1", "before"));
    fill();
    const std::string text(100'000, 'x');
    const Draft draft = draftOf("lobby", 1, "2", text);
    ASSERT_FALSE(log->append({&draft, 1}));
    fs::resize_file(root() / "filler", fs::file_size(root() / "filler") - 300'000);
    const auto refused = log->append({&draft, 1});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    freeSpace();
    EXPECT_TRUE(held->refill());
    EXPECT_EQ(sayTo(*log, draft), 2U);
}

TEST_F(FullDisk, APurgeOfMuchGoesOnToItsEndAndLeavesRoomForSanctions) {
    const auto held = reserve();
    ASSERT_TRUE(held->refill());
    auto log = openLog(root() / "log.sqlite");
    const auto sanctions = openSanctions(root() / "control.sqlite", held.get());
    ASSERT_TRUE(sanctions);
    const std::string longText(20'000, 'x'), shortText(400, 'x');
    for (int i = 0; i < 40; ++i) {  // in batches: the write-ahead log stays short meanwhile
        std::vector<Draft> drafts(50, draftOf("lobby", 1 + i % 2, "", shortText));
        drafts[0].entry.text = longText;
        ASSERT_TRUE(log->append(drafts));
    }
    log.reset();  // moves all into the database
    log = openLog(root() / "log.sqlite");
    log->useReserve(held.get());
    fill();
    Purge purge;
    purge.user = 1;
    uint64_t gone = 0;
    for (bool more = true; more;) {
        const auto purged = log->purgeSome(purge);
        ASSERT_TRUE(purged) << purged.error().text << " after " << gone;
        gone += purged->entries;
        more = purged->more;
    }
    EXPECT_EQ(gone, 1000U);
    EXPECT_GE(held->bytes(), limits::kMiB / 2);
    for (int i = 0; i < 100; ++i) {
        Sanction sanction;
        sanction.target = "nick:mallory" + std::to_string(i);
        EXPECT_TRUE((*sanctions)->put(sanction)) << i;
    }
}

TEST_F(FullDisk, AnOldFileOfSanctionsIsRead) {
    const fs::path file = root() / "control.sqlite";
    {
        auto session = openSqlite(file);
        session << "CREATE TABLE ruling (kind INTEGER NOT NULL, target BLOB NOT NULL,"
                   " user INTEGER NOT NULL, proof BLOB, since INTEGER NOT NULL,"
                   " until INTEGER NOT NULL, text BLOB, by BLOB, PRIMARY KEY (kind, target))"
                   " WITHOUT ROWID",
            Poco::Data::Keywords::now;
        session << "INSERT INTO ruling VALUES (1, x'78', 0, NULL, 5, 0, NULL, NULL)",
            Poco::Data::Keywords::now;
        session << "PRAGMA user_version=1", Poco::Data::Keywords::now;
    }
    fill();
    const auto sanctions = openSanctions(file);
    ASSERT_TRUE(sanctions) << sanctions.error().text;
    EXPECT_EQ((*sanctions)->all()->size(), 1U);
    freeSpace();
    Sanction sanction;
    sanction.target = "y";
    EXPECT_TRUE((*sanctions)->put(sanction));
    EXPECT_EQ((*openSanctions(file))->all()->size(), 2U);
}

TEST_F(FullDisk, ANewFileOfSanctionsThatHasNoRoomLeavesNothingBehind) {
    fill();
    EXPECT_FALSE(openSanctions(root() / "control.sqlite"));
    EXPECT_FALSE(fs::exists(root() / "control.sqlite"));
}

TEST_F(FullDisk, TheRunIsMarkedOverWhatIsThere) {
    const fs::path log = root() / "log.sqlite";
    writeFile(log, "x");
    const auto run = [&log] {
        const auto mark = LogMarkFile::begin(log, "identity", 1);
        ASSERT_TRUE(mark);
        mark->ended();
    };
    run();
    fill();
    for (int start = 0; start < 3; ++start) run();
    LogFound found = findLastRun(log);
    found.identity = "identity";
    found.total = 1;
    EXPECT_TRUE(judgeStart(found).intact) << judgeStart(found).text;
}

TEST_F(FullDisk, IsSearchedWithoutAnIndex) {
    const auto log = openLog(root() / "log.sqlite");
    sayTo(*log, draftOf("lobby", 1, "1", "a needle"));
    fill();
    SqliteSearcher searcher(root() / "log.sqlite", root() / "search.sqlite");
    for (int question = 0; question < 2; ++question) {
        std::promise<Result<SearchResult>> done;
        searcher.search({"lobby", "needle"}, [&](auto result) { done.set_value(result); });
        const auto found = done.get_future().get();
        ASSERT_TRUE(found) << found.error().text;
        EXPECT_EQ(found->entries.size(), 1U);
    }
}

TEST(Reserve, WhereNoneCanBeHeldTheDiskIsNotFull) {
    const test::TempFolder folder;
    fs::create_directory(folder / "reserve");
    std::vector<std::string> told;
    const auto held =
        Reserve::open(folder.path(), [&](const std::string& text) { told.push_back(text); });
    held->giveUpToStart();
    EXPECT_THAT(told, testing::ElementsAre(HasSubstr("cannot reserve space")));
    EXPECT_TRUE(held->refill());
    EXPECT_FALSE(held->isFull());
    held->noteFull();
    EXPECT_TRUE(held->isFull());
    EXPECT_TRUE(held->refill()) << "the disk has room";
    EXPECT_FALSE(held->isFull());
}

// ---- logs that are not there

class MissingLog : public testing::Test {
  protected:
    fs::path file() const { return folder_ / "log.sqlite"; }
    void use() const {
        const auto log = openLog(file());
        sayTo(*log, draftOf("lobby", 1, "1", "x"));
        writeFile(folder_ / "control.sqlite", "");
        writeFile(folder_ / "search.sqlite", "x");
    }
    test::TempFolder folder_;
};

TEST_F(MissingLog, ANewFolderHasNothingToSay) {
    EXPECT_EQ(*checkLogPresence(file()), "");
    writeFile(file(), "");
    EXPECT_EQ(*checkLogPresence(file()), "") << "a start that was cut at once";
}

TEST_F(MissingLog, AnEmptyFileInAFolderThatWasUsedIsNotTakenForANewLog) {
    use();
    writeFile(file(), "");
    const auto log = SqliteRoomLog::open(file(), Durability::Process);
    ASSERT_FALSE(log);
    EXPECT_EQ(log.error().code, ErrorCode::BadState);
    EXPECT_THAT(log.error().text, HasSubstr("is empty (0 bytes)"));
    EXPECT_THAT(log.error().text, HasSubstr("restore a copy"));
    EXPECT_EQ(fs::file_size(file()), 0U);
}

TEST_F(MissingLog, AWriteAheadLogWithoutItsLogIsNotRemoved) {
    writeFile(file().string() + "-wal", "frames");
    EXPECT_FALSE(SqliteRoomLog::open(file(), Durability::Process));
    EXPECT_EQ(bytesOfFile(file().string() + "-wal"), "frames");
}

TEST_F(MissingLog, OneThatIsGoneIsSaidAndBegunAnew) {
    use();
    for (const char* ending : {"", "-wal", "-shm"}) fs::remove(file().string() + ending);
    std::vector<std::string> told;
    const auto log = openLog(file(), Durability::Process,
                             [&told](const std::string& text) { told.push_back(text); });
    ASSERT_EQ(told.size(), 1U);
    EXPECT_THAT(told[0], HasSubstr("all rooms start empty"));
    EXPECT_EQ(log->range("lobby").last, 0U);
}

TEST_F(MissingLog, ANewLogIsOnTheDiskBeforeAnythingIsSaid) {
    const auto log = openLog(file());
    EXPECT_GT(fs::file_size(file()), 4096U) << "its tables are in the file, not only ahead of it";
}

}  // namespace
}  // namespace netchat::store
