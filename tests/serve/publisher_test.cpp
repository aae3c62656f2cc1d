// A publisher's runs and a tail over them.

#include "modes/serve/hub/publisher.h"

#include <gmock/gmock.h>

#include "modes/serve/session/tail.h"
#include "protocol/charset.h"
#include "protocol/limits.h"

namespace netchat::serve {
namespace {

constexpr size_t kClassic = indexOf(Dialect::Classic);
constexpr size_t kV2 = indexOf(Dialect::V2);

class PublisherTest : public ::testing::Test {
  protected:
    void say(std::string_view text) {
        store::Entry entry;
        entry.seq = ++seq_;
        entry.user = 7;
        entry.from = "alice";
        entry.text = text;
        publisher_.add(encoders_, wanted_, "lobby", entry);
    }
    void drop(std::string_view name) {
        const std::string sha(64, 'f');
        store::Entry entry;
        entry.kind = store::EntryKind::File;
        entry.seq = ++seq_;
        entry.from = "alice";
        entry.text = name;
        entry.size = 5;
        entry.sha256 = sha;
        publisher_.add(encoders_, wanted_, "lobby", entry);
    }
    void note() { publisher_.add(encoders_, wanted_, {"lobby", "joined", "bob", "", 8}); }
    std::shared_ptr<const Publication> flush() {
        auto publication = publisher_.flush(seq_);
        if (publication) tail_.add(publication);
        return publication;
    }
    std::vector<std::string> pieces(size_t dialect, uint64_t at, size_t most = 64) const {
        std::vector<iovec> got(most);
        got.resize(tail_.gather(dialect, at, got.data(), most));
        std::vector<std::string> out;
        for (const iovec& p : got) out.emplace_back(static_cast<char*>(p.iov_base), p.iov_len);
        return out;
    }
    static std::string textOf(const Publication& publication, size_t dialect) {
        const auto& run = publication.runs[dialect];
        return run.size == 0 ? std::string() : std::string(run.data(), run.size);
    }

