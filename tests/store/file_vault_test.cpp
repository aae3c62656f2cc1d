// The file store's logic on a disk in memory, which fills and fails as a test wants it to.

#include "modes/store/file_vault.h"

#include <Poco/Crypto/DigestEngine.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "protocol/limits.h"
#include "tests/store/memory_disk.h"

namespace netchat::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::string sha256Of(std::string_view bytes) {
    Poco::Crypto::DigestEngine engine("SHA256");
    engine.update(bytes.data(), bytes.size());
    return Poco::DigestEngine::digestToHex(engine.digest());
}

class FileVaultTest : public ::testing::Test {
  protected:
    void openVault(FileVault::Options options) {
        vault_.reset();
        vault_.emplace(disk_, options, nowMs_);
    }
    void SetUp() override { openVault({1'000'000'000, FileSync::No}); }

    // The place where it goes on, once what is there is hashed.
    Result<uint64_t> begin(const std::string& bytes) {
        auto at = vault_->begin(++id_, bytes.size(), sha256Of(bytes), nowMs_);
        while (at && vault_->hashing(id_)) at = vault_->hashOn(id_);
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
    bool has(const std::string& bytes) { return vault_->open(sha256Of(bytes)) != nullptr; }
    std::string partialName(const std::string& bytes) {
        return "incoming/" + sha256Of(bytes) + "-" + std::to_string(bytes.size()) + ".part";
    }

    MemoryDisk disk_;
    int64_t nowMs_ = 1'700'000'000'000;
    FileVault::UploadId id_ = 0;
    std::optional<FileVault> vault_;
};

TEST_F(FileVaultTest, TellsWhatHashingAndWritingEachKeptFileCost) {
    int64_t nowNs = 0;
    std::vector<std::string> kept;
    openVault({1000, FileSync::No, [&nowNs] { return nowNs += 10; },
               [&kept](const std::string& sha256, const FileCost& cost) {
                   kept.push_back(sha256 + " " + std::to_string(cost.bytes) + " " +
                                  std::to_string(cost.hashNs) + " " + std::to_string(cost.writeNs));
               }});
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

TEST_F(FileVaultTest, AndAfterACrashOfTheProcess) {
    ASSERT_TRUE(begin("0123456789"));
    ASSERT_TRUE(vault_->write(id_, "0123"));
    MemoryDisk after = disk_;  // as the kill leaves it
    FileVault next(after, {1000, FileSync::No}, nowMs_);
    EXPECT_EQ(*next.begin(1, 10, sha256Of("0123456789"), nowMs_), 4u);
    EXPECT_TRUE(next.hashing(1));
    EXPECT_EQ(*next.hashOn(1), 4u);
    EXPECT_FALSE(next.hashing(1));
    ASSERT_TRUE(next.write(1, "456789"));
    EXPECT_TRUE(next.finish(1, sha256Of("0123456789")));
}

TEST_F(FileVaultTest, WhatIsHashedAgainIsHashedInSlices) {
    const std::string bytes(2 * limits::kHashSliceBytes + 1, 'x');
    cut(bytes + "y", bytes.size());
    openVault({1'000'000'000, FileSync::No});
    ASSERT_TRUE(vault_->begin(++id_, bytes.size() + 1, sha256Of(bytes + "y"), nowMs_));
    int slices = 0;
    for (; vault_->hashing(id_); ++slices) ASSERT_TRUE(vault_->hashOn(id_));
    EXPECT_EQ(slices, 3);
    EXPECT_TRUE(rest(bytes + "y", bytes.size()));
}

TEST_F(FileVaultTest, AnUploadCutWhileItIsHashedIsHashedFromTheStart) {
    const std::string bytes(2 * limits::kHashSliceBytes, 'x');
    cut(bytes + "y", bytes.size());
    openVault({1'000'000'000, FileSync::No});
    ASSERT_TRUE(vault_->begin(++id_, bytes.size() + 1, sha256Of(bytes + "y"), nowMs_));
    ASSERT_TRUE(vault_->hashOn(id_));
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
    openVault({15, FileSync::No});
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
    ASSERT_TRUE(vault_->begin(++id_, 10, {}, nowMs_));
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
    openVault({10, FileSync::No});
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
    openVault({10, FileSync::No});
    cut("0123456789", 9);
    EXPECT_EQ(*begin("0123456789"), 9u);
    EXPECT_TRUE(rest("0123456789", 9));
    EXPECT_EQ(vault_->bytes(), 10u);
}

TEST_F(FileVaultTest, WhatDoesNotFitNowMayGoOnLater) {
    openVault({10, FileSync::No});
    cut("01234", 3);
    ASSERT_TRUE(vault_->begin(++id_, 6, {}, nowMs_));
    const auto other = id_;
    const auto refused = begin("01234");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::NoRoom);
    vault_->abort(other);
    EXPECT_EQ(*begin("01234"), 3u);
}

TEST_F(FileVaultTest, FilesBeingSentAreTheLastToGo) {
    openVault({10, FileSync::No});
    ASSERT_TRUE(put("aaaa"));
    ASSERT_TRUE(put("bbbb"));
    const auto sent = vault_->open(sha256Of("aaaa"));
    EXPECT_TRUE(has("bbbb"));  // used later
    vault_->open(sha256Of("aaaa"));
    EXPECT_TRUE(has("bbbb"));
    ASSERT_TRUE(put("cccc"));
    EXPECT_TRUE(has("aaaa"));
    EXPECT_FALSE(has("bbbb"));
    ASSERT_TRUE(put("0123456789"));
    EXPECT_FALSE(has("aaaa"));
    std::string bytes(4, '\0');
    EXPECT_TRUE(sent->read(0, bytes)) << "who has it open goes on";
}

TEST_F(FileVaultTest, AFileThatIsNotNeededGoesFirst) {
    openVault({10, FileSync::No});
    ASSERT_TRUE(put("aaaa"));
    ASSERT_TRUE(put("bbbb"));
    vault_->unneeded(sha256Of("bbbb"));
    ASSERT_TRUE(put("cccc"));
    EXPECT_TRUE(has("aaaa"));
    EXPECT_FALSE(has("bbbb"));
}

TEST_F(FileVaultTest, AFileThatIsRemovedIsGoneButForWhomItIsBeingSentTo) {
    ASSERT_TRUE(put("0123456789"));
    const auto sent = vault_->open(sha256Of("0123456789"));
    EXPECT_TRUE(vault_->remove(sha256Of("0123456789")));
    EXPECT_FALSE(vault_->remove(sha256Of("0123456789")));
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
    EXPECT_EQ(vault_->bytes(), 10u);
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
    openVault({1000, FileSync::OnKeep});
    disk_.calls.clear();
    ASSERT_TRUE(put("bytes"));
    EXPECT_THAT(disk_.calls, ElementsAre("create", "sync", "rename", "syncNames", "remove"));
}

TEST_F(FileVaultTest, AFileWhoseNameCannotBeSyncedIsNotKept) {
    openVault({1000, FileSync::OnKeep});
    disk_.failing = "syncNames";
    EXPECT_FALSE(put("bytes"));
    EXPECT_FALSE(has("bytes"));
    EXPECT_THAT(disk_.names(), IsEmpty());
    disk_.failing = "";
    EXPECT_TRUE(put("bytes"));
}

TEST_F(FileVaultTest, APartThatIsNotWhatItsNameSaysIsRemoved) {
    vault_.reset();
    disk_.put("incoming/7.tmp", "x");
    disk_.put("incoming/7", "x");
    disk_.put(partialName("ab"), "abc");
    disk_.put("incoming/" + sha256Of("ab") + "-2x.part", "a");
    disk_.put("incoming/" + sha256Of("cd") + "-2.part", "");
    openVault({1000, FileSync::No});
    EXPECT_THAT(disk_.names(), IsEmpty());
    EXPECT_EQ(vault_->bytes(), 0u);
}

}  // namespace
}  // namespace netchat::store
