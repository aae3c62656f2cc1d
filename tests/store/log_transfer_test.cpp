#include "modes/store/log_transfer.h"

#include <Poco/Data/Session.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "modes/store/folder_lock.h"
#include "modes/store/sqlite_room_log.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::unique_ptr<SqliteRoomLog> openLogIn(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder);
    auto log = SqliteRoomLog::open(folder / "log.sqlite", Durability::Process);
    EXPECT_TRUE(log) << log.error().text;
    return std::move(*log);
}

uint64_t say(RoomLog& log, std::string_view room, uint64_t user, std::string_view id,
             std::string_view text, int64_t time = 1000) {
    Entry entry;
    entry.user = user;
    entry.id = id;
    entry.from = "alice";
    entry.text = text;
    entry.time = time;
    const Draft draft{room, entry};
    return (*log.append({&draft, 1}))[0].seq;
}

void drop(RoomLog& log, std::string_view room, const std::string& sha256) {
    Entry entry;
    entry.kind = EntryKind::File;
    entry.user = 3;
    entry.from = "bob";
    entry.text = "photo.jpg";
    entry.time = 2000;
    entry.sha256 = sha256;
    entry.size = 5'000'000'000;
    const Draft draft{room, entry};
    ASSERT_TRUE(log.append({&draft, 1}));
}

class LogTransferTest : public ::testing::Test {
  protected:
    std::string exported(const std::string& folder, const std::string& room = "") {
        std::string out;
        const auto status = exportLog(folder_ / folder, room, [&out](std::string_view line) {
            out += line;
            return true;
        });
        EXPECT_TRUE(status) << status.error().text;
        return out;
    }
    Result<Imported> import(const std::string& folder, const std::string& lines) {
        std::istringstream in(lines);
        return importLog(folder_ / folder, in);
    }
    std::vector<std::string> wrongIn(const std::string& folder) {
        const auto verdict = verifyLog(folder_ / folder, "");
        EXPECT_TRUE(verdict) << verdict.error().text;
        return verdict->wrong;
    }
    void change(const std::string& folder, const std::string& statement) {
        Poco::Data::Session session("SQLite", (folder_ / folder / "log.sqlite").string());
        session << statement, Poco::Data::Keywords::now;
    }

    test::TempFolder folder_;
};

TEST_F(LogTransferTest, WhatIsExportedMayBeShownByATerminal) {
    {
        const auto log = openLogIn(folder_ / "a");
        ASSERT_TRUE(log->reserve(9));
        say(*log, "lobby", 7, "1", "\u009B2J \u202Eexe.txt\x7F");
    }
    const std::string lines = exported("a");
    EXPECT_THAT(lines, HasSubstr(R"(\u009B2J \u202Eexe.txt\u007F)"));
    EXPECT_EQ(lines.find('\x7F'), std::string::npos);
    ASSERT_TRUE(import("b", lines));
    EXPECT_EQ(exported("b"), lines);
}

TEST_F(LogTransferTest, WhatIsExportedIsTheSameAfterItsImport) {
    const std::string text("a\0b\n\"\\ \xF0\x9F\x98\x80\x01", 13);
    {
        const auto log = openLogIn(folder_ / "a");
        const UserRecord user{7, "alice", "7-secret"};
        ASSERT_TRUE(log->reserve(9));
        ASSERT_TRUE(log->add({&user, 1}));
        say(*log, "lobby", 7, "1", text);
        say(*log, "lobby", 8, "", "without an id");
        say(*log, "b", 7, "2", "elsewhere");
        drop(*log, "b", std::string(64, 'a'));
    }
    const std::string lines = exported("a");
    const auto imported = import("b", lines);
    ASSERT_TRUE(imported) << imported.error().text;
    EXPECT_EQ(imported->entries, 4u);
    EXPECT_EQ(imported->users, 1u);
    EXPECT_EQ(exported("b"), lines);
    EXPECT_THAT(wrongIn("b"), IsEmpty());

    const auto log = openLogIn(folder_ / "b");
    EXPECT_EQ(say(*log, "lobby", 7, "1", text), 1u) << "it is known as said";
    EXPECT_EQ(say(*log, "lobby", 7, "3", "new"), 3u);
    EXPECT_TRUE(log->find(7, "7-secret"));
    EXPECT_EQ(*log->reserve(1), 10u);
    ASSERT_TRUE(log->read("lobby", 1, [&](const Entry& entry) {
        EXPECT_EQ(entry.text, text);
        return false;
    }));
}

TEST_F(LogTransferTest, WhatWasForgottenIsStillKnownAfterAnImport) {
    {
        const auto log = openLogIn(folder_ / "a");
        for (int i = 1; i <= 5; ++i) say(*log, "lobby", 7, std::to_string(i), "x", i);
        say(*log, "gone", 7, "6", "x", 1);
        while (log->forgetSome({1000, 0}, 1004)->more) {
        }
    }
    ASSERT_TRUE(import("b", exported("a")));
    const auto log = openLogIn(folder_ / "b");
    EXPECT_EQ(log->range("lobby").first, 4u);
    EXPECT_EQ(log->range("lobby").last, 5u);
    EXPECT_EQ(log->range("gone").last, 1u);
    EXPECT_EQ(say(*log, "lobby", 7, "2", "x"), 2u);
    EXPECT_EQ(say(*log, "gone", 7, "6", "x"), 1u);
    EXPECT_EQ(say(*log, "gone", 7, "7", "y"), 2u);
}

