// The simulator itself: it repeats, it passes on what is right, and finds what is wrong.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "harness/simulate/simulator.h"
#include "tests/simulate/planted_bugs.h"

namespace netchat::simulate {
namespace {

TEST(Simulate, TheSameSeedGivesTheSameRun) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        const Scenario scenario = makeScenario(seed, {});
        const RunResult first = runScenario(scenario, realFaultHooks, true);
        const RunResult second = runScenario(scenario, realFaultHooks, true);
        EXPECT_EQ(first.fingerprint, second.fingerprint) << seed;
        EXPECT_EQ(first.trace, second.trace) << seed;
        EXPECT_EQ(first.steps, runScenario(scenario, realFaultHooks).steps) << seed;
    }
}

TEST(Simulate, OtherSeedsGiveOtherRuns) {
    EXPECT_NE(runScenario(makeScenario(1, {}), realFaultHooks).fingerprint,
              runScenario(makeScenario(2, {}), realFaultHooks).fingerprint);
}

TEST(Simulate, TheDurabilityCanBeChosen) {
    EXPECT_EQ(makeScenario(7, Durability::Disk).durability, Durability::Disk);
    EXPECT_EQ(makeScenario(7, Durability::Memory).durability, Durability::Memory);
}

TEST(Simulate, NothingIsViolatedInAFixedSetOfSeeds) {
    for (uint64_t seed = 1; seed <= 400; ++seed) {
        const auto result = runScenario(makeScenario(seed, {}), realFaultHooks);
        ASSERT_FALSE(result.violation)
            << seed << ": " << result.violation->invariant << ": " << result.violation->text;
    }
}

// A log that says what it will have ends before what a tail holds.
TEST(Simulate, WhatServerAndClientsKeepIsLookedAt) {
    const auto& bugs = plantedBugs();
    const auto bug = std::find_if(bugs.begin(), bugs.end(), [](const PlantedBug& one) {
        return one.name == "acknowledged before it is committed";
    });
    ASSERT_NE(bug, bugs.end());
    std::string said;
    for (uint64_t seed = 1; seed <= 50 && said.empty(); ++seed) {
        const auto violation = runScenario(makeScenario(seed, {}), bug->faultHooks).violation;
        if (violation && violation->invariant == "invariant") said = violation->text;
    }
    EXPECT_FALSE(said.empty());
}

class Planted : public testing::TestWithParam<size_t> {};

// Under a sanitizer, which is slow, some runs are enough to see that they touch no memory of
// others.
TEST_P(Planted, IsFound) {
    const PlantedBug& bug = plantedBugs()[GetParam()];
#if defined(__SANITIZE_ADDRESS__)
    (void)hunt(bug, 1, 200);
#else
    EXPECT_TRUE(hunt(bug, 1, 10'000).found) << bug.name;
#endif
}

INSTANTIATE_TEST_SUITE_P(Bugs, Planted, testing::Range(size_t{0}, plantedBugs().size()));

TEST(Simulate, WhatFailsIsMadeSmallerAndFailsInTheSameWay) {
    const PlantedBug& bug = plantedBugs().front();
    const Found found = hunt(bug, 1, 3'000);
    ASSERT_TRUE(found.found);
    const Scenario scenario = makeScenario(found.seeds, {});
    const Scenario small = shrink(scenario, found.invariant, bug.faultHooks);
    const auto result = runScenario(small, bug.faultHooks, true);
    ASSERT_TRUE(result.violation);
    EXPECT_EQ(result.violation->invariant, found.invariant);
    EXPECT_LE(small.actions(), scenario.actions());
    EXPECT_LE(small.clients.size(), scenario.clients.size());
    EXPECT_LE(small.actions(), 6u);
    EXPECT_FALSE(result.trace.empty());
}

}  // namespace
}  // namespace netchat::simulate
