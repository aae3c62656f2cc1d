#include "modes/store/disk_file_store.h"

#include <Poco/Crypto/DigestEngine.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <future>
#include <mutex>

#include "protocol/limits.h"
#include "protocol/names.h"
#include "tests/store/sha256_of.h"
#include "tests/support/disk_tick.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

using ::testing::ElementsAre;

constexpr uint64_t kEndless = UINT64_MAX / 2;

class DiskFileStoreTest : public ::testing::Test {
  protected:
    void openStore(uint64_t bytesMax = kEndless) {
        store_.reset();
        FileVault::Options options;
        options.bytesMax = bytesMax;
        options.files.sync = sync_;
        options.files.tell = [this](const std::string& text) {
            const std::lock_guard lock(mutex_);
            told_.push_back(text);
        };
        auto opened = DiskFileStore::open(folder_.path() / "files", std::move(options));
        ASSERT_TRUE(opened) << opened.error().text;
        store_ = std::move(*opened);
    }
    void SetUp() override { openStore(); }

    Status begin(uint64_t size) {
        std::promise<Status> done;
        id_ = store_->begin(size, {}, 0, [&](const Result<uint64_t>& at) {
            done.set_value(at ? Status(Ok{}) : Status(at.error()));
        });
        return done.get_future().get();
    }
    // Where an upload of these bytes is to go on.
    Result<uint64_t> beginKnown(std::string_view bytes) {
        std::promise<Result<uint64_t>> done;
        id_ = store_->begin(bytes.size(), sha256Of(bytes), 0, [&](auto at) { done.set_value(at); });
        return done.get_future().get();
    }
    Result<size_t> write(std::string bytes) {
        std::promise<Result<size_t>> done;
        store_->write(id_, std::move(bytes), [&](auto result) { done.set_value(result); });
        return done.get_future().get();
    }
    Result<std::string> finish(std::string_view sha256 = {}) {
        std::promise<Result<std::string>> done;
        store_->finish(id_, sha256, [&](auto result) { done.set_value(result); });
        return done.get_future().get();
    }
    Result<std::string> put(const std::string& bytes) {
        const auto begun = begin(bytes.size());
        if (!begun) return begun.error();
        const auto written = write(bytes);
        if (!written) return written.error();
        return finish(sha256Of(bytes));
    }
    std::string get(std::string_view sha256) {
        const auto file = store_->open(sha256);
        if (!file) return "(none)";
        std::string bytes(file->size(), '\0');
        return file->read(0, bytes) ? bytes : "(unreadable)";
    }
    bool has(std::string_view bytes) { return store_->open(sha256Of(bytes)) != nullptr; }
    size_t incoming() const {
        return static_cast<size_t>(std::distance(
            std::filesystem::directory_iterator(folder_.path() / "files" / "incoming"), {}));
    }
    // The complete files and the folder of the others.
    size_t entries() const {
        return static_cast<size_t>(
            std::distance(std::filesystem::directory_iterator(folder_.path() / "files"), {}));
    }

    test::TempFolder folder_;
    FileSync sync_ = FileSync::No;
    std::mutex mutex_;
    std::vector<std::string> told_;  // under mutex_
    std::unique_ptr<DiskFileStore> store_;
    FileStore::UploadId id_ = 0;
};

