// What a loop keeps of a room's newest part, and who may go on reading in it.

#include "modes/serve/session/tail.h"

#include <gtest/gtest.h>

#include <cstring>

namespace netchat::serve {
namespace {

constexpr size_t kTailV2 = indexOf(Dialect::V2);
constexpr size_t kItemBytes = 10;

// Entries from `first` to `last`, of kItemBytes each in v2.
std::shared_ptr<const Publication> entries(uint64_t first, uint64_t last) {
    auto publication = std::make_shared<Publication>();
    auto segment = std::make_shared<Segment>(kItemBytes * (last - first + 1));
    std::memset(segment->bytes.get(), 'x', segment->capacity);
    for (uint64_t seq = first; seq <= last; ++seq) {
        Item item{seq, 1, {}};
        item.end[kTailV2] = static_cast<uint32_t>(kItemBytes * (seq - first + 1));
        publication->items.push_back(item);
    }
    publication->runs[kTailV2] = {segment, 0, segment->capacity};
    publication->lastSeq = last;
    return publication;
}

TEST(Tail, KnowsThePlaceOfWhatItHolds) {
    Tail tail(1, "lobby", 4, limits::kTailBytesMax);
    tail.add(entries(5, 6));
    tail.add(entries(7, 7));
    EXPECT_EQ(tail.placeOf(kTailV2, 4), kCatchingUp);
    EXPECT_EQ(tail.placeOf(kTailV2, 5), 0u);
    EXPECT_EQ(tail.placeOf(kTailV2, 7), 2 * kItemBytes);
    EXPECT_EQ(tail.placeOf(kTailV2, 8), 3 * kItemBytes);
}

TEST(Tail, DropsWhatDoesNotLeadToWhatComes) {
    Tail tail(1, "lobby", 4, limits::kTailBytesMax);
    tail.add(entries(5, 6));
    tail.goesTo(8);  // it was not told of 7 and 8
    EXPECT_EQ(tail.placeOf(kTailV2, 6), kCatchingUp);
    EXPECT_EQ(tail.placeOf(kTailV2, 8), kCatchingUp);
    EXPECT_EQ(tail.placeOf(kTailV2, 9), tail.end(kTailV2));
    tail.add(entries(9, 9));
    EXPECT_EQ(tail.placeOf(kTailV2, 6), kCatchingUp);
    EXPECT_EQ(tail.placeOf(kTailV2, 9), 2 * kItemBytes);
}

TEST(Tail, KeepsWhatASubscriptionIsOwed) {
    Tail tail(1, "lobby", 4, limits::kTailBytesMax);
    tail.subscriptions(kTailV2).push_back({0, nullptr});
    tail.add(entries(7, 7));
    tail.add(entries(5, 6));
    tail.add(entries(10, 10));
    const Tail::Found found = tail.find(kTailV2, 0);
    EXPECT_EQ(found.publication->items.front().seq, 7u);
    EXPECT_EQ(tail.heldBytes(), 4 * kItemBytes);
}

TEST(Tail, SeesByItselfThatSomethingIsMissing) {
    Tail tail(1, "lobby", 4, limits::kTailBytesMax);
    tail.add(entries(5, 6));
    tail.add(entries(9, 9));
    EXPECT_EQ(tail.placeOf(kTailV2, 5), kCatchingUp);
    EXPECT_EQ(tail.placeOf(kTailV2, 7), kCatchingUp);
    EXPECT_EQ(tail.placeOf(kTailV2, 9), 2 * kItemBytes);
}

}  // namespace
}  // namespace netchat::serve
