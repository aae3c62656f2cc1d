// What every searcher does, and what lasts of the one with an index.

#include "modes/store/searcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "modes/store/memory_room_log.h"
#include "modes/store/memory_searcher.h"
#include "modes/store/sqlite_room_log.h"
#include "modes/store/sqlite_searcher.h"
#include "modes/store/sqlite_support.h"
#include "protocol/limits.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::unique_ptr<SqliteRoomLog> openSearched(const std::filesystem::path& file) {
    auto log = SqliteRoomLog::open(file, Durability::Process);
    EXPECT_TRUE(log) << log.error().text;
    return std::move(*log);
}

void sayIn(RoomLog& log, std::string_view room, std::string_view text, int64_t time = 5) {
    Entry entry;
    entry.user = 1;
    entry.from = "alice";
    entry.text = text;
    entry.time = time;
    const Draft draft{room, entry};
    ASSERT_TRUE(log.append({&draft, 1}));
}

Result<SearchResult> askOf(Searcher& searcher, SearchQuery query) {
    std::promise<Result<SearchResult>> done;
    searcher.search(std::move(query), [&](auto result) { done.set_value(result); });
    return done.get_future().get();
}

std::vector<std::string> foundBy(Searcher& searcher, const std::string& words,
                                 const std::string& room = "lobby") {
    const auto result = askOf(searcher, {room, words, 0, 20});
    EXPECT_TRUE(result) << result.error().text;
    std::vector<std::string> texts;
    for (const KeptEntry& entry : result->entries) texts.push_back(entry.text);
    return texts;
}

void sayManyTo(RoomLog& log, std::string_view text, size_t count) {
    Entry entry;
    entry.user = 1;
    entry.from = "alice";
    entry.text = text;
    entry.time = 5;
    const std::vector<Draft> drafts(count, Draft{"lobby", entry});
    ASSERT_TRUE(log.append(drafts));
}

class AnySearcher : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        if (std::string(GetParam()) == "memory") {
            log_ = std::make_unique<MemoryRoomLog>();
            searcher_ = std::make_unique<MemorySearcher>(*log_);
        } else {
            log_ = openSearched(folder_ / "log.sqlite");
            searcher_ =
                std::make_unique<SqliteSearcher>(folder_ / "log.sqlite", folder_ / "search.sqlite");
        }
    }

    void say(const std::string& text, const std::string& room = "lobby") {
        sayIn(*log_, room, text);
    }
    Result<SearchResult> ask(SearchQuery query) { return askOf(*searcher_, std::move(query)); }
    std::vector<std::string> find(const std::string& words, const std::string& room = "lobby") {
        return foundBy(*searcher_, words, room);
    }

    test::TempFolder folder_;
    std::unique_ptr<RoomLog> log_;
    std::unique_ptr<Searcher> searcher_;
};

TEST_P(AnySearcher, FindsWordsInAnyOrderAndCaseOldestFirst) {
    say("The quick brown fox");
    say("nothing");
    say("a FOX, quick");
    EXPECT_THAT(find("quick fox"), ElementsAre("The quick brown fox", "a FOX, quick"));
    EXPECT_THAT(find("qui* fox"), ElementsAre("The quick brown fox", "a FOX, quick"));
    EXPECT_THAT(find("qui fox"), ElementsAre("The quick brown fox", "a FOX, quick"));
    EXPECT_THAT(find("quick foxes"), IsEmpty());
    say("quick fox again");
    EXPECT_EQ(find("quick").size(), 3u) << "what was said just now, too";
}

TEST_P(AnySearcher, SearchesOneRoomOnly) {
    say("here", "a");
    say("here too", "b");
    EXPECT_THAT(find("here", "a"), ElementsAre("here"));
    EXPECT_THAT(find("here", "nowhere"), IsEmpty());
}

TEST_P(AnySearcher, GivesTheNewestAndPagesBackwards) {
    for (int i = 1; i <= 1000; ++i) say("word " + std::to_string(i));
    auto page = ask({"lobby", "word", 0, 2});
    ASSERT_TRUE(page);
    ASSERT_EQ(page->entries.size(), 2u);
    EXPECT_EQ(page->entries[0].seq, 999u);
    EXPECT_EQ(page->entries[1].text, "word 1000");
    EXPECT_TRUE(page->more);
    page = ask({"lobby", "word", 3, 2});
    EXPECT_EQ(page->entries[0].seq, 1u);
    EXPECT_FALSE(page->more);
}