    Utf8Charset charset_;
    ClassicEncoder classic_{10, charset_};
    V2Encoder v2_;
    Encoders encoders_{&classic_, &v2_};
    Publisher::Wanted wanted_{true, true};
    Publisher publisher_{3};
    Tail tail_{3, "lobby", 0};
    uint64_t seq_ = 0;
};

TEST_F(PublisherTest, EncodesOncePerDialect) {
    say("hi");
    const auto publication = flush();
    EXPECT_EQ(publication->room, 3u);
    EXPECT_EQ(publication->lastSeq, 1u);
    EXPECT_EQ(textOf(*publication, kClassic),
              "5         alice2         hi19        01-01-1970 00:00:00");
    EXPECT_NE(textOf(*publication, kV2).find("msg\troom:lobby\tseq:1"), std::string::npos);
    EXPECT_TRUE(publisher_.empty());
    EXPECT_EQ(publisher_.flush(1), nullptr);
}

TEST_F(PublisherTest, EncodesNothingForADialectWithoutMembers) {
    wanted_[kClassic] = false;
    say("hi");
    const auto publication = flush();
    EXPECT_EQ(publication->runs[kClassic].size, 0u);
    EXPECT_GT(publication->runs[kV2].size, 0u);
}

TEST_F(PublisherTest, PublicationsThatFollowEachOtherAreOnePiece) {
    std::string whole;
    for (const char* text : {"one", "two", "three"}) {
        say(text);
        whole += textOf(*flush(), kV2);
    }
    EXPECT_EQ(pieces(kV2, 0), std::vector<std::string>{whole});
    EXPECT_EQ(pieces(kV2, 5), std::vector<std::string>{whole.substr(5)});
    EXPECT_TRUE(pieces(kV2, whole.size()).empty());
    EXPECT_EQ(tail_.end(kV2), whole.size());
}

TEST_F(PublisherTest, LongTextsAreInPiecesOfTheirOwn) {
    std::string whole;
    for (int i = 0; i < 5; ++i) {
        say(std::string(limits::kMiB, static_cast<char>('a' + i)));
        EXPECT_TRUE(publisher_.full());
        whole += textOf(*flush(), kV2);
    }
    const auto all = pieces(kV2, 0);
    EXPECT_EQ(all.size(), 5u);
    std::string joined;
    for (const auto& piece : all) joined += piece;
    EXPECT_TRUE(joined == whole);
    EXPECT_EQ(pieces(kV2, 0, 2).size(), 2u);
}

TEST_F(PublisherTest, BytesThatWerePublishedNeverMove) {
    say("first");
    const auto first = flush();
    const char* const data = first->runs[kV2].data();
    const std::string before = textOf(*first, kV2);
    for (int i = 0; i < 2000; ++i) {
        say(std::string(500, 'x'));
        flush();
    }
    EXPECT_EQ(first->runs[kV2].data(), data);
    EXPECT_EQ(textOf(*first, kV2), before);
}

TEST_F(PublisherTest, TheTailFindsTheItemAtAPlace) {
    say("one");
    note();
    flush();
    say("two");
    const auto second = flush();
    const uint64_t start = tail_.end(kV2) - second->runs[kV2].size;
    for (const uint64_t at : {start, start + 1, tail_.end(kV2) - 1}) {
        const auto found = tail_.find(kV2, at);
        EXPECT_EQ(found.publication, second.get());
        EXPECT_EQ(found.item, 0u);
        EXPECT_EQ(found.begin, start);
        EXPECT_EQ(found.end, tail_.end(kV2));
    }
    EXPECT_EQ(tail_.find(kV2, start - 1).item, 1u);
    EXPECT_EQ(tail_.find(kV2, 0).item, 0u);
    EXPECT_EQ(tail_.notes(), 1u);
}

TEST_F(PublisherTest, TheTailKnowsThePlaceOfASeq) {
    note();
    say("one");
    say("two");
    flush();
    const uint64_t end = tail_.end(kV2);
    const uint64_t two = tail_.find(kV2, end - 1).begin;
    EXPECT_EQ(tail_.placeOf(kV2, 2), two);
    EXPECT_EQ(tail_.placeOf(kV2, 3), end);
    EXPECT_GT(tail_.placeOf(kV2, 1), 0u) << "the note before it is not its";
    tail_.clear();
    EXPECT_EQ(tail_.placeOf(kV2, 3), end);
    EXPECT_EQ(tail_.placeOf(kV2, 2), kCatchingUp);
    say("three");
    flush();
    EXPECT_EQ(tail_.placeOf(kV2, 3), end);
    EXPECT_EQ(tail_.placeOf(kV2, 2), kCatchingUp) << "it is not in the tail any more";
}

TEST_F(PublisherTest, TheTailHasNoPlaceBeforeWhatWasNotEncoded) {
    say("one");
    flush();
    wanted_[kV2] = false;
    say("two");
    flush();
    wanted_[kV2] = true;
    say("three");
    flush();
    EXPECT_EQ(tail_.placeOf(kV2, 1), kCatchingUp);
    EXPECT_EQ(tail_.placeOf(kV2, 2), kCatchingUp);
    EXPECT_EQ(tail_.placeOf(kClassic, 1), 0u);
    EXPECT_NE(tail_.placeOf(kV2, 3), kCatchingUp);
}

TEST_F(PublisherTest, TheTailFindsTheNextFileInLine) {
    say("one");
    drop("a.txt");
    say("two");
    drop("b.txt");
    const auto publication = flush();
    const auto& items = publication->items;
    ASSERT_EQ(publication->files.size(), 2u);
    EXPECT_EQ(tail_.nextFile(kClassic, 0), items[0].end[kClassic]);
    EXPECT_EQ(tail_.nextFile(kClassic, items[0].end[kClassic]), items[0].end[kClassic]);
    EXPECT_EQ(tail_.nextFile(kClassic, items[1].end[kClassic]), items[2].end[kClassic]);
    EXPECT_EQ(tail_.nextFile(kClassic, items[2].end[kClassic] + 1), kCatchingUp);
    EXPECT_EQ(tail_.nextFile(kV2, 0), kCatchingUp);
    // The bytes belong between the header of the file and its time.
    const std::string run = textOf(*publication, kClassic);
    EXPECT_TRUE(run.substr(0, publication->files[0].at).ends_with("6         a.txt%5         "));
    EXPECT_TRUE(run.substr(publication->files[0].at).starts_with("19        01-01-1970"));
}

TEST_F(PublisherTest, TheTailKeepsNoMoreThanItsBound) {
    for (int i = 0; i < 40; ++i) {
        say(std::string(100 * limits::kKiB, 'x'));
        flush();
    }
    const auto start = tail_.boundedStart();
    tail_.dropBefore(start);
    const uint64_t held = tail_.end(kV2) - start[kV2] + tail_.end(kClassic) - start[kClassic];
    EXPECT_LE(held, limits::kTailBytesMax);
    EXPECT_GE(held, limits::kTailBytesMax / 2);
    // What is kept can be read from its start.
    size_t size = 0;
    for (const auto& piece : pieces(kV2, start[kV2])) size += piece.size();
    EXPECT_EQ(size, tail_.end(kV2) - start[kV2]);
    EXPECT_EQ(tail_.find(kV2, start[kV2]).begin, start[kV2]);
}

TEST_F(PublisherTest, OneEntryLongerThanTheBoundIsNotKept) {
    say(std::string(limits::kTextBytesMax, 'x'));
    flush();
    const auto start = tail_.boundedStart();
    EXPECT_EQ(start[kV2], tail_.end(kV2));
    tail_.dropBefore(start);
    EXPECT_TRUE(pieces(kV2, start[kV2]).empty());
}

}  // namespace
}  // namespace netchat::serve
