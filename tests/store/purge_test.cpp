// What operators take out of a log: the texts are gone, the numbers and ids stay.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <thread>

#include "modes/store/log_transfer.h"
#include "modes/store/memory_room_log.h"
#include "modes/store/sqlite_room_log.h"
#include "modes/store/sqlite_searcher.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kSha[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

class PurgeTest : public ::testing::TestWithParam<bool> {
  protected:
    PurgeTest() { open(); }
    void open() {
        log.reset();
        if (!GetParam()) {
            log = std::make_unique<MemoryRoomLog>();
            return;
        }
        auto opened = SqliteRoomLog::open(file(), Durability::Process);
        ASSERT_TRUE(opened) << opened.error().text;
        log = std::move(*opened);
    }
    std::filesystem::path file() const { return folder / "log.sqlite"; }

    uint64_t say(const std::string& room, uint64_t user, const std::string& nick,
                 const std::string& text, int64_t time = 1000) {
        Entry entry;
        const std::string id = std::to_string(++ids[user]);
        entry.user = user;
        entry.from = nick;
        entry.text = text;
        entry.id = id;
        entry.time = time;
        return append(room, entry);
    }
    uint64_t drop(const std::string& room, uint64_t user, const std::string& name) {
        Entry entry;
        const std::string id = std::to_string(++ids[user]);
        entry.kind = EntryKind::File;
        entry.user = user;
        entry.from = "bob";
        entry.text = name;
        entry.id = id;
        entry.sha256 = kSha;
        entry.time = 1000;
        return append(room, entry);
    }
    uint64_t append(const std::string& room, const Entry& entry) {
        const Draft draft{room, entry};
        const auto appended = log->append({&draft, 1});
        EXPECT_TRUE(appended);
        return appended ? appended->front().seq : 0;
    }
    Purged purge(Purge what) {
        Purged all;
        for (bool more = true; more;) {
            const auto purged = log->purgeSome(what);
            EXPECT_TRUE(purged) << purged.error().text;
            if (!purged) break;
            more = purged->more;
            ++steps;
            all.entries += purged->entries;
            all.files.insert(all.files.end(), purged->files.begin(), purged->files.end());
        }
        return all;
    }
    // "1 hello", "2-3 lost".
    std::vector<std::string> read(const std::string& room, uint64_t from = 1) {
        std::vector<std::string> found;
        EXPECT_TRUE(log->read(room, from, [&](const Entry& e) {
            std::string line = std::to_string(e.seq);
            if (e.kind == EntryKind::Lost) {
                EXPECT_EQ(std::string(e.text) + std::string(e.from) + std::string(e.id), "");
                line += e.size > 1 ? "-" + std::to_string(e.seq + e.size - 1) + " lost" : " lost";
            } else {
                line += " " + std::string(e.text);
            }
            found.push_back(line);
            return true;
        }));
        return found;
    }

    test::TempFolder folder;
    std::unique_ptr<RoomLog> log;
    std::map<uint64_t, int> ids;
    int steps = 0;
};

TEST_P(PurgeTest, AUsersEntriesAreGoneAndTheirNumbersStay) {
    say("a", 1, "alice", "one");
    say("a", 2, "bob", "two");
    say("a", 2, "robert", "three");
    say("a", 1, "alice", "four");
    say("b", 2, "bob", "five");
    Purge bob;
    bob.user = 2;
    EXPECT_EQ(purge(bob).entries, 3u);
    EXPECT_THAT(read("a"), ElementsAre("1 one", "2 lost", "3 lost", "4 four"));
    EXPECT_EQ(log->range("a").last, 4u);
    EXPECT_THAT(read("b"), IsEmpty());
    EXPECT_EQ(log->range("b").last, 1u);
    EXPECT_EQ(say("b", 1, "alice", "six"), 2u) << "a number is not given twice";
    EXPECT_EQ(purge(bob).entries, 0u) << "they are gone";
}

TEST_P(PurgeTest, ANickIsPurgedUnderWhicheverUserItWas) {
    say("a", 1, "bob", "one");
    say("a", 2, "bob", "two");
    say("a", 2, "robert", "three");
    Purge bob;
    bob.from = "bob";
    EXPECT_EQ(purge(bob).entries, 2u);
    EXPECT_THAT(read("a", log->range("a").first), ::testing::Contains("3 three"));
}