TEST_P(AnySearcher, WhatIsTypedIsNeverAnOperator) {
    say("a \"quoted\" thing AND (more) OR less");
    say("plain");
    EXPECT_THAT(find("\"quoted\""), ElementsAre("a \"quoted\" thing AND (more) OR less"));
    EXPECT_THAT(find("quoted OR plain"), IsEmpty());
    EXPECT_THAT(find("NOT plain"), IsEmpty());
    EXPECT_THAT(find("text:plain"), IsEmpty());
    EXPECT_THAT(find("^plain"), IsEmpty());
    EXPECT_THAT(find("pl*ain"), IsEmpty());
    EXPECT_THAT(find("';DROP-TABLE"), IsEmpty());
    EXPECT_THAT(find("(more) le"), ElementsAre("a \"quoted\" thing AND (more) OR less"));
    EXPECT_THAT(find("plain*"), ElementsAre("plain"));
}

TEST_P(AnySearcher, AQuestionWithoutAWordIsRefused) {
    const auto result = ask({"lobby", " \t\u3000", 0, 20});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::BadText);
}

TEST_P(AnySearcher, FindsPartsOfWordsInAnyScript) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"привет", "ПРИВЕТ всем"},
        {"елка", "Ёлка"},
        {"suspend", "he was suspended"},
        {"example.com", "see https://www.example.com/x"},
        {"creme brulée", "Crème BRÛLÉE"},
        {"東京", "明日は東京に行きます"},
        {"猫", "黒い猫がいる"},
        {"😀", "well done 😀!"},
        {"c++", "in C++"},
        {"o", "no"},
        {"'", "it's"},
    };
    for (const auto& [words, text] : cases) {
        say(text, words);
        say("else 犬 犬", words);
        EXPECT_THAT(find(words, words), ElementsAre(text)) << words;
    }
}

INSTANTIATE_TEST_SUITE_P(Searchers, AnySearcher, testing::Values("memory", "sqlite"),
                         [](const auto& kind) { return std::string(kind.param); });

class SqliteSearcherTest : public ::testing::Test {
  protected:
    void openSearcher() {
        searcher_.reset();
        searcher_ = std::make_unique<SqliteSearcher>(folder_ / "log.sqlite", index(), pause_);
    }
    std::filesystem::path index() const { return folder_ / "search.sqlite"; }
    // What comes of the order to give up the index; false: nothing within the deadline.
    Result<bool> waitForShrink() {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        for (;;) {
            const auto gone = searcher_->logShrinks(true);
            if (!gone || *gone || std::chrono::steady_clock::now() > end) return gone;
            std::this_thread::yield();
        }
    }
    bool indexGoes() {
        const auto gone = waitForShrink();
        return gone && *gone;
    }

    test::TempFolder folder_;
    std::chrono::milliseconds pause_{1000};
    std::unique_ptr<SqliteRoomLog> log_ = openSearched(folder_ / "log.sqlite");
    std::unique_ptr<SqliteSearcher> searcher_;
};

TEST_F(SqliteSearcherTest, GoesOnWhereItWas) {
    sayIn(*log_, "lobby", "word one");
    openSearcher();
    EXPECT_THAT(foundBy(*searcher_, "word"), ElementsAre("word one"));
    searcher_.reset();
    sayIn(*log_, "lobby", "word two");
    openSearcher();
    EXPECT_THAT(foundBy(*searcher_, "word"), ElementsAre("word one", "word two"));
}

// The last entry of the first room that is in the index, 0: none.
uint64_t lastIndexed(const std::filesystem::path& index) {
    using namespace Poco::Data::Keywords;
    uint64_t last = 0;
    try {
        auto session = openSqliteToRead(index);
        session << "SELECT last FROM indexed WHERE room = 1", into(last), now;
    } catch (const Poco::Exception&) {
        // It is not made yet.
    }
    return last;
}

