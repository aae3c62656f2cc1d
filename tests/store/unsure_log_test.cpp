// What was refused is not in the log, also after a kill: where a failure leaves that open, the log
// says so and finds out.

#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "modes/store/log_mark.h"
#include "tests/store/log_by_hand.h"
#include "tests/store/troubled_disk.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class UnsureLog : public testing::TestWithParam<Durability> {
  protected:
    fs::path file() const { return folder_ / "log.sqlite"; }
    // What a start finds after a kill -9 now.
    std::vector<std::string> afterAKill() {
        const test::TempFolder copy;
        for (const char* ending : {"", "-wal"}) {
            fs::copy(file().string() + ending, (copy / "log.sqlite").string() + ending);
        }
        // The copy's disk is a good one.
        const bool syncs = trouble_->failSyncs.exchange(false);
        const bool databaseSyncs = trouble_->failDatabaseSyncs.exchange(false);
        const bool writes = trouble_->failWrites.exchange(false);
        const bool growth = trouble_->failIndexGrowth.exchange(false);
        std::vector<std::string> lines;
        {
            const auto log = openLog(copy / "log.sqlite");
            if (log) lines = linesOf(*log, "lobby");
        }
        trouble_->failSyncs = syncs;
        trouble_->failDatabaseSyncs = databaseSyncs;
        trouble_->failWrites = writes;
        trouble_->failIndexGrowth = growth;
        return lines;
    }
    static bool refuses(SqliteRoomLog& log, std::string_view id, std::string_view text) {
        const Draft draft = draftOf("lobby", 1, id, text);
        return !log.append({&draft, 1});
    }

    Trouble trouble_;
    test::TempFolder folder_;
};

TEST_P(UnsureLog, AWriteThatFailsIsRefusedAndNeverThere) {
    const auto log = openLog(file(), GetParam());
    sayTo(*log, draftOf("lobby", 1, "1", "kept"));
    trouble_->failWrites = true;
    EXPECT_TRUE(refuses(*log, "2", "refused"));
    EXPECT_FALSE(log->isUnsure());
    EXPECT_THAT(afterAKill(), ElementsAre("1 alice: kept"));
    trouble_->heal();
    EXPECT_EQ(sayTo(*log, draftOf("lobby", 1, "2", "now")), 2U);
    EXPECT_THAT(afterAKill(), ElementsAre("1 alice: kept", "2 alice: now"));
}

// Nobody but the log writes the first pages of its index: more than 4096 make it grow.
TEST_P(UnsureLog, ACommitThatFailsAfterItWasWrittenIsOverwrittenOrInDoubt) {
    const auto log = openLog(file(), GetParam());
    sayTo(*log, draftOf("lobby", 1, "1", "kept"));
    // The write-ahead log's index has room for 4062 pages at first; this needs more.
    const std::string text(20'000'000, 'x');
    trouble_->failIndexGrowth = true;
    EXPECT_TRUE(refuses(*log, "2", text));
    // One that is small is written in its place.
    EXPECT_FALSE(log->isUnsure());
    EXPECT_THAT(afterAKill(), ElementsAre("1 alice: kept"));
    trouble_->heal();
    EXPECT_EQ(sayTo(*log, draftOf("lobby", 1, "2", "now")), 2U);
}

INSTANTIATE_TEST_SUITE_P(Promises, UnsureLog,
                         testing::Values(Durability::Process, Durability::Disk));

class UnsyncedLog : public UnsureLog {};

TEST_P(UnsyncedLog, WhatIsWrittenAndNotSyncedIsInDoubtAndNotShown) {
    std::vector<std::string> told;
    const auto log = openLog(file(), Durability::Disk,
                             [&told](const std::string& text) { told.push_back(text); });
    sayTo(*log, draftOf("lobby", 1, "1", "kept"));
    trouble_->failSyncs = true;
    EXPECT_TRUE(refuses(*log, "2", "in doubt"));
    ASSERT_TRUE(log->isUnsure());
    EXPECT_THAT(linesOf(*log, "lobby"), ElementsAre("1 alice: kept"));
    EXPECT_EQ(log->range("lobby").last, 1U);
    EXPECT_TRUE(refuses(*log, "3", "refused")) << "nothing is taken until it is known";
    EXPECT_FALSE(log->findOut());
    EXPECT_TRUE(log->isUnsure());
    // A kill now: what nobody was told may be there; what was refused is not.
    EXPECT_THAT(afterAKill(), ElementsAre("1 alice: kept", "2 alice: in doubt"));

    trouble_->heal();
    const auto found = log->findOut();
    ASSERT_TRUE(found) << found.error().text;
    EXPECT_EQ((*found)[0].seq, 2U);
    EXPECT_FALSE((*found)[0].duplicate);
    EXPECT_FALSE(log->isUnsure());
    EXPECT_THAT(linesOf(*log, "lobby"), ElementsAre("1 alice: kept", "2 alice: in doubt"));
    EXPECT_EQ(sayTo(*log, draftOf("lobby", 1, "3", "again")), 3U);
    EXPECT_EQ(told.size(), 2U);
}