TEST_P(PurgeTest, ARoomIsEmptyAfterwardsAndGoesOnWithItsNumbers) {
    say("a", 1, "alice", "one");
    say("a", 2, "bob", "two");
    say("b", 2, "bob", "three");
    Purge room;
    room.room = "a";
    EXPECT_EQ(purge(room).entries, 2u);
    EXPECT_THAT(read("a"), IsEmpty());
    EXPECT_EQ(log->range("a").first, 3u);
    EXPECT_THAT(read("b"), ElementsAre("1 three"));
    EXPECT_EQ(say("a", 1, "alice", "next"), 3u);
    std::vector<std::string> rooms;
    purge(Purge{.room = "b"});
    log->eachRoom([&](std::string_view name, const Range&) { rooms.emplace_back(name); });
    EXPECT_THAT(rooms, ElementsAre("a"));
}

TEST_P(PurgeTest, OnlyWhatIsOlderGoes) {
    say("a", 1, "alice", "one", 1000);
    say("a", 1, "alice", "two", 2000);
    say("a", 1, "alice", "three", 3000);
    Purge old;
    old.room = "a";
    old.beforeMs = 3000;
    EXPECT_EQ(purge(old).entries, 2u);
    EXPECT_THAT(read("a", 3), ElementsAre("3 three"));
}

TEST_P(PurgeTest, AnIdStaysKnown) {
    say("a", 1, "alice", "one");
    say("a", 2, "bob", "two");
    say("a", 1, "alice", "three");
    Purge bob;
    bob.user = 2;
    purge(bob);
    ids[2] = 0;
    Entry again;
    again.user = 2;
    again.from = "bob";
    again.id = "1";
    again.text = "two";
    const Draft draft{"a", again};
    const auto appended = log->append({&draft, 1});
    ASSERT_TRUE(appended);
    EXPECT_TRUE(appended->front().duplicate);
    EXPECT_EQ(appended->front().seq, 2u);
}

TEST_P(PurgeTest, FilesThatNobodyAnnouncesAnyMoreAreNamed) {
    say("a", 1, "alice", "one");
    drop("a", 2, "x.bin");
    drop("b", 2, "y.bin");
    EXPECT_THAT(*log->filesNamed("x.bin"), ElementsAre(kSha));
    EXPECT_THAT(*log->filesNamed("z.bin"), IsEmpty());
    EXPECT_THAT(purge(Purge{.room = "a"}).files, IsEmpty()) << "the other room announces it";
    EXPECT_THAT(purge(Purge{.room = "b"}).files, ElementsAre(kSha));
}

TEST_P(PurgeTest, MuchIsDoneInBoundedSteps) {
    for (int i = 0; i < 3000; ++i) say("a", 1 + i % 2, "nick", "text " + std::to_string(i));
    Purge odd;
    odd.user = 2;
    EXPECT_EQ(purge(odd).entries, 1500u);
    if (GetParam()) {
        EXPECT_GT(steps, 10);
    }
    EXPECT_EQ(read("a").size(), 3000u);
    steps = 0;
    EXPECT_EQ(purge(Purge{.room = "a"}).entries, 1500u);
    if (GetParam()) {
        EXPECT_GT(steps, 4);
    }
    EXPECT_THAT(read("a"), IsEmpty());
    EXPECT_EQ(log->keptBytes("a"), 0u);
}

TEST_P(PurgeTest, WhatIsSaidMeanwhileStays) {
    for (int i = 0; i < 2000; ++i) say("a", 1, "alice", "old");
    Purge room;
    room.room = "a";
    auto first = log->purgeSome(room);
    ASSERT_TRUE(first);
    say("a", 1, "alice", "new");
    while (first && first->more) first = log->purgeSome(room);
    ASSERT_TRUE(first);
    if (GetParam()) {
        EXPECT_THAT(read("a", 2001), ElementsAre("2001 new"));
    }
}

TEST_P(PurgeTest, WhatIsSaidAfterTheOrderStays) {
    for (const char* room : {"a", "b"}) say(room, 1, "alice", "before");
    Purge all;
    all.from = "alice";
    log->beginPurge(all);
    for (const char* room : {"a", "b", "c"}) say(room, 1, "alice", "after");
    EXPECT_EQ(purge(all).entries, 2u);
    EXPECT_THAT(read("a", 2), ElementsAre("2 after"));
    EXPECT_THAT(read("b", 2), ElementsAre("2 after"));
    EXPECT_THAT(read("c"), ElementsAre("1 after"));
}