TEST_F(SqliteSearcherTest, IndexesWithoutAQuestionWhatItIsToldOf) {
    sayIn(*log_, "lobby", "said before");
    searcher_ = std::make_unique<SqliteSearcher>(folder_ / "log.sqlite", index(),
                                                 std::chrono::milliseconds(1));
    const auto indexed = [this](uint64_t last) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (lastIndexed(index()) != last) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return true;
    };
    EXPECT_TRUE(indexed(1));
    log_->onGrowth([this] { searcher_->logGrew(); });
    for (uint64_t seq = 2; seq <= 20; ++seq) {
        sayIn(*log_, "lobby", "said now");
        EXPECT_TRUE(indexed(seq));
    }
    log_->onGrowth(nullptr);
    EXPECT_EQ(foundBy(*searcher_, "now").size(), 19U);
}

TEST_F(SqliteSearcherTest, AnIndexOfAnEarlierVersionIsMadeAnew) {
    using namespace Poco::Data::Keywords;
    sayIn(*log_, "lobby", "word");
    openSearcher();
    EXPECT_THAT(foundBy(*searcher_, "word"), ElementsAre("word"));
    searcher_.reset();
    {
        auto session = openSqlite(index());
        session << "PRAGMA user_version=2", now;
        session << "DROP TABLE words", now;
    }
    openSearcher();
    EXPECT_THAT(foundBy(*searcher_, "word"), ElementsAre("word"));
}

