// A search goes through the hub to a searcher that answers when it likes.

#include <gmock/gmock.h>

#include "tests/serve/bench.h"

namespace netchat::serve::testing {
namespace {

using ::testing::ElementsAre;

// Keeps what it is asked, and answers when it is told to.
class SearchTest : public ::testing::Test {
  protected:
    SearchTest()
        : bench({.hub = [this](HubOptions& hub) {
              hub.search = [this](SessionId session, store::SearchQuery query) {
                  asked.push_back({session, std::move(query)});
              };
          }}) {
        // What is found is in the log.
        store::Entry entry;
        entry.from = "bob";
        entry.text = "xx";
        for (uint64_t seq = 1; seq <= kEntries; ++seq) {
            const store::Draft draft{"lobby", entry};
            EXPECT_TRUE(bench.log.append({&draft, 1}));
        }
    }
    static constexpr uint64_t kEntries = 201;
    void answer(size_t index, Result<store::SearchResult> result) {
        CommandBatch batch;
        batch.commands.push_back(
            Searched{asked[index].first, asked[index].second.room, std::move(result)});
        bench.hub.apply(std::move(batch), Bench::kWallMs);
        bench.settle();
    }
    static store::SearchResult found(uint64_t first, uint64_t last, bool more, size_t size = 2) {
        store::SearchResult result;
        for (uint64_t seq = first; seq <= last; ++seq) {
            store::KeptEntry entry;
            entry.seq = seq;
            entry.from = "bob";
            entry.text = std::string(size, 'x');
            result.entries.push_back(std::move(entry));
        }
        result.more = more;
        return result;
    }

    Bench bench;
    std::vector<std::pair<SessionId, store::SearchQuery>> asked;
};

TEST_F(SearchTest, FindsWhatTheSearcherFound) {
    Peer& alice = bench.v2User("alice");
    alice.send(v2("search room:lobby before:9 limit:3", "some words"));
    bench.settle();
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked[0].second.room, "lobby");
    EXPECT_EQ(asked[0].second.words, "some words");
    EXPECT_EQ(asked[0].second.before, 9u);
    EXPECT_EQ(asked[0].second.limit, 3u);
    EXPECT_THAT(alice.briefs(), ElementsAre());
    answer(0, found(4, 5, true));
    const auto frames = alice.frames();
    EXPECT_THAT(brief(frames), ElementsAre("found room:lobby first:4 last:5 more:1"));
    EXPECT_THAT(brief(framesOf(frames[0].body)), ElementsAre("msg room:lobby seq:4 from:bob 'xx'",
                                                             "msg room:lobby seq:5 from:bob 'xx'"));
}

TEST_F(SearchTest, OneAtATimeAndOnlyInOnesOwnRooms) {
    Peer& alice = bench.v2User("alice");
    alice.send(v2("search room:attic", "a") + v2("search room:lobby") +
               v2("search room:lobby", std::string(limits::kSearchBytesMax + 1, 'a')) +
               v2("search room:lobby", "a") + v2("search room:lobby", "b"));
    bench.settle();
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:lobby code:bad-text re:search",
                                            "error room:lobby code:too-long re:search",
                                            "error room:attic code:not-in-room re:search",
                                            "error room:lobby code:too-many re:search"));
    answer(0, Error{ErrorCode::BadText, "no word in it"});
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:lobby code:bad-text re:search"));
    alice.send(v2("search room:lobby limit:100000", "b"));
    bench.settle();
    ASSERT_EQ(asked.size(), 2u);
    EXPECT_EQ(asked[1].second.limit, limits::kFoundEntriesMax);
}

TEST_F(SearchTest, AnAnswerToOneWhoHasGoneIsNobodys) {
    Peer& alice = bench.v2User("alice");
    alice.send(v2("search room:lobby", "a"));
    bench.settle();
    alice.end("gone");
    bench.settle();
    Peer& next = bench.v2User("alice");
    answer(0, found(1, 2, false));
    EXPECT_THAT(next.briefs(), ElementsAre());
}

TEST_F(SearchTest, LongEntriesMakeAnAnswerShorterAtItsOldEnd) {
    Peer& alice = bench.v2User("alice");
    alice.send(v2("search room:lobby", "a"));
    bench.settle();
    answer(0, found(1, 3, false, limits::kTextBytesMax));
    const auto frames = alice.frames();
    EXPECT_THAT(brief(frames), ElementsAre("found room:lobby first:3 last:3 more:1"));
}

TEST_F(SearchTest, AnAnswerThatEndedEarlySaysWhereToGoOn) {
    Peer& alice = bench.v2User("alice");
    const auto answerTo = [&](store::SearchResult result) {
        alice.send(v2("search room:lobby", "a"));
        bench.settle();
        result.more = true;
        result.lookedTo = 100;
        answer(asked.size() - 1, std::move(result));
        return brief(alice.frames());
    };
    EXPECT_THAT(answerTo({}), ElementsAre("found room:lobby first:100 last:0 more:1"));
    EXPECT_THAT(answerTo(found(200, 201, true)),
                ElementsAre("found room:lobby first:100 last:201 more:1"));
}

TEST(Search, IsRefusedWhereNobodySearches) {
    Bench bench;
    Peer& alice = bench.v2User("alice");
    alice.send(v2("search room:lobby", "a"));
    bench.settle();
    EXPECT_THAT(alice.briefs(), ElementsAre("error room:lobby code:bad-state re:search"));
}

}  // namespace
}  // namespace netchat::serve::testing
