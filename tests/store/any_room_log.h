#pragma once

// What every room log does. A test program includes this once, and names its logs:
//
//     INSTANTIATE_TEST_SUITE_P(Logs, AnyRoomLog, testing::Values(LogKind{…}), nameOfLog);

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "modes/store/room_log.h"
#include "tests/store/draft_of.h"

namespace netchat::store {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class Folder {
  public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "netchat-test-XXXXXX").string();
        path_ = mkdtemp(pattern.data());
    }
    ~Folder() { fs::remove_all(path_); }
    fs::path operator/(const std::string& name) const { return path_ / name; }

  private:
    fs::path path_;
};

inline uint64_t append(RoomLog& log, const Draft& draft) {
    const auto result = log.append({&draft, 1});
    EXPECT_TRUE(result) << result.error().text;
    return (*result)[0].seq;
}

// As many, each with its number as id; in one append.
inline void appendMany(RoomLog& log, std::string_view room, int count, std::string_view text = {}) {
    std::vector<std::string> numbers;
    for (int i = 1; i <= count; ++i) numbers.push_back(std::to_string(i));
    std::vector<Draft> drafts;
    for (const std::string& number : numbers) {
        drafts.push_back(draftOf(room, 1, number, text.empty() ? std::string_view(number) : text));
    }
    const auto result = log.append(drafts);
    ASSERT_TRUE(result) << result.error().text;
}

inline std::vector<std::string> textsFrom(const RoomLog& log, std::string_view room, uint64_t seq) {
    std::vector<std::string> texts;
    EXPECT_TRUE(log.read(room, seq, [&](const Entry& entry) {
        texts.emplace_back(entry.text);
        return true;
    }));
    return texts;
}

// Makes an empty log, in this folder if it needs one.
struct LogKind {
    const char* name;
    std::unique_ptr<RoomLog> (*make)(const Folder& folder);
};

inline void PrintTo(const LogKind& kind, std::ostream* out) {
    *out << kind.name;
}

class AnyRoomLog : public testing::TestWithParam<LogKind> {
  protected:
    void SetUp() override { log_ = GetParam().make(folder_); }
    Folder folder_;
    std::unique_ptr<RoomLog> log_;
};

TEST_P(AnyRoomLog, NumbersEachRoomFromOneWithoutGaps) {
    const Draft drafts[] = {draftOf("a", 1, "1", "x"), draftOf("b", 1, "2", "y"),
                            draftOf("a", 2, "1", "z")};
    const auto result = log_->append(drafts);
    ASSERT_TRUE(result);
    EXPECT_EQ((*result)[0].seq, 1U);
    EXPECT_EQ((*result)[1].seq, 1U);
    EXPECT_EQ((*result)[2].seq, 2U);
    EXPECT_EQ(log_->range("a").first, 1U);
    EXPECT_EQ(log_->range("a").last, 2U);
    EXPECT_EQ(log_->range("nowhere").last, 0U);
}

TEST_P(AnyRoomLog, KnowsWhatAUserSaidBefore) {
    append(*log_, draftOf("a", 1, "7", "first"));
    append(*log_, draftOf("a", 1, "x-y", "second"));
    const Draft again[] = {draftOf("a", 1, "7", "first"), draftOf("a", 1, "x-y", "second"),
                           draftOf("a", 2, "7", "another's"),
                           draftOf("a", 1, "6", "an earlier number")};
    const auto result = log_->append(again);
    ASSERT_TRUE(result);
    EXPECT_TRUE((*result)[0].duplicate);
    EXPECT_EQ((*result)[0].seq, 1U);
    EXPECT_TRUE((*result)[1].duplicate);
    EXPECT_FALSE((*result)[2].duplicate);
    EXPECT_FALSE((*result)[3].duplicate);
    EXPECT_EQ(log_->range("a").last, 4U);
}

TEST_P(AnyRoomLog, KnowsWhatWasSaidTwiceInOneBatch) {
    const Draft twice[] = {draftOf("a", 1, "1", "once"), draftOf("a", 1, "1", "once")};
    const auto result = log_->append(twice);
    ASSERT_TRUE(result);
    EXPECT_FALSE((*result)[0].duplicate);
    EXPECT_TRUE((*result)[1].duplicate);
    EXPECT_THAT(textsFrom(*log_, "a", 1), ElementsAre("once"));
}

