// The write-ahead log is moved and synced by its keeper, beside the writer.

#include "modes/store/wal_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "modes/store/sqlite_support.h"
#include "protocol/limits.h"
#include "tests/store/troubled_disk.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

using namespace Poco::Data::Keywords;
using namespace std::chrono_literals;
using Counts = WalKeeper::Counts;

constexpr auto kDeadline = 30s;

class WalKeeperTest : public testing::Test {
  protected:
    WalKeeperTest() : session_(openSqlite(file())) {
        session_ << "PRAGMA journal_mode=WAL", now;
        session_ << "PRAGMA synchronous=NORMAL", now;
        session_ << "CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)", now;
    }

    std::filesystem::path file() const { return folder_ / "log.sqlite"; }
    uint64_t walBytes() const { return std::filesystem::file_size(file().string() + "-wal"); }
    void write(int commits) {
        std::string text(2000, 'x');
        for (int i = 0; i < commits; ++i) {
            session_ << "INSERT INTO t (text) VALUES (?)", use(text), now;
        }
    }

    Trouble trouble_;
    test::TempFolder folder_;
    Poco::Data::Session session_;
};

TEST_F(WalKeeperTest, MovesAllPagesSoThatTheWriterMovesNone) {
    const WalKeeper keeper(session_, file(), WalKeeper::Sync::ByCommit);
    uint64_t longest = 0;
    for (int round = 1; round <= 50; ++round) {
        // 2 MiB and more, of which it is told; with pauses in which it can move all.
        const uint64_t before = keeper.counts().whole;
        const auto moved = [before](const Counts& c) { return c.whole > before; };
        write(400);
        const auto until = std::chrono::steady_clock::now() + kDeadline;
        while (!moved(keeper.waitFor(moved, 20ms)) && std::chrono::steady_clock::now() < until) {
            write(50);
        }
        longest = std::max(longest, walBytes());
        ASSERT_GT(keeper.counts().whole, before) << "the keeper has left something";
    }
    const Counts counts = keeper.counts();
    EXPECT_GT(counts.framesByKeeper, 10'000U);
    EXPECT_EQ(counts.framesByWriter, 0U);
    EXPECT_LT(longest, 16 * limits::kMiB) << "of more than 80 MiB that were written";
}

TEST_F(WalKeeperTest, InsistsWhereTheWriterMakesNoPause) {
    const WalKeeper keeper(session_, file(), WalKeeper::Sync::ByCommit);
    const auto until = std::chrono::steady_clock::now() + kDeadline;
    while (keeper.counts().whole < 5 && std::chrono::steady_clock::now() < until) write(100);
    EXPECT_GE(keeper.counts().whole, 5U);
}

TEST_F(WalKeeperTest, SyncsWhatGrewAndRestsWhenNothingIsWritten) {
    const WalKeeper keeper(session_, file(), WalKeeper::Sync::Background, {}, 1ms);
    for (uint64_t round = 1; round <= 5; ++round) {
        const int before = TroubledDisk::get().syncs;
        write(1);
        const auto synced = [round](const Counts& c) { return c.syncs >= round; };
        ASSERT_EQ(keeper.waitFor(synced, kDeadline).syncs, round);
        EXPECT_GT(TroubledDisk::get().syncs, before) << "nothing was synced";
    }
    const auto more = [](const Counts& c) { return c.syncs > 5; };
    EXPECT_EQ(keeper.waitFor(more, 50ms).syncs, 5U) << "it works while nothing is said";
}

TEST_F(WalKeeperTest, DoesNotSyncWhatEveryCommitHasSynced) {
    const WalKeeper keeper(session_, file(), WalKeeper::Sync::ByCommit, {}, 1ms);
    write(1);
    EXPECT_EQ(keeper.waitFor([](const Counts& c) { return c.syncs > 0; }, 50ms).syncs, 0U);
}

TEST_F(WalKeeperTest, SaysOnceThatTheDiskDoesNotSyncAndOnceThatItDoesAgain) {
    std::vector<std::string> said;
    std::mutex mutex;
    trouble_->failSyncs = true;
    {
        const WalKeeper keeper(
            session_, file(), WalKeeper::Sync::Background,
            [&](const std::string& text) {
                const std::lock_guard lock(mutex);
                said.push_back(text);
            },
            1ms);
        write(1);
        const int before = trouble_->syncs;
        const auto until = std::chrono::steady_clock::now() + kDeadline;
        while (trouble_->syncs < before + 6 && std::chrono::steady_clock::now() < until) {
            (void)keeper.waitFor([](const Counts& c) { return c.syncs > 0; }, 1ms);
        }
        trouble_->failSyncs = false;
        EXPECT_GE(keeper.waitFor([](const Counts& c) { return c.syncs > 0; }, kDeadline).syncs, 1U);
    }
    ASSERT_EQ(said.size(), 2U);
    EXPECT_THAT(said[0], testing::HasSubstr("does not sync"));
    EXPECT_THAT(said[1], testing::HasSubstr("again"));
}

}  // namespace
}  // namespace netchat::store