TEST_F(DiskFileStoreTest, KeepsAFileUnderItsHash) {
    ASSERT_TRUE(begin(11));
    ASSERT_EQ(*write("hello "), 6u);
    ASSERT_EQ(*write("world"), 5u);
    const auto sha = finish(sha256Of("hello world"));
    ASSERT_TRUE(sha);
    EXPECT_EQ(*sha, sha256Of("hello world"));
    EXPECT_EQ(get(*sha), "hello world");
    EXPECT_EQ(incoming(), 0u);
    struct stat info {};
    ASSERT_EQ(::stat((folder_.path() / "files" / *sha).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(DiskFileStoreTest, TellsTheHashWhenNobodyKnewIt) {
    ASSERT_TRUE(begin(2));
    ASSERT_TRUE(write("hi"));
    EXPECT_EQ(*finish(), sha256Of("hi"));
}

TEST_F(DiskFileStoreTest, AnEmptyFileIsAFile) {
    const auto sha = put("");
    ASSERT_TRUE(sha);
    EXPECT_EQ(get(*sha), "");
    EXPECT_EQ(store_->open(*sha)->size(), 0u);
}

TEST_F(DiskFileStoreTest, KeepsNothingOfAWrongHash) {
    ASSERT_TRUE(begin(2));
    ASSERT_TRUE(write("hi"));
    const auto sha = finish(std::string(64, '0'));
    ASSERT_FALSE(sha);
    EXPECT_EQ(sha.error().code, ErrorCode::BadHash);
    EXPECT_FALSE(has("hi"));
    EXPECT_EQ(incoming(), 0u);
    EXPECT_EQ(entries(), 1u);
}

TEST_F(DiskFileStoreTest, ForgetsWhatIsAborted) {
    ASSERT_TRUE(begin(2));
    ASSERT_TRUE(write("hi"));
    store_->abort(id_);
    EXPECT_FALSE(write("more"));
    EXPECT_FALSE(finish());
    EXPECT_EQ(incoming(), 0u);
    EXPECT_EQ(entries(), 1u);
}

TEST_F(DiskFileStoreTest, KeepsTheSameContentOnce) {
    openStore(10);
    ASSERT_TRUE(put("12345"));
    ASSERT_TRUE(put("12345"));
    ASSERT_TRUE(put("abcde"));  // there is room for it: the first counts once
    EXPECT_TRUE(has("12345"));
    EXPECT_EQ(entries(), 3u);
}

TEST_F(DiskFileStoreTest, DropsTheLongestUnusedForTheQuota) {
    openStore(10);
    ASSERT_TRUE(put("aaaa"));
    ASSERT_TRUE(put("bbbb"));
    EXPECT_TRUE(has("aaaa"));  // which uses it
    ASSERT_TRUE(put("cccc"));
    EXPECT_TRUE(has("aaaa"));
    EXPECT_FALSE(has("bbbb"));
    EXPECT_TRUE(has("cccc"));
    EXPECT_EQ(entries(), 3u);
}

TEST_F(DiskFileStoreTest, DropsNothingForWhatCannotFit) {
    openStore(10);
    ASSERT_TRUE(put("aaaa"));
    const auto begun = begin(11);
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, ErrorCode::NoRoom);
    EXPECT_FALSE(begin(UINT64_MAX));
    EXPECT_TRUE(has("aaaa"));
}

TEST_F(DiskFileStoreTest, CountsUploadsUnderWay) {
    openStore(10);
    ASSERT_TRUE(put("aaaa"));
    ASSERT_TRUE(begin(6));
    const auto first = id_;
    ASSERT_TRUE(begin(6));
    const auto second = id_;
    EXPECT_FALSE(begin(5));
    EXPECT_TRUE(has("aaaa"));
    store_->abort(second);
    store_->abort(first);
    ASSERT_TRUE(put("bbbbbb"));
    EXPECT_TRUE(has("aaaa"));
}

TEST_F(DiskFileStoreTest, AnOpenFileStaysReadableWhenItIsDropped) {
    openStore(4);
    const auto sha = put("aaaa");
    const auto file = store_->open(*sha);
    ASSERT_TRUE(put("bbbb"));
    EXPECT_FALSE(has("aaaa"));
    std::string bytes(4, '\0');
    EXPECT_TRUE(file->read(0, bytes));
    EXPECT_EQ(bytes, "aaaa");
    EXPECT_FALSE(file->read(1, bytes)) << "there are only three bytes left";
}

TEST_F(DiskFileStoreTest, ARestartKeepsCompleteFilesAndClearsTheOthers) {
    const auto sha = put("kept");
    ASSERT_TRUE(begin(100));
    ASSERT_TRUE(write("half a"));
    openStore();
    EXPECT_EQ(get(*sha), "kept");
    EXPECT_EQ(incoming(), 0u);
}

TEST_F(DiskFileStoreTest, ACutUploadGoesOnWhereItWasInTheSameRunAndTheNext) {
    const std::string bytes = std::string(3'000'000, 'a') + "end";
    EXPECT_EQ(*beginKnown(bytes), 0u);
    ASSERT_TRUE(write(bytes.substr(0, 1'500'000)));
    store_->suspend(id_);
    EXPECT_EQ(*beginKnown(bytes), 1'500'000u);
    ASSERT_TRUE(write(bytes.substr(1'500'000, 1'000'000)));
    openStore();  // which ends the other
    EXPECT_EQ(*beginKnown(bytes), 2'500'000u);
    ASSERT_TRUE(write(bytes.substr(2'500'000)));
    ASSERT_TRUE(finish(sha256Of(bytes)));
    EXPECT_TRUE(get(sha256Of(bytes)) == bytes);
    EXPECT_EQ(incoming(), 0u);
}

TEST_F(DiskFileStoreTest, WhatIsHashedAgainLetsOthersWriteInBetween) {
    const std::string large(20 * limits::kHashSliceBytes, 'l');
    ASSERT_TRUE(beginKnown(large + "!"));
    ASSERT_TRUE(write(large));
    openStore();
    std::promise<void> begun;
    std::vector<std::string> order;  // the store's thread only, until it has answered the last
    store_->begin(large.size() + 1, sha256Of(large + "!"), 0, [&](auto at) {
        order.push_back(*at == large.size() ? "large" : "?");
        begun.set_value();
    });
    const auto id = store_->begin(1, {}, 0, [](auto) {});
    store_->write(id, "x", [&](auto) { order.push_back("small"); });
    begun.get_future().get();
    EXPECT_THAT(order, ElementsAre("small", "large"));
}

TEST_F(DiskFileStoreTest, RemovesAFileAndWhatACutUploadOfItLeft) {
    const auto sha = put("a file");
    ASSERT_TRUE(beginKnown("cut in the middle"));
    ASSERT_TRUE(write("cut"));
    store_->suspend(id_);
    EXPECT_TRUE(store_->remove(*sha));
    EXPECT_EQ(store_->open(*sha), nullptr);
    EXPECT_FALSE(store_->remove(*sha));
    EXPECT_FALSE(store_->remove(sha256Of("cut in the middle"))) << "it was never complete";
    EXPECT_EQ(*beginKnown("cut in the middle"), 0u);
    store_->abort(id_);
    openStore();
    EXPECT_EQ(entries(), 1u);
    EXPECT_EQ(incoming(), 0u);
}

TEST_F(DiskFileStoreTest, ADamagedFileIsFoundWhenItIsVerified) {
    const std::string bytes(3 * limits::kHashSliceBytes, 'x');
    const auto sha = put(bytes);
    const auto verify = [&](const std::string& sha256) {
        std::promise<bool> done;
        store_->verify(sha256, [&](bool whole) { done.set_value(whole); });
        return done.get_future().get();
    };
    EXPECT_TRUE(verify(*sha));
    EXPECT_FALSE(verify(std::string(64, 'a')));
    const auto path = folder_.path() / "files" / *sha;
    test::waitForDiskTick(folder_.path());
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(1'000'000).put('y');
    EXPECT_FALSE(verify(*sha));
    EXPECT_EQ(store_->open(*sha), nullptr);
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_TRUE(std::filesystem::exists(path.string() + ".damaged"));
    EXPECT_EQ(*beginKnown(bytes), 0u);
}

TEST_F(DiskFileStoreTest, EveryDamageIsSeenWhileItRunsAndOverARestart) {
    sync_ = FileSync::Behind;
    const std::string bytes(2 * limits::kHashSliceBytes, 'x');
    const auto path = folder_.path() / "files" / sha256Of(bytes);
    const std::vector<std::function<void()>> damages{
        [&] { std::filesystem::resize_file(path, 1000); },
        [&] { std::filesystem::resize_file(path, 0); },
        [&] { std::ofstream(path, std::ios::app) << "more"; },
        [&] { std::filesystem::remove(path); },
        [&] { std::fstream(path, std::ios::in | std::ios::out).seekp(5).put('y'); },
    };
    for (const bool restart : {false, true}) {
        for (size_t i = 0; i < damages.size(); ++i) {
            openStore();
            ASSERT_EQ(*beginKnown(bytes), 0u) << i;
            ASSERT_TRUE(write(bytes));
            ASSERT_TRUE(finish(sha256Of(bytes)));
            if (restart) store_.reset();
            test::waitForDiskTick(folder_.path());
            damages[i]();
            if (restart) openStore();
            EXPECT_EQ(*beginKnown(bytes), 0u) << i << restart;
            store_->abort(id_);
            EXPECT_EQ(store_->open(sha256Of(bytes)), nullptr) << i << restart;
            const std::lock_guard lock(mutex_);
            EXPECT_EQ(std::exchange(told_, {}).size(), 1u) << i << restart;
        }
    }
}

TEST_F(DiskFileStoreTest, AfterACleanEndNothingIsReadAgainAndAfterAKillWhatWasNotSynced) {
    sync_ = FileSync::Behind;
    openStore();
    ASSERT_TRUE(put(std::string(2 * limits::kHashSliceBytes, 'x')));
    store_.reset();
    EXPECT_EQ(folder_.read("files/sizes"),
              sha256Of(std::string(2 * limits::kHashSliceBytes, 'x')) + " 2097152\n");
}

TEST_F(DiskFileStoreTest, FoldersThatSomebodyRemovedAreMadeAgain) {
    const auto kept = put("kept");
    std::filesystem::remove_all(folder_.path() / "files");
    EXPECT_EQ(store_->open(*kept), nullptr);
    ASSERT_TRUE(put("new"));
    EXPECT_TRUE(has("new"));
    EXPECT_EQ(folder_.read("files/" + sha256Of("new")), "new");
    std::filesystem::remove_all(folder_.path() / "files" / "incoming");
    ASSERT_TRUE(put("newer"));
    EXPECT_TRUE(has("newer"));
    // In a place like /tmp somebody else may make one of this name.
    std::filesystem::remove_all(folder_.path() / "files");
    std::filesystem::create_directory_symlink(folder_.path(), folder_.path() / "files");
    EXPECT_FALSE(put("newest"));
}

TEST_F(DiskFileStoreTest, NoLinkIsFollowed) {
    store_.reset();
    folder_.write("outside", "mine");
    const std::string sha = sha256Of("mine");
    std::filesystem::create_symlink(folder_.path() / "outside", folder_.path() / "files" / sha);
    openStore();
    EXPECT_EQ(store_->open(sha), nullptr);
}

TEST_F(DiskFileStoreTest, APipeInAFilesPlaceKeepsNobodyWaiting) {
    ASSERT_TRUE(put("bytes"));
    const auto file = folder_.path() / "files" / sha256Of("bytes");
    std::filesystem::remove(file);
    ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
    EXPECT_FALSE(has("bytes"));
    EXPECT_THAT(told_, ElementsAre(testing::HasSubstr("is damaged")));
    EXPECT_TRUE(put("bytes")) << "the next offer takes its place";
    EXPECT_EQ(get(sha256Of("bytes")), "bytes");
}

TEST_F(DiskFileStoreTest, AKilledServersUploadsAreCleared) {
    store_.reset();
    folder_.write("files/incoming/7", "half a");
    openStore();
    EXPECT_EQ(incoming(), 0u);
}

TEST_F(DiskFileStoreTest, WhatIsNotOursIsLeftAlone) {
    store_.reset();
    folder_.write("files/diary.txt", "a diary");
    openStore(8);
    ASSERT_TRUE(put("12345678"));
    EXPECT_EQ(folder_.read("files/diary.txt"), "a diary");
    EXPECT_EQ(store_->open("diary.txt"), nullptr);
}

TEST_F(DiskFileStoreTest, OpensOnlyWhatItKeeps) {
    folder_.write("secret", "s");
    EXPECT_EQ(store_->open("../secret"), nullptr);
    EXPECT_EQ(store_->open(""), nullptr);
    EXPECT_EQ(store_->open(std::string(64, 'a')), nullptr);
}

TEST_F(DiskFileStoreTest, AFolderThatCannotBeUsedIsAnError) {
    folder_.write("file", "");
    const auto opened = DiskFileStore::open(folder_.path() / "file" / "x", {kEndless});
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().text.find("file/x"), std::string::npos);
}

TEST_F(DiskFileStoreTest, AnswersInTheOrderOfTheCallsAndBeforeItEnds) {
    std::vector<std::string> order;  // the store's thread only, until it has ended
    const auto id = store_->begin(2, {}, 0, [&](auto) { order.push_back("begun"); });
    store_->write(id, "h", [&](auto) { order.push_back("h"); });
    store_->write(id, "i", [&](auto) { order.push_back("i"); });
    store_->finish(id, {}, [&](auto sha) { order.push_back(*sha == sha256Of("hi") ? "hi" : "?"); });
    store_->write(id, "!", [&](auto result) { order.push_back(result ? "?" : "over"); });
    store_.reset();
    EXPECT_THAT(order, ElementsAre("begun", "h", "i", "hi", "over"));
}

TEST_F(DiskFileStoreTest, ServesManyThreads) {
    std::vector<std::thread> threads;
    std::atomic<int> kept{0};
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([this, t, &kept] {
            for (int i = 0; i < 20; ++i) {
                const std::string bytes = std::to_string(t) + "." + std::to_string(i % 10);
                const auto id = store_->begin(bytes.size(), {}, 0, [](auto) {});
                store_->write(id, bytes, [](auto) {});
                std::promise<bool> done;
                store_->finish(id, sha256Of(bytes), [&](auto sha) { done.set_value(!!sha); });
                kept += done.get_future().get() && store_->open(sha256Of(bytes));
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(kept, 80);
    EXPECT_EQ(entries(), 41u);
}

}  // namespace
}  // namespace netchat::store