TEST_P(PurgeTest, WhatRetentionTakesMeanwhileIsPassedOver) {
    for (const char* room : {"a", "b"}) say(room, 1, "alice", "old");
    Purge all;
    all.user = 1;
    log->beginPurge(all);
    (void)log->forgetSome({.ageMs = 1}, 1'000'000);
    say("a", 1, "alice", "new");
    purge(all);
    EXPECT_THAT(read("a", 2), ElementsAre("2 new"));
}

INSTANTIATE_TEST_SUITE_P(Logs, PurgeTest, ::testing::Bool(),
                         [](const auto& which) { return which.param ? "Sqlite" : "Memory"; });

// ---- where it lasts

class SqlitePurgeTest : public PurgeTest {
  protected:
    static std::string bytesOf(const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
};

TEST_P(SqlitePurgeTest, TheTextIsInNoPageAfterwardsAndTheLogIsGood) {
    say("a", 1, "alice", "stays");
    say("a", 2, "bob", "the secret word");
    say("a", 1, "alice", "stays, too");
    Purge bob;
    bob.user = 2;
    purge(bob);
    const auto verdict = verifyLog(folder.path(), "");
    ASSERT_TRUE(verdict);
    EXPECT_THAT(verdict->wrong, IsEmpty());
    log.reset();  // moves all into the database
    EXPECT_THAT(bytesOf(file()), Not(HasSubstr("the secret word")));
    EXPECT_THAT(bytesOf(file()), HasSubstr("stays, too"));
    open();
    EXPECT_THAT(read("a"), ElementsAre("1 stays", "2 lost", "3 stays, too"));
}

TEST_P(SqlitePurgeTest, HolesAndIdsGoWithTheLogElsewhere) {
    say("a", 1, "alice", "one");
    say("a", 2, "bob", "two");
    say("a", 1, "alice", "three");
    Purge bob;
    bob.user = 2;
    purge(bob);
    log.reset();
    const test::TempFolder other;
    std::string lines;
    ASSERT_TRUE(exportLog(folder.path(), "", [&](std::string_view line) {
        lines += line;
        return true;
    }));
    EXPECT_THAT(lines, Not(HasSubstr("two")));
    EXPECT_THAT(lines, HasSubstr("\"lost\""));
    EXPECT_THAT(lines, HasSubstr("\"said\""));
    std::istringstream in(lines);
    ASSERT_TRUE(importLog(other.path(), in));
    const auto verdict = verifyLog(other.path(), "");
    ASSERT_TRUE(verdict);
    EXPECT_THAT(verdict->wrong, IsEmpty());
}

TEST_P(SqlitePurgeTest, ASearchFindsItNoMore) {
    say("a", 1, "alice", "needle one");
    say("a", 2, "bob", "needle two");
    say("a", 1, "alice", "needle three");
    SqliteSearcher searcher(file(), folder / "search.sqlite", std::chrono::milliseconds(1));
    const auto found = [&] {
        std::promise<std::vector<uint64_t>> answer;
        searcher.search({"a", "needle"}, [&](Result<SearchResult> result) {
            std::vector<uint64_t> seqs;
            if (result) {
                for (const auto& entry : result->entries) seqs.push_back(entry.seq);
            }
            answer.set_value(seqs);
        });
        return answer.get_future().get();
    };
    EXPECT_THAT(found(), ElementsAre(1, 2, 3));
    while (!*searcher.logShrinks(true)) std::this_thread::yield();
    Purge bob;
    bob.user = 2;
    purge(bob);
    (void)searcher.logShrinks(false);
    EXPECT_THAT(found(), ElementsAre(1, 3));
    EXPECT_THAT(bytesOf(folder / "search.sqlite") + bytesOf(folder / "search.sqlite-wal"),
                Not(HasSubstr("two")));
}

INSTANTIATE_TEST_SUITE_P(Logs, SqlitePurgeTest, ::testing::Values(true));

}  // namespace
}  // namespace netchat::store