TEST_P(UnsyncedLog, ANewRoomInDoubtIsThereWhenItIsKnown) {
    const auto log = openLog(file(), Durability::Disk);
    sayTo(*log, draftOf("blue", 1, "0", "a room that is there"));
    trouble_->failSyncs = true;
    EXPECT_TRUE(refuses(*log, "1", "first"));
    EXPECT_EQ(log->range("lobby").last, 0U);
    trouble_->heal();
    ASSERT_TRUE(log->findOut());
    EXPECT_EQ(log->range("lobby").last, 1U);
    EXPECT_EQ(sayTo(*log, draftOf("red", 1, "2", "another room")), 1U);
    EXPECT_EQ(sayTo(*log, draftOf("lobby", 1, "3", "second")), 2U);
}

TEST_P(UnsyncedLog, WhatWasInDoubtIsCountedByTheMark) {
    const auto log = openLog(file(), Durability::Disk);
    sayTo(*log, draftOf("lobby", 1, "1", "kept"));
    trouble_->failSyncs = true;
    EXPECT_TRUE(refuses(*log, "2", "in doubt"));
    EXPECT_EQ(findLastRun(file()).mark->total, 1U);
    trouble_->heal();
    ASSERT_TRUE(log->findOut());
    EXPECT_EQ(findLastRun(file()).mark->total, 2U);
}

// The first commit after the write-ahead log has begun anew syncs its head before all else.
TEST_P(UnsyncedLog, ACommitThatCouldNotBeginIsNotThereWhenItIsKnown) {
    const auto log = openLog(file(), Durability::Disk);
    // A write-ahead log that is empty is begun anew, and that is synced before the commit.
    Poco::Data::Session("SQLite", file().string()) << "PRAGMA wal_checkpoint(TRUNCATE)",
        Poco::Data::Keywords::now;
    trouble_->failSyncs = true;
    EXPECT_TRUE(refuses(*log, "1", "refused"));
    ASSERT_TRUE(log->isUnsure());
    trouble_->heal();
    EXPECT_FALSE(log->findOut());
    EXPECT_FALSE(log->isUnsure());
    EXPECT_THAT(afterAKill(), testing::IsEmpty());
    EXPECT_EQ(sayTo(*log, draftOf("lobby", 1, "1", "now")), 1U);
}

TEST_P(UnsyncedLog, UsersAreKeptWhenTheDiskSyncsAgain) {
    const auto log = openLog(file(), Durability::Disk);
    const UserRecord alice{1, "alice", "1-secret"};
    trouble_->failSyncs = true;
    EXPECT_FALSE(log->add({&alice, 1}));
    trouble_->heal();
    EXPECT_TRUE(log->add({&alice, 1})) << "also where it was there already";
    EXPECT_TRUE(log->find(1, "1-secret"));
}

INSTANTIATE_TEST_SUITE_P(Promise, UnsyncedLog, testing::Values(Durability::Disk));

TEST(SaidAlready, IsKnownWhereNothingCanBeWritten) {
    const Trouble trouble;
    const test::TempFolder folder;
    const auto log = openLog(folder / "log.sqlite");
    sayTo(*log, draftOf("lobby", 1, "1", "kept"));
    trouble->failWrites = true;
    const auto said = log->alreadySaid(draftOf("lobby", 1, "1", "kept"));
    ASSERT_TRUE(said);
    EXPECT_EQ(said->seq, 1U);
    EXPECT_TRUE(log->alreadySaid(draftOf("red", 1, "1", "kept"))->elsewhere);
    EXPECT_FALSE(log->alreadySaid(draftOf("lobby", 1, "2", "new")));
}

}  // namespace
}  // namespace netchat::store
