// The room log that lasts: what it shares with the one in memory, and what it has beyond.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "modes/store/folder_lock.h"
#include "modes/store/memory_room_log.h"
#include "modes/store/sqlite_room_log.h"

namespace netchat::store {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

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

Draft said(std::string_view room, uint64_t user, std::string_view id, std::string_view text) {
    Entry entry;
    entry.user = user;
    entry.id = id;
    entry.from = "alice";
    entry.text = text;
    entry.time = 1'764'000'000'123;
    return {room, entry};
}

uint64_t append(RoomLog& log, const Draft& draft) {
    const auto result = log.append({&draft, 1});
    EXPECT_TRUE(result) << result.error().text;
    return (*result)[0].seq;
}

std::vector<std::string> textsFrom(const RoomLog& log, std::string_view room, uint64_t seq) {
    std::vector<std::string> texts;
    EXPECT_TRUE(log.read(room, seq, [&](const Entry& entry) {
        texts.emplace_back(entry.text);
        return true;
    }));
    return texts;
}

std::unique_ptr<SqliteRoomLog> opened(const fs::path& file) {
    auto log = SqliteRoomLog::open(file, Durability::Process);
    EXPECT_TRUE(log) << log.error().text;
    return std::move(*log);
}

// ---- what every room log does

class AnyRoomLog : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        if (std::string(GetParam()) == "memory") {
            log_ = std::make_unique<MemoryRoomLog>();
        } else {
            log_ = opened(folder_ / "log.sqlite");
        }
    }
    Folder folder_;
    std::unique_ptr<RoomLog> log_;
};

TEST_P(AnyRoomLog, NumbersEachRoomFromOneWithoutGaps) {
    const Draft drafts[] = {said("a", 1, "1", "x"), said("b", 1, "2", "y"), said("a", 2, "1", "z")};
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
    append(*log_, said("a", 1, "7", "first"));
    append(*log_, said("a", 1, "x-y", "second"));
    const Draft again[] = {said("a", 1, "7", "first"), said("a", 1, "x-y", "second"),
                           said("a", 2, "7", "another's"), said("a", 1, "6", "an earlier number")};
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
    const Draft twice[] = {said("a", 1, "1", "once"), said("a", 1, "1", "once")};
    const auto result = log_->append(twice);
    ASSERT_TRUE(result);
    EXPECT_FALSE((*result)[0].duplicate);
    EXPECT_TRUE((*result)[1].duplicate);
    EXPECT_THAT(textsFrom(*log_, "a", 1), ElementsAre("once"));
}

TEST_P(AnyRoomLog, KeepsEveryByteOfATextAndEveryFieldOfAFile) {
    const std::string text("a\0b\n\xF0\x9F\x98\x80", 8);
    append(*log_, said("a", 1, "", text));
    Draft file = said("a", 3, "9", "photo.jpg");
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
    for (int i = 1; i <= 1000; ++i)
        append(*log_, said("a", 1, std::to_string(i), std::to_string(i)));
    const auto texts = textsFrom(*log_, "a", 600);
    ASSERT_EQ(texts.size(), 401U);
    EXPECT_EQ(texts.front(), "600");
    int visited = 0;
    EXPECT_TRUE(log_->read("a", 1, [&](const Entry&) { return ++visited < 3; }));
    EXPECT_EQ(visited, 3);
}

INSTANTIATE_TEST_SUITE_P(Logs, AnyRoomLog, testing::Values("memory", "sqlite"),
                         [](const auto& log) { return std::string(log.param); });

// ---- what lasts

TEST(SqliteRoomLog, GoesOnWhereItWasAfterAnEnd) {
    const Folder folder;
    append(*opened(folder / "log.sqlite"), said("a", 1, "1", "before"));
    const auto log = opened(folder / "log.sqlite");
    EXPECT_EQ(append(*log, said("a", 1, "1", "before")), 1U);
    EXPECT_EQ(append(*log, said("a", 1, "2", "after")), 2U);
    EXPECT_EQ(append(*log, said("b", 1, "3", "elsewhere")), 1U);
    EXPECT_THAT(textsFrom(*log, "a", 1), ElementsAre("before", "after"));
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
    append(*log, said("a", 1, "1", "x"));
    Poco::Data::Session other("SQLite", (folder / "log.sqlite").string());
    using Poco::Data::Keywords::now;
    other << "ALTER TABLE said RENAME TO hidden", now;
    const Draft drafts[] = {said("a", 1, "2", "y"), said("b", 1, "3", "z")};
    EXPECT_FALSE(log->append(drafts));
    EXPECT_EQ(log->range("a").last, 1U);
    EXPECT_EQ(log->range("b").last, 0U);
    other << "ALTER TABLE hidden RENAME TO said", now;
    ASSERT_TRUE(log->append(drafts));
    EXPECT_THAT(textsFrom(*log, "a", 1), ElementsAre("x", "y"));
    EXPECT_THAT(textsFrom(*log, "b", 1), ElementsAre("z"));
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
