// Which sets of "a right before b" one order fits, and which cycle is told when none does.

#include "harness/judge/one_order.h"

#include <gmock/gmock.h>

#include <set>

namespace netchat::harness {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::set<uint32_t> itemsOf(const std::vector<OneOrder::Edge>& cycle) {
    std::set<uint32_t> items;
    for (const auto& edge : cycle) items.insert(edge.before);
    return items;
}

void expectRing(const std::vector<OneOrder::Edge>& cycle) {
    ASSERT_FALSE(cycle.empty());
    for (size_t i = 0; i < cycle.size(); ++i) {
        EXPECT_EQ(cycle[i].after, cycle[(i + 1) % cycle.size()].before) << i;
    }
    EXPECT_EQ(itemsOf(cycle).size(), cycle.size()) << "it comes by one item twice";
}

TEST(OneOrder, FitsNothingAndAChain) {
    OneOrder order;
    EXPECT_THAT(order.cycle(), IsEmpty());
    for (uint32_t item = 1; item < 100; ++item) order.add(item, item + 1, 0);
    EXPECT_THAT(order.cycle(), IsEmpty());
}

TEST(OneOrder, FitsWaysThatPartAndMeetAgain) {
    OneOrder order;
    order.add(1, 2, 0), order.add(2, 4, 0);
    order.add(1, 3, 1), order.add(3, 4, 1);
    order.add(4, 5, 2), order.add(1, 5, 3);
    EXPECT_THAT(order.cycle(), IsEmpty());
}

TEST(OneOrder, FitsWhatManyReceiversAgreeOn) {
    OneOrder order;
    for (uint32_t receiver = 0; receiver < 700; ++receiver) {
        for (uint32_t item = 0; item < 200; ++item) order.add(item, item + 1, receiver);
    }
    EXPECT_THAT(order.cycle(), IsEmpty());
    order.add(200, 0, 700);
    const auto cycle = order.cycle();
    expectRing(cycle);
    EXPECT_EQ(cycle.size(), 201U);
}

TEST(OneOrder, ANewCycleIsFoundAfterAnAnswer) {
    OneOrder order;
    order.add(1, 2, 0);
    EXPECT_THAT(order.cycle(), IsEmpty());
    order.add(2, 1, 1);
    EXPECT_THAT(itemsOf(order.cycle()), UnorderedElementsAre(1, 2));
}

// Walking back from an item behind the cycle must not tell the way to it.
TEST(OneOrder, OnlyTheCycleIsToldWhateverLiesBeforeAndBehindIt) {
    for (const uint32_t first : {0U, 1000U, 77'777U}) {
        OneOrder order;
        for (uint32_t i = 0; i < 20; ++i) order.add(first + i, first + i + 1, 0);
        order.add(first + 20, first + 21, 0), order.add(first + 21, first + 22, 0);
        order.add(first + 22, first + 20, 1);
        for (uint32_t i = 22; i < 80; ++i) order.add(first + i, first + i + 1, 0);
        const auto cycle = order.cycle();
        expectRing(cycle);
        EXPECT_THAT(itemsOf(cycle), UnorderedElementsAre(first + 20, first + 21, first + 22));
    }
}

TEST(OneOrder, AnEdgeIsTheFirstReceivers) {
    OneOrder order;
    order.add(1, 2, 9), order.add(1, 2, 4), order.add(1, 2, 7);
    order.add(2, 1, 8), order.add(2, 1, 5);
    std::set<std::pair<uint32_t, uint32_t>> seen;
    for (const auto& edge : order.cycle()) seen.emplace(edge.before, edge.receiver);
    EXPECT_THAT(seen, UnorderedElementsAre(std::pair(1U, 4U), std::pair(2U, 5U)));
}

}  // namespace
}  // namespace netchat::harness
