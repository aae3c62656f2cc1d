// The file store's logic on a disk in memory, which fills and fails as a test wants it to.

#include "modes/store/file_vault.h"

#include <Poco/Crypto/DigestEngine.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "protocol/limits.h"
#include "tests/store/memory_disk.h"
#include "tests/store/sha256_of.h"

namespace netchat::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class FileVaultTest : public ::testing::Test {
  protected:
    void openVault(uint64_t bytesMax, FileSync sync = FileSync::No) {
        FileVault::Options options;
        options.bytesMax = bytesMax;
        options.files.sync = sync;
        options.files.checkAtOnceBytes = 20;
        options.files.tell = [this](const std::string& text) { told_.push_back(text); };
        openWith(options);
    }
    void openWith(const FileVault::Options& options) {
        vault_.reset();
        vault_.emplace(disk_, options, nowMs_);
    }
    void SetUp() override { openVault(1'000'000'000); }
    void TearDown() override {
        if (!vault_) return;
        EXPECT_EQ(vault_->checkInvariants(), "");
    }

    // The place where it goes on, once what is there is hashed.
    Result<uint64_t> begin(const std::string& bytes, FileVault::Owner owner = 0) {
        auto at = vault_->begin(++id_, bytes.size(), sha256Of(bytes), owner, nowMs_);
        while (at && vault_->hashing(id_)) at = vault_->hashOn(id_, nowMs_);
        return at;
    }
    // What an upload that is cut leaves.
    void cut(const std::string& bytes, size_t after) {
        const auto at = begin(bytes);
        ASSERT_TRUE(at) << at.error().text;
        ASSERT_TRUE(vault_->write(id_, bytes.substr(*at, after - *at)));
        vault_->suspend(id_, nowMs_);
    }
    Result<std::string> rest(const std::string& bytes, uint64_t at) {
        const auto written = vault_->write(id_, bytes.substr(at));
        if (!written) return written.error();
        return vault_->finish(id_, sha256Of(bytes));
    }
    Result<std::string> put(const std::string& bytes) {
        const auto at = begin(bytes);
        if (!at) return at.error();
        return rest(bytes, *at);
    }
    KeptFiles& files() { return vault_->files(); }
    bool has(const std::string& bytes) { return files().open(sha256Of(bytes)) != nullptr; }
    // Reads it to its end.
    KeptFiles::Check check(const std::string& bytes, std::optional<int64_t> sinceMs = {}) {
        auto result = KeptFiles::Check::Going;
        while (result == KeptFiles::Check::Going) {
            result = files().checkOn(sha256Of(bytes), sinceMs, nowMs_);
        }
        return result;
    }
    // All that nobody waits for.
    void checkDoubts() {
        while (files().doubtful()) files().checkSome(nowMs_);
    }
    std::string partialName(const std::string& bytes) {
        return "incoming/" + sha256Of(bytes) + "-" + std::to_string(bytes.size()) + ".part";
    }

    MemoryDisk disk_;
    int64_t nowMs_ = 1'700'000'000'000;
    FileVault::UploadId id_ = 0;
    std::vector<std::string> told_;
    std::optional<FileVault> vault_;
};

TEST_F(FileVaultTest, TellsWhatHashingAndWritingEachKeptFileCost) {
    int64_t nowNs = 0;
    std::vector<std::string> kept;
    FileVault::Options options;
    options.bytesMax = 1000;
    options.cpuNs = [&nowNs] { return nowNs += 10; };
    options.kept = [&kept](const std::string& sha256, const FileCost& cost) {
        kept.push_back(sha256 + " " + std::to_string(cost.bytes) + " " +
                       std::to_string(cost.hashNs) + " " + std::to_string(cost.writeNs));
    };
    openWith(options);
    ASSERT_TRUE(put("0123456789"));
    EXPECT_THAT(kept, ElementsAre(sha256Of("0123456789") + " 10 10 10"));
    ASSERT_TRUE(begin("another"));
    ASSERT_TRUE(vault_->write(id_, "anoth_r"));
    EXPECT_FALSE(vault_->finish(id_, sha256Of("another")));
    ASSERT_TRUE(begin("0123456789")) << "which is there already";
    ASSERT_TRUE(vault_->finish(id_, sha256Of("0123456789")));
    EXPECT_EQ(kept.size(), 1u);
}

TEST_F(FileVaultTest, ACutUploadGoesOnWhereItWas) {
    cut("0123456789", 4);
    EXPECT_THAT(disk_.names(), ElementsAre(partialName("0123456789")));
    EXPECT_EQ(*begin("0123456789"), 4u);
    ASSERT_TRUE(rest("0123456789", 4));
    EXPECT_TRUE(has("0123456789"));
    EXPECT_THAT(disk_.names(), ElementsAre(sha256Of("0123456789")));
}

TEST_F(FileVaultTest, ACutUploadOfAnotherLengthThanWasWrittenBeginsAnew) {
    for (const char* there : {"012", "01234"}) {
        cut("0123456789", 4);
        disk_.put(partialName("0123456789"), there);
        const auto at = begin("0123456789");
        ASSERT_TRUE(at) << at.error().text;
        EXPECT_EQ(*at, 0u) << there;
        vault_->abort(id_);
        EXPECT_THAT(disk_.names(), IsEmpty());
    }
}

TEST_F(FileVaultTest, AndAfterACrashOfTheProcess) {
    ASSERT_TRUE(begin("0123456789"));
    ASSERT_TRUE(vault_->write(id_, "0123"));
    MemoryDisk after = disk_;  // as the kill leaves it
    FileVault next(after, {1000}, nowMs_);
    EXPECT_EQ(*next.begin(1, 10, sha256Of("0123456789"), 0, nowMs_), 4u);
    EXPECT_TRUE(next.hashing(1));
    EXPECT_EQ(*next.hashOn(1, nowMs_), 4u);
    EXPECT_FALSE(next.hashing(1));
    ASSERT_TRUE(next.write(1, "456789"));
    EXPECT_TRUE(next.finish(1, sha256Of("0123456789")));
}

TEST_F(FileVaultTest, WhatIsHashedAgainIsHashedInSlices) {
    const std::string bytes(2 * limits::kHashSliceBytes + 1, 'x');
    cut(bytes + "y", bytes.size());
    openVault(1'000'000'000);
    ASSERT_TRUE(vault_->begin(++id_, bytes.size() + 1, sha256Of(bytes + "y"), 0, nowMs_));
    int slices = 0;
    for (; vault_->hashing(id_); ++slices) ASSERT_TRUE(vault_->hashOn(id_, nowMs_));
    EXPECT_EQ(slices, 3);
    EXPECT_TRUE(rest(bytes + "y", bytes.size()));
}

TEST_F(FileVaultTest, AnUploadCutWhileItIsHashedIsHashedFromTheStart) {
    const std::string bytes(2 * limits::kHashSliceBytes, 'x');
    cut(bytes + "y", bytes.size());
    openVault(1'000'000'000);
    ASSERT_TRUE(vault_->begin(++id_, bytes.size() + 1, sha256Of(bytes + "y"), 0, nowMs_));
    ASSERT_TRUE(vault_->hashOn(id_, nowMs_));
    vault_->suspend(id_, nowMs_);
    EXPECT_EQ(*begin(bytes + "y"), bytes.size());
    EXPECT_TRUE(rest(bytes + "y", bytes.size()));
}

TEST_F(FileVaultTest, TwoUploadsOfTheSameContentDoNotMeet) {
    ASSERT_EQ(*begin("0123456789"), 0u);
    const auto first = id_;
    ASSERT_EQ(*begin("0123456789"), 0u);
    const auto second = id_;
    ASSERT_TRUE(vault_->write(first, "01"));
    ASSERT_TRUE(vault_->write(second, "0123456789"));
    EXPECT_TRUE(vault_->finish(second, sha256Of("0123456789")));
    ASSERT_TRUE(vault_->write(first, "23456789"));
    EXPECT_TRUE(vault_->finish(first, sha256Of("0123456789")));
    EXPECT_THAT(disk_.names(), ElementsAre(sha256Of("0123456789")));
    EXPECT_EQ(vault_->bytes(), 10u);
}

TEST_F(FileVaultTest, OfContentThatIsKeptNothingIsWrittenAgain) {
    ASSERT_TRUE(put("0123456789"));
    const uint64_t bytes = vault_->bytes();
    ASSERT_EQ(*begin("0123456789"), 10u);
    EXPECT_EQ(vault_->bytes(), bytes);
    EXPECT_FALSE(vault_->write(id_, "x"));
    EXPECT_EQ(*vault_->finish(id_, sha256Of("0123456789")), sha256Of("0123456789"));
    EXPECT_FALSE(vault_->finish(id_, sha256Of("0123456789"))) << "it is over";
    ASSERT_EQ(*begin("0123456789"), 10u);
    vault_->suspend(id_, nowMs_);
    ASSERT_EQ(*begin("0123456789"), 10u);
    vault_->abort(id_);
    EXPECT_THAT(disk_.names(), ElementsAre(sha256Of("0123456789")));
    EXPECT_EQ(vault_->bytes(), bytes);
}

TEST_F(FileVaultTest, OfContentThatIsDroppedMeanwhileTheOfferFails) {
    openVault(15);
    ASSERT_TRUE(put("0123456789"));
    ASSERT_EQ(*begin("0123456789"), 10u);
    const auto first = id_;
    ASSERT_TRUE(put("abcdefghij"));
    EXPECT_FALSE(vault_->finish(first, sha256Of("0123456789")));
    EXPECT_EQ(*begin("0123456789"), 0u);
}

TEST_F(FileVaultTest, OfTwoCutUploadsOfTheSameContentTheLongerIsKept) {
    ASSERT_TRUE(begin("0123456789"));
    const auto first = id_;
    ASSERT_TRUE(begin("0123456789"));
    ASSERT_TRUE(vault_->write(first, "01"));
    ASSERT_TRUE(vault_->write(id_, "01234"));
    vault_->suspend(first, nowMs_);
    vault_->suspend(id_, nowMs_);
    EXPECT_EQ(vault_->bytes(), 5u);
    EXPECT_EQ(*begin("0123456789"), 5u);
    EXPECT_TRUE(rest("0123456789", 5));
}

TEST_F(FileVaultTest, AFinishedFileLeavesNoPartOfItself) {
    ASSERT_TRUE(begin("0123456789"));
    const auto first = id_;
    ASSERT_TRUE(begin("0123456789"));
    ASSERT_TRUE(vault_->write(first, "01"));
    vault_->suspend(first, nowMs_);
    ASSERT_TRUE(rest("0123456789", 0));
    EXPECT_THAT(disk_.names(), ElementsAre(sha256Of("0123456789")));
    EXPECT_EQ(vault_->bytes(), 10u);
}

TEST_F(FileVaultTest, WrongBytesAreNotTakenUpAgain) {
    ASSERT_TRUE(begin("0123456789"));
    ASSERT_TRUE(vault_->write(id_, "01xx"));
    vault_->suspend(id_, nowMs_);
    ASSERT_EQ(*begin("0123456789"), 4u);
    const auto kept = rest("0123456789", 4);
    ASSERT_FALSE(kept);
    EXPECT_EQ(kept.error().code, ErrorCode::BadHash);
    EXPECT_EQ(*begin("0123456789"), 0u);
    EXPECT_TRUE(rest("0123456789", 0));
}

TEST_F(FileVaultTest, AnAbortedUploadAndOneOfUnknownContentLeaveNothing) {
    cut("0123456789", 4);
    ASSERT_TRUE(begin("0123456789"));
    vault_->abort(id_);
    ASSERT_TRUE(vault_->begin(++id_, 10, {}, 0, nowMs_));
    ASSERT_TRUE(vault_->write(id_, "0123"));
    vault_->suspend(id_, nowMs_);
    EXPECT_THAT(disk_.names(), IsEmpty());
    EXPECT_EQ(vault_->bytes(), 0u);
}

TEST_F(FileVaultTest, NothingIsTakenBeyondTheAnnouncedSize) {
    ASSERT_TRUE(begin("0123"));
    ASSERT_TRUE(vault_->write(id_, "012"));
    EXPECT_FALSE(vault_->write(id_, "34"));
    EXPECT_FALSE(vault_->write(id_, "3")) << "it is over";
}

TEST_F(FileVaultTest, CutUploadsGoBeforeFilesAndTheOldestFirst) {
    openVault(10);
    ASSERT_TRUE(put("file"));
    cut("first", 2);
    ++nowMs_;
    cut("other", 3);
    ASSERT_TRUE(put("new"));
    EXPECT_THAT(disk_.names(),
                UnorderedElementsAre(sha256Of("file"), sha256Of("new"), partialName("other")));
    ASSERT_TRUE(put("newer"));
    EXPECT_FALSE(has("file"));
    EXPECT_THAT(disk_.names(), UnorderedElementsAre(sha256Of("new"), sha256Of("newer")));
    EXPECT_EQ(vault_->bytes(), 8u);
}

TEST_F(FileVaultTest, ACutUploadThatIsTakenUpDoesNotMakeRoomForItself) {
    openVault(10);
    cut("0123456789", 9);
    EXPECT_EQ(*begin("0123456789"), 9u);
    EXPECT_TRUE(rest("0123456789", 9));
    EXPECT_EQ(vault_->bytes(), 10u);
}

TEST_F(FileVaultTest, WhatDoesNotFitNowMayGoOnLater) {
    openVault(10);
    cut("01234", 3);
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(vault_->begin(++id_, 6, {}, 0, nowMs_));
    const auto other = id_;
    const auto refused = begin("01234");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    vault_->abort(other);
    EXPECT_EQ(*begin("01234"), 3u);
}

TEST_F(FileVaultTest, FilesBeingSentAreTheLastToGo) {
    openVault(10);
    ASSERT_TRUE(put("aaaa"));
    ASSERT_TRUE(put("bbbb"));
    const auto sent = files().open(sha256Of("aaaa"));
    EXPECT_TRUE(has("bbbb"));  // used later
    files().open(sha256Of("aaaa"));
    EXPECT_TRUE(has("bbbb"));
    ASSERT_TRUE(put("cccc"));
    EXPECT_TRUE(has("aaaa"));
    EXPECT_FALSE(has("bbbb"));
    ASSERT_TRUE(put("0123456789"));
    EXPECT_FALSE(has("aaaa"));
    std::string bytes(4, '\0');
    EXPECT_TRUE(sent->read(0, bytes)) << "who has it open goes on";
}

// Also where the upload comes to nothing: somebody has it, and others may ask for it.
TEST_F(FileVaultTest, AFileThatIsOfferedAgainIsTheLastToGo) {
    openVault(10);
    ASSERT_TRUE(put("aaaa"));
    ASSERT_TRUE(put("bbbb"));
    ASSERT_TRUE(begin("aaaa"));
    vault_->abort(id_);
    ASSERT_TRUE(put("cccc"));
    EXPECT_THAT(disk_.names(), UnorderedElementsAre(sha256Of("aaaa"), sha256Of("cccc")));
}

TEST_F(FileVaultTest, AFileThatIsNotNeededGoesFirst) {
    openVault(10);
    ASSERT_TRUE(put("aaaa"));
    ASSERT_TRUE(put("bbbb"));
    files().unneeded(sha256Of("bbbb"));
    ASSERT_TRUE(put("cccc"));
    EXPECT_TRUE(has("aaaa"));
    EXPECT_FALSE(has("bbbb"));
}

TEST_F(FileVaultTest, AFileThatIsRemovedIsGoneButForWhomItIsBeingSentTo) {
    ASSERT_TRUE(put("0123456789"));
    const auto sent = files().open(sha256Of("0123456789"));
    EXPECT_TRUE(files().remove(sha256Of("0123456789")));
    EXPECT_FALSE(files().remove(sha256Of("0123456789")));
    EXPECT_FALSE(has("0123456789"));
    EXPECT_THAT(disk_.names(), IsEmpty());
    EXPECT_EQ(vault_->bytes(), 0u);
    std::string bytes(10, '\0');
    EXPECT_TRUE(sent->read(0, bytes));
    EXPECT_EQ(*begin("0123456789"), 0u) << "it may be offered again";
}

TEST_F(FileVaultTest, WhatASuspendedUploadLeftIsRemovedByItsContent) {
    cut("0123456789", 4);
    cut("another", 4);
    vault_->removeSuspended(sha256Of("0123456789"));
    EXPECT_THAT(disk_.names(), ElementsAre(partialName("another")));
    EXPECT_EQ(vault_->bytes(), 4u);
}

TEST_F(FileVaultTest, ACutUploadIsForgottenAfterAWeek) {
    cut("0123456789", 4);
    nowMs_ += limits::kPartialKeptMs;
    EXPECT_EQ(*begin("0123456789"), 4u);
    vault_->suspend(id_, nowMs_);
    nowMs_ += limits::kPartialKeptMs + 1;
    EXPECT_EQ(*begin("0123456789"), 0u);
    EXPECT_EQ(vault_->bytes(), 0u) << "what is announced takes no room";
}

TEST_F(FileVaultTest, ManyCutUploadsGoOnWithOrWithoutTheirDigest) {
    for (size_t i = 0; i <= limits::kPartialDigestsMax; ++i) {
        cut("bytes of file " + std::to_string(i), 10);
    }
    for (size_t i = 0; i <= limits::kPartialDigestsMax; ++i) {
        const std::string bytes = "bytes of file " + std::to_string(i);
        ASSERT_EQ(*begin(bytes), 10u);
        ASSERT_TRUE(rest(bytes, 10));
    }
}

TEST_F(FileVaultTest, AFullDiskEndsTheUploadAndNothingElse) {
    ASSERT_TRUE(put("kept"));
    disk_.room = 6;
    ASSERT_TRUE(begin("0123456789"));
    const auto written = vault_->write(id_, "0123456789");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, ErrorCode::NoRoom);
    EXPECT_TRUE(has("kept"));
    EXPECT_THAT(disk_.names(), ElementsAre(sha256Of("kept")));
    disk_.room = 100;
    EXPECT_TRUE(put("0123456789"));
}

TEST_F(FileVaultTest, AFileIsSyncedBeforeItHasItsNameAndItsNameBeforeAnyoneHearsOfIt) {
    openVault(1000, FileSync::OnKeep);
    disk_.calls.clear();
    ASSERT_TRUE(put("bytes"));
    EXPECT_THAT(disk_.calls, ElementsAre("create", "sync", "rename", "syncNames", "remove",
                                         "create", "rename", "remove"));
}

TEST_F(FileVaultTest, AFileWhoseNameCannotBeSyncedIsNotKept) {
    openVault(1000, FileSync::OnKeep);
    disk_.failing = "syncNames";
    EXPECT_FALSE(put("bytes"));
    EXPECT_FALSE(has("bytes"));
    EXPECT_THAT(disk_.names(), IsEmpty());
    disk_.failing = "";
    EXPECT_TRUE(put("bytes"));
}

// ---- damaged files

TEST_F(FileVaultTest, AFileOfAnotherLengthIsNotSentAndTheNextOfferReplacesIt) {
    for (const std::string damaged : {"", "012345678", "0123456789!"}) {
        told_.clear();
        ASSERT_TRUE(put("0123456789"));
        disk_.damage(sha256Of("0123456789"), damaged);
        EXPECT_FALSE(has("0123456789")) << damaged;
        EXPECT_THAT(told_,
                    ElementsAre(HasSubstr("is damaged: it has " + std::to_string(damaged.size()) +
                                          " bytes instead of 10")));
        EXPECT_EQ(vault_->bytes(), damaged.size()) << "it is moved aside";
        EXPECT_EQ(*begin("0123456789"), 0u);
        ASSERT_TRUE(rest("0123456789", 0));
        EXPECT_EQ(disk_.content(sha256Of("0123456789")), "0123456789");
        EXPECT_TRUE(has("0123456789"));
        ASSERT_TRUE(files().remove(sha256Of("0123456789")));
    }
}

TEST_F(FileVaultTest, ADeletedFileLeavesTheCount) {
    ASSERT_TRUE(put("0123456789"));
    disk_.remove(sha256Of("0123456789"));
    EXPECT_FALSE(has("0123456789"));
    EXPECT_THAT(told_, ElementsAre(HasSubstr("it is missing")));
    EXPECT_EQ(vault_->bytes(), 0u);
    EXPECT_EQ(*begin("0123456789"), 0u);
}

TEST_F(FileVaultTest, ASmallFileThatWasChangedIsReadWhenItIsOpened) {
    ASSERT_TRUE(put("0123456789"));
    disk_.damage(sha256Of("0123456789"), "01234x6789");
    EXPECT_FALSE(has("0123456789"));
    EXPECT_THAT(told_, ElementsAre(HasSubstr("its SHA-256 does not match")));
    EXPECT_EQ(disk_.content(sha256Of("0123456789") + ".damaged"), "01234x6789");
    EXPECT_EQ(*begin("0123456789"), 0u);
}

TEST_F(FileVaultTest, AFileThatIsOpenAlreadyIsLookedAtAgainForTheNext) {
    ASSERT_TRUE(put("0123456789"));
    const auto sent = files().open(sha256Of("0123456789"));
    EXPECT_TRUE(sent->holds(10));
    disk_.damage(sha256Of("0123456789"), "0123");
    EXPECT_FALSE(sent->holds(10)) << "whoever sends it sees that it is shorter";
    EXPECT_TRUE(sent->holds(4));
    EXPECT_FALSE(has("0123456789"));
    EXPECT_FALSE(sent->holds(4)) << "and it is sent no further";
}

TEST_F(FileVaultTest, ALargeFileThatWasChangedIsReadInTheBackground) {
    const std::string bytes(100, 'x');
    ASSERT_TRUE(put(bytes));
    disk_.damage(sha256Of(bytes), std::string(99, 'x') + "y");
    const auto sent = files().open(sha256Of(bytes));
    ASSERT_NE(sent, nullptr) << "its length is right";
    EXPECT_TRUE(sent->holds(100));
    EXPECT_TRUE(files().doubtful());
    checkDoubts();
    EXPECT_FALSE(sent->holds(100));
    EXPECT_FALSE(has(bytes));
}

TEST_F(FileVaultTest, WhatWasChangedIsReadBeforeAnUploadIsSpared) {
    const std::string bytes(100, 'x');
    ASSERT_TRUE(put(bytes));
    disk_.damage(sha256Of(bytes), std::string(99, 'x') + "y");
    EXPECT_EQ(*begin(bytes), 0u);
    ASSERT_TRUE(rest(bytes, 0));
    EXPECT_EQ(disk_.content(sha256Of(bytes)), bytes);
    EXPECT_TRUE(has(bytes));
    disk_.damage(sha256Of(bytes), bytes);
    EXPECT_EQ(*begin(bytes), 100u) << "touched, and whole";
}

TEST_F(FileVaultTest, WhatIsUploadedBesideADamagedFileReplacesIt) {
    const std::string bytes(100, 'x');
    ASSERT_TRUE(put(bytes));
    disk_.damage(sha256Of(bytes), "x");
    ASSERT_EQ(*begin(bytes), 0u);
    const auto first = id_;
    ASSERT_EQ(*begin(bytes), 0u);
    ASSERT_TRUE(rest(bytes, 0));
    disk_.damage(sha256Of(bytes), std::string(99, 'x') + "y");
    ASSERT_TRUE(vault_->write(first, bytes));
    ASSERT_TRUE(vault_->finish(first, sha256Of(bytes)));
    EXPECT_EQ(disk_.content(sha256Of(bytes)), bytes);
    EXPECT_TRUE(has(bytes));
}

TEST_F(FileVaultTest, ABitThatFlippedByItselfIsFoundWhenAReceiverReportsIt) {
    const std::string bytes(100, 'x');
    ASSERT_TRUE(put(bytes));
    disk_.damage(sha256Of(bytes), std::string(99, 'x') + "y", true);
    EXPECT_TRUE(has(bytes)) << "nothing shows it";
    EXPECT_EQ(check(bytes, nowMs_ - KeptFiles::kReadAgainMs), KeptFiles::Check::Gone);
    EXPECT_FALSE(has(bytes));
    EXPECT_EQ(*begin(bytes), 0u);
}

TEST_F(FileVaultTest, AFileThatWasReadJustNowIsNotReadAgain) {
    const std::string bytes(100, 'x');
    ASSERT_TRUE(put(bytes));
    EXPECT_EQ(check(bytes, nowMs_ - KeptFiles::kReadAgainMs), KeptFiles::Check::Whole);
    disk_.damage(sha256Of(bytes), std::string(99, 'x') + "y", true);
    nowMs_ += KeptFiles::kReadAgainMs - 1;
    EXPECT_EQ(check(bytes, nowMs_ - KeptFiles::kReadAgainMs), KeptFiles::Check::Whole);
    nowMs_ += 2;
    EXPECT_EQ(check(bytes, nowMs_ - KeptFiles::kReadAgainMs), KeptFiles::Check::Gone);
    EXPECT_EQ(check("nobody has this"), KeptFiles::Check::Gone);
}

TEST_F(FileVaultTest, AReadingThatNobodyAsksOnForComesToItsEnd) {
    const std::string bytes(2 * limits::kHashSliceBytes, 'x');
    ASSERT_TRUE(put(bytes));
    disk_.damage(sha256Of(bytes), bytes + "");
    ASSERT_EQ(files().checkOn(sha256Of(bytes), {}, nowMs_), KeptFiles::Check::Going);
    checkDoubts();
    EXPECT_TRUE(files().isVerified(sha256Of(bytes)));
}

// ---- over a restart

TEST_F(FileVaultTest, OverARestartTheRecordKnowsHowLongAFileWas) {
    const std::string bytes(100, 'x');
    openVault(1000, FileSync::Behind);
    ASSERT_TRUE(put(bytes));
    ASSERT_TRUE(put("another"));
    ASSERT_TRUE(put("gone"));
    EXPECT_TRUE(files().unsynced());
    files().syncBehind();
    EXPECT_FALSE(files().unsynced());
    vault_.reset();
    disk_.damage(sha256Of(bytes), "x");
    disk_.remove(sha256Of("gone"));
    openVault(1000, FileSync::Behind);
    EXPECT_THAT(told_, UnorderedElementsAre(HasSubstr("it has 1 bytes instead of 100"),
                                            HasSubstr(sha256Of("gone") + " is missing")));
    EXPECT_FALSE(files().doubtful()) << "the others were synced";
    EXPECT_FALSE(has(bytes));
    EXPECT_TRUE(has("another"));
    EXPECT_EQ(*begin(bytes), 0u);
    told_.clear();
    openVault(1000, FileSync::Behind);
    EXPECT_THAT(told_, IsEmpty()) << "it is told once";
}

TEST_F(FileVaultTest, WhatWasNotSyncedIsReadAfterTheNextStart) {
    const std::string bytes(100, 'x'), zeros(100, '\0');
    openVault(1000, FileSync::Behind);
    ASSERT_TRUE(put(bytes));
    ASSERT_TRUE(put("whole, and longer than what is read at once"));
    vault_.reset();
    disk_.damage(sha256Of(bytes), zeros);
    openVault(1000, FileSync::Behind);
    EXPECT_TRUE(files().doubtful());
    EXPECT_FALSE(files().open(sha256Of(bytes))->certain());
    checkDoubts();
    EXPECT_FALSE(has(bytes));
    EXPECT_TRUE(files().open(sha256Of("whole, and longer than what is read at once"))->certain());
    files().syncBehind();
    openVault(1000, FileSync::Behind);
    EXPECT_FALSE(files().doubtful());
}

TEST_F(FileVaultTest, ADroppedFileIsNotMissed) {
    openVault(10, FileSync::Behind);
    ASSERT_TRUE(put("aaaaaaaa"));
    files().syncBehind();
    ASSERT_TRUE(put("bbbbbbbb"));
    files().syncBehind();
    openVault(10, FileSync::Behind);
    EXPECT_THAT(told_, IsEmpty());
    EXPECT_FALSE(has("aaaaaaaa"));
    EXPECT_TRUE(has("bbbbbbbb"));
}

TEST_F(FileVaultTest, ARecordThatAPowerCutHasSpoiltCostsAReading) {
    const std::string bytes(100, 'x');
    openVault(1000, FileSync::Behind);
    ASSERT_TRUE(put(bytes));
    files().syncBehind();
    vault_.reset();
    const std::string record = disk_.content("sizes");
    for (const std::string& spoilt :
         {std::string(), record.substr(0, record.size() - 2), std::string(record.size(), '\0'),
          std::string("rubbish\n") + std::string(64, 'z') + " 5\n" + std::string(200, 'a')}) {
        disk_.damage("sizes", spoilt);
        openVault(1000, FileSync::Behind);
        EXPECT_TRUE(files().doubtful());
        checkDoubts();
        EXPECT_TRUE(has(bytes));
        files().syncBehind();
        openVault(1000, FileSync::Behind);
        EXPECT_FALSE(files().doubtful());
        EXPECT_THAT(told_, IsEmpty());
    }
}

TEST_F(FileVaultTest, ASyncThatFailsIsToldOnceAndTriedAgain) {
    openVault(1000, FileSync::Behind);
    ASSERT_TRUE(put("bytes"));
    disk_.failing = "sync";
    files().syncBehind();
    files().syncBehind();
    EXPECT_THAT(told_, ElementsAre(HasSubstr("a power cut may lose them")));
    EXPECT_TRUE(files().unsynced());
    disk_.failing = "";
    files().syncBehind();
    EXPECT_FALSE(files().unsynced());
}

TEST_F(FileVaultTest, DamagedFilesGoFirstWhenRoomIsNeeded) {
    openVault(20);
    ASSERT_TRUE(put("0123456789"));
    disk_.damage(sha256Of("0123456789"), "01234567");
    EXPECT_FALSE(has("0123456789"));
    ASSERT_TRUE(put("aaaaaaaaaaaa"));
    EXPECT_EQ(vault_->bytes(), 20u);
    ASSERT_TRUE(put("b"));
    EXPECT_EQ(vault_->bytes(), 13u);
    EXPECT_TRUE(has("aaaaaaaaaaaa"));
}

// ---- two of the same content

TEST_F(FileVaultTest, OfTwoUploadsOfTheSameContentTheLongerOutlivesAKill) {
    ASSERT_TRUE(begin("0123456789"));
    ASSERT_TRUE(vault_->write(id_, "01"));
    ASSERT_TRUE(begin("0123456789"));
    ASSERT_TRUE(vault_->write(id_, "01234"));
    MemoryDisk after = disk_;  // as the kill leaves it
    FileVault next(after, {1000}, nowMs_);
    EXPECT_EQ(next.bytes(), 5u);
    EXPECT_EQ(*next.begin(1, 10, sha256Of("0123456789"), 0, nowMs_), 5u);
    EXPECT_EQ(*next.hashOn(1, nowMs_), 5u);
    ASSERT_TRUE(next.write(1, "56789"));
    EXPECT_TRUE(next.finish(1, sha256Of("0123456789")));
    EXPECT_THAT(after.names(), ElementsAre(sha256Of("0123456789")));
}

TEST_F(FileVaultTest, TheSecondOfTwoUploadsIsSuspendedWhileTheFirstGoesOn) {
    ASSERT_TRUE(begin("0123456789"));
    const auto first = id_;
    ASSERT_TRUE(begin("0123456789"));
    ASSERT_TRUE(vault_->write(id_, "01234"));
    vault_->suspend(id_, nowMs_);
    ASSERT_TRUE(vault_->write(first, "01"));
    EXPECT_EQ(*begin("0123456789"), 5u);
    vault_->suspend(first, nowMs_);
    EXPECT_TRUE(rest("0123456789", 5));
    EXPECT_THAT(disk_.names(), ElementsAre(sha256Of("0123456789")));
}

// ---- what is only announced

TEST_F(FileVaultTest, WhatIsAnnouncedDrivesNothingOut) {
    openVault(100);
    ASSERT_TRUE(put(std::string(90, 'k')));
    EXPECT_TRUE(begin(std::string(50, 'a')));
    const auto large = id_;
    EXPECT_TRUE(has(std::string(90, 'k')));
    EXPECT_EQ(vault_->bytes(), 90u);
    ASSERT_TRUE(vault_->write(large, std::string(10, 'a')));
    EXPECT_TRUE(has(std::string(90, 'k')));
    ASSERT_TRUE(vault_->write(large, "a"));
    EXPECT_FALSE(has(std::string(90, 'k'))) << "bytes that have come do";
    EXPECT_EQ(vault_->bytes(), 11u);
}

TEST_F(FileVaultTest, OneOwnerMayAnnounceAQuarterAndAllTogetherHalf) {
    openVault(1'000 * limits::kKiB);
    const auto announce = [this](uint64_t kib, FileVault::Owner owner) {
        const auto at = vault_->begin(++id_, kib * limits::kKiB, {}, owner, nowMs_);
        return at ? "taken" : std::string(errorName(at.error().code)) + ": " + at.error().text;
    };
    EXPECT_EQ(announce(200, 1), "taken");
    EXPECT_THAT(announce(51, 1), HasSubstr(" from your address are in progress"));
    EXPECT_EQ(announce(50, 1), "taken");
    const auto own = id_;
    EXPECT_EQ(announce(250, 2), "taken");
    EXPECT_THAT(announce(2, 0), HasSubstr("no-room: uploads of 500.0 KiB to this server"));
    EXPECT_TRUE(begin("5", 1)) << "small ones have bounds of their own";
    EXPECT_EQ(announce(100, 3), "taken") << "a newcomer is not shut out by two others";
    EXPECT_THAT(announce(2, 3), HasSubstr("no-room: uploads of 600.0 KiB to this server"));
    EXPECT_EQ(announce(250, 4), "taken");
    EXPECT_THAT(announce(200, 5), HasSubstr("no-room")) << "all together no more than the store";
    vault_->suspend(own, nowMs_);
    EXPECT_EQ(announce(200, 5), "taken") << "an end gives it back";
}

TEST_F(FileVaultTest, OneThatIsLargerThanAnOwnerMayAnnounceDoesNotKeepOthersOut) {
    openVault(1'000 * limits::kKiB);
    const auto announce = [this](uint64_t kib, FileVault::Owner owner) {
        return static_cast<bool>(vault_->begin(++id_, kib * limits::kKiB, {}, owner, nowMs_));
    };
    EXPECT_TRUE(announce(900, 1)) << "it counts as a quarter";
    EXPECT_FALSE(announce(2, 1));
    EXPECT_TRUE(announce(250, 2));
    vault_->suspend(id_ - 2, nowMs_);
    EXPECT_TRUE(announce(250, 1)) << "and as a quarter it is given back";
}

TEST_F(FileVaultTest, AFileAloneMayBeAsLargeAsTheStore) {
    openVault(1000);
    EXPECT_FALSE(begin(std::string(1001, 'a'), 1));
    EXPECT_TRUE(put(std::string(1000, 'a')));
}

TEST_F(FileVaultTest, WhatOutgrowsWhatCanBeDroppedEnds) {
    openVault(2048);
    const std::string whole(2048, 'w');
    ASSERT_TRUE(begin(whole, 1));
    const auto first = id_;
    ASSERT_TRUE(vault_->write(first, whole.substr(0, 2047)));
    ASSERT_TRUE(begin("bb", 2)) << "it is small";
    const auto refused = vault_->write(id_, "bb");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    ASSERT_TRUE(vault_->write(first, "w"));
    EXPECT_TRUE(vault_->finish(first, sha256Of(whole)));
}

TEST_F(FileVaultTest, APartThatIsNotWhatItsNameSaysIsRemoved) {
    vault_.reset();
    disk_.put("incoming/7.tmp", "x");
    disk_.put("incoming/7", "x");
    disk_.put(partialName("ab"), "abc");
    disk_.put("incoming/" + sha256Of("ab") + "-2x.part", "a");
    disk_.put("incoming/" + sha256Of("cd") + "-2.part", "");
    openVault(1000);
    EXPECT_THAT(disk_.names(), IsEmpty());
    EXPECT_EQ(vault_->bytes(), 0u);
}

}  // namespace
}  // namespace netchat::store
