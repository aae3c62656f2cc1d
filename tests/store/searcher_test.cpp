// What every searcher does, and what lasts of the one with an index.

#include "modes/store/searcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "modes/store/memory_room_log.h"
#include "modes/store/memory_searcher.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AnySearcher : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        log_ = std::make_unique<MemoryRoomLog>();
        searcher_ = std::make_unique<MemorySearcher>(*log_);
    }

    void say(const std::string& text, const std::string& room = "lobby") {
        Entry entry;
        entry.user = 1;
        entry.from = "alice";
        entry.text = text;
        entry.time = 5;
        const Draft draft{room, entry};
        ASSERT_TRUE(log_->append({&draft, 1}));
    }
    Result<SearchResult> ask(SearchQuery query) {
        std::promise<Result<SearchResult>> done;
        searcher_->search(std::move(query), [&](auto result) { done.set_value(result); });
        return done.get_future().get();
    }
    std::vector<std::string> find(const std::string& words, const std::string& room = "lobby") {
        const auto result = ask({room, words, 0, 20});
        EXPECT_TRUE(result) << result.error().text;
        std::vector<std::string> texts;
        for (const KeptEntry& entry : result->entries) texts.push_back(entry.text);
        return texts;
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
    EXPECT_THAT(find("qui fox"), IsEmpty());
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
    EXPECT_THAT(find("^plain"), ElementsAre("plain"));
    EXPECT_THAT(find("pl*ain"), IsEmpty());
    EXPECT_THAT(find("';DROP-TABLE"), IsEmpty());
    EXPECT_THAT(find("plain"), ElementsAre("plain"));
}

TEST_P(AnySearcher, AQuestionWithoutAWordIsRefused) {
    const auto result = ask({"lobby", "\"* -", 0, 20});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::BadText);
}

TEST_P(AnySearcher, FindsWordsOfAnyLanguage) {
    say("ПРИВЕТ всем");
    EXPECT_THAT(find("привет"), ElementsAre("ПРИВЕТ всем"));
}

INSTANTIATE_TEST_SUITE_P(Searchers, AnySearcher, testing::Values("memory"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace netchat::store