TEST_F(SqliteSearcherTest, ADamagedIndexIsMadeAnew) {
    sayIn(*log_, "lobby", "word");
    folder_.write("search.sqlite", std::string(10'000, 'x'));
    openSearcher();
    EXPECT_THAT(foundBy(*searcher_, "word"), ElementsAre("word"));
}

TEST_F(SqliteSearcherTest, TheIndexOfAnotherLogIsMadeAnew) {
    sayIn(*log_, "lobby", "other");
    openSearcher();
    EXPECT_THAT(foundBy(*searcher_, "other"), ElementsAre("other"));
    searcher_.reset();
    log_.reset();
    for (const char* ending : {"", "-wal", "-shm"}) {
        std::filesystem::remove(folder_ / (std::string("log.sqlite") + ending));
    }
    log_ = openSearched(folder_ / "log.sqlite");
    sayIn(*log_, "lobby", "word");
    openSearcher();
    EXPECT_THAT(foundBy(*searcher_, "other"), IsEmpty());
    EXPECT_THAT(foundBy(*searcher_, "word"), ElementsAre("word"));
}

TEST_F(SqliteSearcherTest, DoesNotFindWhatTheLogHasForgotten) {
    sayIn(*log_, "lobby", "word old", 1000);
    sayIn(*log_, "lobby", "word new", 9000);
    openSearcher();
    EXPECT_EQ(foundBy(*searcher_, "word").size(), 2u);
    ASSERT_TRUE(log_->forgetSome({1000, 0}, 9500));
    EXPECT_THAT(foundBy(*searcher_, "word"), ElementsAre("word new"));
}

TEST_F(SqliteSearcherTest, LooksOnFromWhereItEnded) {
    sayIn(*log_, "lobby", "needle");
    // All have the parts, none has the whole.
    sayManyTo(*log_, "need eedl dle", limits::kSearchedEntriesMax + 10);
    openSearcher();
    auto page = askOf(*searcher_, {"lobby", "needle", 0, 2});
    ASSERT_TRUE(page);
    EXPECT_THAT(page->entries, IsEmpty());
    EXPECT_TRUE(page->more);
    EXPECT_EQ(page->lookedTo, 12u);
    page = askOf(*searcher_, {"lobby", "needle", page->lookedTo, 2});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->entries.size(), 1u);
    EXPECT_FALSE(page->more);
    EXPECT_EQ(page->lookedTo, 0u);
}

TEST_F(SqliteSearcherTest, IndexesLongTextsInSeveralBatches) {
    sayIn(*log_, "attic", "needle");
    for (int i = 0; i < 150; ++i) sayIn(*log_, "lobby", std::string(60'000, 'x'));
    sayIn(*log_, "lobby", "needle");
    sayIn(*log_, "zoo", "needle");
    openSearcher();
    EXPECT_THAT(foundBy(*searcher_, "needle", "attic"), ElementsAre("needle"));
    EXPECT_THAT(foundBy(*searcher_, "needle"), ElementsAre("needle"));
    EXPECT_THAT(foundBy(*searcher_, "needle", "zoo"), ElementsAre("needle"));
}

TEST(MemorySearcher, LooksOnFromWhereItEnded) {
    MemoryRoomLog log;
    MemorySearcher searcher(log);
    sayIn(log, "lobby", "needle");
    constexpr size_t kTextBytes = 10'000;
    const size_t count = limits::kSearchedBytesMax / kTextBytes + 300;
    for (size_t i = 0; i < count; ++i) sayIn(log, "lobby", std::string(kTextBytes, 'x'));
    auto page = askOf(searcher, {"lobby", "needle", 0, 2});
    ASSERT_TRUE(page);
    EXPECT_THAT(page->entries, IsEmpty());
    EXPECT_TRUE(page->more);
    ASSERT_GT(page->lookedTo, 1u);
    page = askOf(searcher, {"lobby", "needle", page->lookedTo, 2});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->entries.size(), 1u);
    EXPECT_FALSE(page->more);
}

TEST_F(SqliteSearcherTest, GivesUpItsIndexWhileNobodyAsksAndNothingIsSaid) {
    sayIn(*log_, "lobby", "word");
    pause_ = std::chrono::milliseconds(1);
    openSearcher();
    EXPECT_EQ(foundBy(*searcher_, "word").size(), 1u);
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(indexGoes()) << "time " << i;
        (void)searcher_->logShrinks(false);  // and begins again, before the searcher has seen it
    }
    EXPECT_EQ(foundBy(*searcher_, "word").size(), 1u);
}

TEST_F(SqliteSearcherTest, AnIndexThatCannotBeRemovedIsAnErrorAndKeepsNobodyWaiting) {
    std::filesystem::create_directories(folder_ / "search.sqlite" / "in the way");
    sayIn(*log_, "lobby", "word");
    openSearcher();
    EXPECT_THAT(foundBy(*searcher_, "word"), ElementsAre("word")) << "by reading the log";
    const auto gone = waitForShrink();
    ASSERT_FALSE(gone);
    EXPECT_THAT(gone.error().text, ::testing::HasSubstr("search.sqlite cannot be removed"));
    EXPECT_THAT(foundBy(*searcher_, "word"), ElementsAre("word"));
    std::filesystem::remove_all(folder_ / "search.sqlite");
    EXPECT_TRUE(indexGoes());
}

TEST_F(SqliteSearcherTest, ReadsTheLogInBoundedStepsWhereItCannotHaveAnIndex) {
    std::filesystem::create_directories(folder_ / "search.sqlite" / "in the way");
    sayIn(*log_, "lobby", "needle");
    sayManyTo(*log_, "hay", limits::kSearchedEntriesMax + 1000);
    for (const char* text : {"Needle two", "needle three"}) sayIn(*log_, "lobby", text);
    sayIn(*log_, "attic", "needle elsewhere");
    openSearcher();
    auto page = askOf(*searcher_, {"lobby", "needle", 0, 20});
    ASSERT_TRUE(page) << page.error().text;
    ASSERT_EQ(page->entries.size(), 2u);
    EXPECT_EQ(page->entries[0].text, "Needle two");
    EXPECT_TRUE(page->more);
    ASSERT_GT(page->lookedTo, 1u);
    page = askOf(*searcher_, {"lobby", "needle", page->lookedTo, 20});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->entries.size(), 1u);
    EXPECT_FALSE(page->more);
    page = askOf(*searcher_, {"lobby", "needle", 0, 1});
    ASSERT_TRUE(page);
    EXPECT_EQ(page->entries[0].text, "needle three");
    EXPECT_TRUE(page->more);
    EXPECT_THAT(foundBy(*searcher_, "needle", "attic"), ElementsAre("needle elsewhere"));
    EXPECT_THAT(foundBy(*searcher_, "needle", "nowhere"), IsEmpty());
}

TEST_F(SqliteSearcherTest, AnswersEverybodyAlsoAtItsEnd) {
    sayIn(*log_, "lobby", "word");
    openSearcher();
    std::atomic<size_t> answers{0};
    const size_t asked = 2 * limits::kSearchesWaitingMax;
    for (size_t i = 0; i < asked; ++i) {
        searcher_->search({"lobby", "word", 0, 20}, [&](const auto&) { ++answers; });
    }
    searcher_.reset();
    EXPECT_EQ(answers, asked);
}

}  // namespace
}  // namespace netchat::store
