// The reserve, and what opens and is ruled when the disk is full; and logs that are not there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <fstream>

#include "modes/store/log_presence.h"
#include "modes/store/reserve.h"
#include "modes/store/ruling_store.h"
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
    EXPECT_THAT(told_[1], HasSubstr("has room again"));
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
        ASSERT_TRUE(openRulings(root() / "control.sqlite", held.get()));
        fill();
    }
    fill();  // what the end of the log has given back
    const auto held = reserve();
    held->giveUpToStart();
    const auto log = openLog(root() / "log.sqlite");
    ASSERT_TRUE(log);
    log->useReserve(held.get());
    auto rulings = openRulings(root() / "control.sqlite", held.get());
    ASSERT_TRUE(rulings) << rulings.error().text;
    (void)held->refill();
    fill();
    EXPECT_THAT(linesOf(*log, "lobby"), testing::ElementsAre("1 alice: before"));
    const std::string text(100'000, 'x');
    const Draft draft = draftOf("lobby", 1, "2", text);
    const auto refused = log->append({&draft, 1});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    EXPECT_FALSE(log->isUnsure());
    Ruling ruling;
    ruling.target = "nick:mallory";
    EXPECT_TRUE((*rulings)->put(ruling));
    EXPECT_EQ((*rulings)->all()->size(), 1U);
    EXPECT_TRUE(log->reserve(1024)) << "who only reads needs a number, too";
    freeSpace();
    EXPECT_TRUE(held->refill());
    EXPECT_EQ(sayTo(*log, draft), 2U);
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
    EXPECT_THAT(told[0], HasSubstr("the rooms begin anew"));
    EXPECT_EQ(log->range("lobby").last, 0U);
}

TEST_F(MissingLog, ANewLogIsOnTheDiskBeforeAnythingIsSaid) {
    const auto log = openLog(file());
    EXPECT_GT(fs::file_size(file()), 4096U) << "its tables are in the file, not only ahead of it";
}

}  // namespace
}  // namespace netchat::store