TEST_P(AnyRoomLog, KeepsEveryByteOfATextAndEveryFieldOfAFile) {
    const std::string text("a\0b\n\xF0\x9F\x98\x80", 8);
    append(*log_, draftOf("a", 1, "", text));
    Draft file = draftOf("a", 3, "9", "photo.jpg");
    file.entry.kind = EntryKind::File;
    file.entry.size = 5'000'000'000;
    const std::string sha(64, 'f');
    file.entry.sha256 = sha;
    append(*log_, file);
    EXPECT_THAT(textsFrom(*log_, "a", 1), ElementsAre(text, "photo.jpg"));
    EXPECT_TRUE(log_->read("a", 2, [&](const Entry& entry) {
        EXPECT_EQ(entry.kind, EntryKind::File);
        EXPECT_EQ(entry.size, 5'000'000'000U);
        EXPECT_EQ(entry.sha256, sha);
        EXPECT_EQ(entry.time, 1'764'000'000'123);
        EXPECT_EQ(entry.user, 3U);
        EXPECT_EQ(entry.from, "alice");
        return true;
    }));
}

TEST_P(AnyRoomLog, ReadsFromAnyPlaceUntilToldToStop) {
    appendMany(*log_, "a", 1000);
    const auto texts = textsFrom(*log_, "a", 600);
    ASSERT_EQ(texts.size(), 401U);
    EXPECT_EQ(texts.front(), "600");
    int visited = 0;
    EXPECT_TRUE(log_->read("a", 1, [&](const Entry&) { return ++visited < 3; }));
    EXPECT_EQ(visited, 3);
}

inline constexpr int64_t kTimeMs = 1'764'000'000'123;  // draftOf()'s

// A log may do a part on a thread of its own, and has more to do until that is done.
inline void forgetAll(RoomLog& log, const Retention& retention, int64_t nowMs) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
        const auto forgotten = log.forgetSome(retention, nowMs);
        ASSERT_TRUE(forgotten) << forgotten.error().text;
        if (!forgotten->more) return;
        std::this_thread::yield();
    }
    FAIL() << "it never ends";
}

TEST_P(AnyRoomLog, ForgetsByAgeAndGoesOnNumbering) {
    appendMany(*log_, "a", 1200, "x");
    append(*log_, draftOf("b", 2, "1", "x"));
    forgetAll(*log_, {1000, 0}, kTimeMs + 1000);
    EXPECT_EQ(log_->range("a").first, 1U) << "it is just not too old";
    forgetAll(*log_, {1000, 0}, kTimeMs + 1001);
    EXPECT_EQ(log_->range("a").first, 1201U);
    EXPECT_EQ(log_->range("a").last, 1200U);
    EXPECT_EQ(log_->range("b").first, 2U);
    EXPECT_THAT(textsFrom(*log_, "a", 1), IsEmpty());
    EXPECT_EQ(append(*log_, draftOf("a", 1, "2001", "y")), 1201U);
    EXPECT_THAT(textsFrom(*log_, "a", 1), ElementsAre("y"));
}

TEST_P(AnyRoomLog, ForgetsTheOldestBySize) {
    const std::string text(1000, 'x');
    appendMany(*log_, "a", 1000, text);
    append(*log_, draftOf("b", 2, "1", text));
    forgetAll(*log_, {0, 200'000}, kTimeMs);
    const Range kept = log_->range("a");
    EXPECT_EQ(kept.last, 1000U);
    EXPECT_GT(kept.first, 801U - 70U);  // by whole chunks in memory
    EXPECT_LT(kept.first, 880U);
    EXPECT_EQ(textsFrom(*log_, "a", 1).size(), kept.last - kept.first + 1);
    EXPECT_EQ(log_->range("b").first, 1U);
}

TEST_P(AnyRoomLog, ForgetsNothingThatIsToBeKept) {
    append(*log_, draftOf("a", 1, "1", "x"));
    forgetAll(*log_, {}, kTimeMs + 1'000'000'000);
    EXPECT_EQ(log_->range("a").first, 1U);
}

TEST_P(AnyRoomLog, SaysWhenThereWillBeSomethingToForget) {
    EXPECT_EQ(log_->forgetSome({1000, 0}, kTimeMs)->nextMs, std::nullopt);
    append(*log_, draftOf("a", 1, "1", "x"));
    append(*log_, draftOf("b", 1, "2", "x"));
    EXPECT_EQ(log_->forgetSome({1000, 0}, kTimeMs)->nextMs, kTimeMs + 1001);
    EXPECT_EQ(log_->forgetSome({0, 1'000'000}, kTimeMs)->nextMs, std::nullopt);
    EXPECT_EQ(log_->forgetSome({}, kTimeMs)->nextMs, std::nullopt);
    forgetAll(*log_, {1000, 0}, kTimeMs + 1001);
    EXPECT_EQ(log_->forgetSome({1000, 0}, kTimeMs + 1001)->nextMs, std::nullopt);
}

TEST_P(AnyRoomLog, TellsThatItGrewOnlyIfItDid) {
    int told = 0;
    log_->onGrowth([&told] { ++told; });
    append(*log_, draftOf("a", 1, "1", "x"));
    EXPECT_EQ(told, 1);
    append(*log_, draftOf("a", 1, "1", "x"));
    EXPECT_EQ(told, 1) << "a duplicate adds nothing";
    const Draft drafts[] = {draftOf("a", 1, "2", "y"), draftOf("b", 1, "3", "z")};
    ASSERT_TRUE(log_->append(drafts));
    EXPECT_EQ(told, 2) << "once for all of an append";
    log_->onGrowth(nullptr);
}

inline std::string nameOfLog(const testing::TestParamInfo<LogKind>& log) {
    return log.param.name;
}

}  // namespace netchat::store
