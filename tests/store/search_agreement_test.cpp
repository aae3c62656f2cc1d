// Both searchers find what a plain comparison finds, whatever is said and asked.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <random>

#include "modes/store/memory_room_log.h"
#include "modes/store/memory_searcher.h"
#include "modes/store/search_words.h"
#include "modes/store/sqlite_room_log.h"
#include "modes/store/sqlite_searcher.h"
#include "protocol/utf8.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

// Pieces of many scripts, few enough that they meet again.
const std::vector<std::string> kPieces = {
    "a",   "A",  "b",     "ab",  "sus",  "pend", "ed",    "é",    "e\u0301",  "ö",      "ß",  "ж",
    "ё",   "е",  "й",     "при", "вет",  "東",   "京",    "東京", "猫",       "に",     "が", "か",
    "한",  "국", "http:", "://", "ex.",  "com",  "/a?b=", "😀",    "👩",        "❤️", "\"", "*",
    "'",   "-",  "(x)",   "c++", "100%", " ",    " ",     " ",    "\t",       "　",     "\n", "NOT",
    "AND", "z",  "٣",     "ﺍ",   "ﬁ",    "Ω",    "ώ",     "a\0b", "👍🏽", "İ",      "ﾊﾟ", "…"};

class Agreement : public ::testing::TestWithParam<unsigned> {
  protected:
    std::string text(size_t piecesMax) {
        std::string out;
        for (size_t i = 1 + random_() % piecesMax; i > 0; --i) {
            out += kPieces[random_() % kPieces.size()];
        }
        return out;
    }

    void say(size_t count) {
        std::vector<std::string> said;
        for (size_t i = 0; i < count; ++i) said.push_back(text(random_() % 20 == 0 ? 60 : 8));
        std::vector<Draft> drafts;
        for (const std::string& one : said) {
            Entry entry;
            entry.user = 1;
            entry.from = "alice";
            entry.text = one;
            entry.time = 5;
            drafts.push_back({"lobby", entry});
        }
        ASSERT_TRUE(memoryLog_.append(drafts));
        ASSERT_TRUE(sqliteLog_->append(drafts));
        for (const std::string& one : said) folded_.push_back(folded(one));
    }

    // A part of what was said, or something else.
    std::string question() {
        std::string out;
        for (size_t i = 1 + random_() % 3; i > 0; --i) {
            if (random_() % 4 == 0) {
                out += text(3) + ' ';
                continue;
            }
            std::string_view rest = folded_[random_() % folded_.size()];
            for (size_t skip = random_() % 8; skip > 0 && !rest.empty(); --skip) utf8::next(rest);
            for (size_t take = 1 + random_() % 6; take > 0 && !rest.empty(); --take) {
                utf8::append(out, utf8::next(rest));
            }
            out += ' ';
        }
        return out;
    }

    std::vector<uint64_t> expected(const SearchQuery& query) const {
        const auto words = wordsOf(query.words);
        std::vector<uint64_t> seqs;
        uint64_t seq = query.before == 0 ? folded_.size() : query.before - 1;
        for (; seq > 0 && seqs.size() < query.limit; --seq) {
            if (contains(folded_[seq - 1], words)) seqs.push_back(seq);
        }
        std::reverse(seqs.begin(), seqs.end());
        return seqs;
    }

    void compare(Searcher& searcher, const SearchQuery& query) {
        std::promise<Result<SearchResult>> done;
        searcher.search(query, [&](auto result) { done.set_value(std::move(result)); });
        const auto result = done.get_future().get();
        ASSERT_EQ(bool(result), !wordsOf(query.words).empty()) << query.words;
        if (!result) return;
        std::vector<uint64_t> seqs;
        for (const KeptEntry& entry : result->entries) seqs.push_back(entry.seq);
        ASSERT_EQ(result->lookedTo, 0u);
        ASSERT_EQ(seqs, expected(query)) << "question: " << query.words;
        SearchQuery older = query;
        older.before = seqs.empty() ? 1 : seqs.front();
        ASSERT_EQ(result->more, older.before > 1 && !expected(older).empty()) << query.words;
    }

    std::mt19937 random_{GetParam()};
    test::TempFolder folder_;
    MemoryRoomLog memoryLog_;
    std::unique_ptr<SqliteRoomLog> sqliteLog_ =
        std::move(*SqliteRoomLog::open(folder_ / "log.sqlite", Durability::Process));
    MemorySearcher memory_{memoryLog_};
    SqliteSearcher sqlite_{folder_ / "log.sqlite", folder_ / "search.sqlite"};
    std::vector<std::string> folded_;  // by seq - 1
};

// More entries than are looked through without the index.
TEST_P(Agreement, OfBothSearchersAndAPlainComparison) {
    say(3000);
    for (int i = 0; i < 150; ++i) {
        if (i % 30 == 0) say(900);
        const SearchQuery query{"lobby", question(),
                                random_() % 3 == 0 ? random_() % folded_.size() : 0,
                                1 + random_() % 30};
        ASSERT_NO_FATAL_FAILURE(compare(memory_, query));
        ASSERT_NO_FATAL_FAILURE(compare(sqlite_, query));
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Agreement, testing::Range(1u, 5u));

}  // namespace
}  // namespace netchat::store