TEST_F(LogTransferTest, ExportsOneRoomWithoutUsers) {
    {
        const auto log = openLogIn(folder_ / "a");
        const UserRecord user{7, "alice", "7-secret"};
        ASSERT_TRUE(log->add({&user, 1}));
        say(*log, "lobby", 7, "1", "here");
        say(*log, "b", 7, "2", "elsewhere");
    }
    const std::string lines = exported("a", "lobby");
    EXPECT_THAT(lines, HasSubstr("here"));
    EXPECT_EQ(lines.find("elsewhere"), lines.npos);
    EXPECT_EQ(lines.find("\"user\","), lines.npos);
    EXPECT_FALSE(exportLog(folder_ / "a", "nowhere", [](auto) { return true; }));
}

TEST_F(LogTransferTest, ReadsWhileAServerWrites) {
    const auto log = openLogIn(folder_ / "a");
    say(*log, "lobby", 7, "1", "not in the database's file yet");
    EXPECT_THAT(exported("a"), HasSubstr("not in the database"));
    EXPECT_THAT(wrongIn("a"), IsEmpty());
    EXPECT_EQ(say(*log, "lobby", 7, "2", "and on"), 2u);
}

TEST_F(LogTransferTest, ImportsIntoANewFolderOnly) {
    openLogIn(folder_ / "a");
    const auto twice = import("a", "");
    ASSERT_FALSE(twice);
    EXPECT_THAT(twice.error().text, HasSubstr("has a log already"));
    const auto lock = FolderLock::take(folder_ / "b");
    EXPECT_FALSE(import("b", ""));
}

TEST_F(LogTransferTest, ALineThatCannotBeTakenLeavesNoLog) {
    const std::string entry =
        R"({"kind":"message","room":"lobby","seq":1,"user":7,"id":"1","time":5,"from":"a","text":"x"})";
    const std::string gap =
        R"({"kind":"message","room":"lobby","seq":3,"user":7,"id":"2","time":5,"from":"a","text":"x"})";
    const std::string again =
        R"({"kind":"message","room":"lobby","seq":2,"user":7,"id":"1","time":5,"from":"a","text":"x"})";
    for (const std::string& second :
         {gap, again, std::string("{"), std::string("[]"), std::string(R"({"kind":"word"})"),
          std::string(R"({"kind":"message","room":"lobby"})")}) {
        const auto imported = import("a", entry + "\n" + second + "\n");
        ASSERT_FALSE(imported) << second;
        EXPECT_EQ(imported.error().code, ErrorCode::BadValue) << imported.error().text;
        EXPECT_FALSE(std::filesystem::exists(folder_ / "a/log.sqlite"));
        EXPECT_FALSE(std::filesystem::exists(folder_ / "a/import.sqlite"));
    }
    EXPECT_TRUE(import("a", entry + "\n"));
}

TEST_F(LogTransferTest, VerifyFindsGapsAndWhatIsNotKnownAsSaid) {
    {
        const auto log = openLogIn(folder_ / "a");
        for (int i = 1; i <= 5; ++i) say(*log, "lobby", 7, std::to_string(i), "x");
    }
    EXPECT_THAT(wrongIn("a"), IsEmpty());
    change("a", "DELETE FROM entry WHERE seq = 3");
    EXPECT_THAT(wrongIn("a"), ElementsAre("1 ids have no entries", "1 rooms have a wrong text size",
                                          "room lobby has lost 3: damaged or missing"));
    change("a", "DELETE FROM said WHERE seq >= 3");
    change("a", "DELETE FROM entry WHERE seq = 5");
    EXPECT_THAT(
        wrongIn("a"),
        ElementsAre("1 entries could be stored twice, because their ids are missing",
                    "1 rooms have a wrong text size", "room lobby has lost 3: damaged or missing",
                    "room lobby has lost 5: damaged or missing"));
}

TEST_F(LogTransferTest, VerifyChecksTheBytesOfFiles) {
    const std::string good = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    const std::string bad(64, 'b'), missing(64, 'c');
    {
        const auto log = openLogIn(folder_ / "a");
        for (const auto& sha256 : {good, bad, missing}) drop(*log, "lobby", sha256);
    }
    std::filesystem::create_directories(folder_ / "a/files/incoming");
    folder_.write("a/files/" + good, "hello");
    folder_.write("a/files/" + bad, "hello");
    folder_.write("a/files/diary.txt", "hello");
    const auto verdict = verifyLog(folder_ / "a", "");
    ASSERT_TRUE(verdict);
    EXPECT_THAT(verdict->wrong, ElementsAre("the file " + bad + " does not match its SHA-256"));
    EXPECT_EQ(verdict->files, 2u);
    EXPECT_EQ(verdict->missingFiles, 1u);
}

TEST_F(LogTransferTest, AFolderWithoutALogIsNamed) {
    const auto verdict = verifyLog(folder_ / "a", "");
    ASSERT_FALSE(verdict);
    EXPECT_THAT(verdict.error().text, HasSubstr("there is no log"));
}

}  // namespace
}  // namespace netchat::store
