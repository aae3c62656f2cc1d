// The dense memory for what there are many of.

#include "modes/serve/base/slab.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "modes/serve/base/ids.h"
#include "modes/serve/base/inlined_vector.h"

namespace netchat::serve {
namespace {

struct Counted {
    explicit Counted(int* alive, int n) : count(alive), number(n) { ++*count; }
    ~Counted() { --*count; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    int* count;
    int number;
};

TEST(Slab, EachStaysAtItsPlaceWhileOthersComeAndGo) {
    int alive = 0;
    Slab<Counted> slots;
    std::vector<Counted*> places;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(slots.nextFree(), static_cast<uint32_t>(i));
        places.push_back(&slots.make(&alive, i));
    }
    for (uint32_t i = 0; i < 1000; i += 2) slots.erase(i);
    EXPECT_EQ(alive, 500);
    for (uint32_t i = 0; i < 1000; ++i) {
        Counted* const found = slots.find(i);
        ASSERT_EQ(found, i % 2 == 0 ? nullptr : places[i]);
        if (found) {
            EXPECT_EQ(found->number, static_cast<int>(i));
        }
    }
}

TEST(Slab, APlaceThatWasGivenBackIsTakenNext) {
    int alive = 0;
    Slab<Counted> slots;
    for (int i = 0; i < 3; ++i) slots.make(&alive, i);
    slots.erase(1);
    EXPECT_EQ(slots.nextFree(), 1u);
    slots.make(&alive, 7);
    EXPECT_EQ(slots.find(1)->number, 7);
    EXPECT_EQ(slots.nextFree(), 3u);
}

TEST(Slab, NothingIsFoundBeyondThemOrWhereNothingWasMade) {
    Slab<Counted> slots;
    EXPECT_EQ(slots.find(0), nullptr);
    EXPECT_EQ(slots.find(12345), nullptr);
}

TEST(Slab, WhenTheLastHasGoneItBeginsAnew) {
    int alive = 0;
    Slab<Counted> slots;
    for (int i = 0; i < 100; ++i) slots.make(&alive, i);
    for (uint32_t i = 0; i < 100; ++i) slots.erase(i);
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(slots.size(), 0u);
    EXPECT_EQ(slots.nextFree(), 0u);
    slots.make(&alive, 1);
    EXPECT_EQ(slots.find(0)->number, 1);
}

TEST(Slab, ItsEndIsTheEndOfAllOfThem) {
    int alive = 0;
    {
        Slab<Counted> slots;
        for (int i = 0; i < 100; ++i) slots.make(&alive, i);
        slots.erase(50);
    }
    EXPECT_EQ(alive, 0);
}

TEST(InlinedVector, IsAVectorForAnyNumber) {
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        InlinedVector<uint64_t> few;
        std::vector<uint64_t> model;
        for (int step = 0; step < 40; ++step) {
            if (model.empty() || random() % 3 != 0) {
                few.push_back(random());
                model.push_back(few[few.size() - 1]);
            } else {
                const size_t at = random() % model.size();
                few.erase(few.begin() + at);
                model.erase(model.begin() + static_cast<std::ptrdiff_t>(at));
            }
            ASSERT_EQ(std::vector<uint64_t>(few.begin(), few.end()), model);
            ASSERT_EQ(few.empty(), model.empty());
        }
        InlinedVector<uint64_t> moved(std::move(few));
        EXPECT_EQ(std::vector<uint64_t>(moved.begin(), moved.end()), model);
        few = std::move(moved);
        EXPECT_EQ(std::vector<uint64_t>(few.begin(), few.end()), model);
        EXPECT_TRUE(moved.empty());  // NOLINT(bugprone-use-after-move)
    }
}

TEST(InlinedVector, MayPushOneOfItsOwn) {
    InlinedVector<int> few;
    few.push_back(1);
    few.push_back(few[0]);
    few.push_back(few[1]);
    EXPECT_EQ(std::vector<int>(few.begin(), few.end()), (std::vector<int>{1, 1, 1}));
}

TEST(SessionIds, SayTheirLoopAndTheirSlot) {
    const SessionId id = makeSessionId(200, 0xFFFFFFFF, 0xABCDEF);
    EXPECT_EQ(shardOf(id), 200u);
    EXPECT_EQ(slotOf(id), 0xABCDEFu);
    EXPECT_NE(id, makeSessionId(200, 1, 0xABCDEF));
}

}  // namespace
}  // namespace netchat::serve
