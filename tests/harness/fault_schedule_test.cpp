// The catalogue of faults, and the schedules that are made of it.

#include "harness/faults/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace netchat::harness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::set<FaultTarget> kAnyTarget = {FaultTarget::Connection,    FaultTarget::Server,
                                          FaultTarget::Bots,          FaultTarget::Database,
                                          FaultTarget::DatabaseLinks, FaultTarget::Node};

FaultCounts counted(std::string_view list, const std::set<FaultTarget>& targets = kAnyTarget) {
    const auto counts = parseFaults(list, targets);
    EXPECT_TRUE(counts) << list;
    return counts ? *counts : FaultCounts{};
}

uint32_t countOf(const FaultType& type, const FaultCounts& counts) {
    const auto place = std::find(kFaultCatalogue.begin(), kFaultCatalogue.end(), &type);
    return counts[static_cast<size_t>(place - kFaultCatalogue.begin())];
}

// ---- the catalogue

std::string manual() {
    std::ifstream in(NETCHAT_HARNESS_README);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(FaultCatalogue, IsTheTableOfTheManual) {
    const std::string text = manual();
    std::vector<std::string> lacking;
    for (const FaultType* type : kFaultCatalogue) {
        const std::string row = "| `" + std::string(type->name) + "` | " +
                                std::string(type->summary) + " | " + std::to_string(type->usual) +
                                " |\n";
        if (text.find(row) == std::string::npos) lacking.push_back(row);
    }
    EXPECT_THAT(lacking, IsEmpty()) << "rows that harness/README.md lacks";
}

TEST(FaultCatalogue, NamesAreWordsOfAListAndDiffer) {
    std::set<std::string_view> names = {"all", "network"};
    for (const FaultType* type : kFaultCatalogue) {
        EXPECT_EQ(type->name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"), type->name.npos)
            << type->name;
        EXPECT_TRUE(names.insert(type->name).second) << type->name;
    }
}

TEST(FaultCatalogue, OnlyFaultsOfConnectionsBeginThere) {
    for (const FaultType* type : kFaultCatalogue) {
        EXPECT_GT(type->usual, 0U) << type->name;
        EXPECT_EQ(type->begin != nullptr, type->target == FaultTarget::Connection ||
                                              type->target == FaultTarget::DatabaseLinks)
            << type->name;
        EXPECT_EQ(type->onDatabase != nullptr, type->target == FaultTarget::Database) << type->name;
    }
}

// Every fault at work ends by itself, whatever sizes are drawn for it.
TEST(FaultCatalogue, FaultsOfConnectionsEnd) {
    constexpr int64_t kLongMs = 10'000;
    for (const FaultStep& step : planFaults(counted("network=20"), 3, 4, 1000)) {
        const auto fault = step.type->begin(step, 0);
        fault->arrived(1 << 21, 0);
        size_t left = 1 << 21;
        auto act = Fault::After::Pass;
        for (int64_t now = 0; act == Fault::After::Pass && now < kLongMs;) {
            const Fault::Passage passage = fault->rule(left, now);
            fault->passed(passage.pass);
            left -= passage.pass;
            act = passage.act;
            now += std::max<int64_t>(passage.againInMs, 1);
        }
        EXPECT_NE(act, Fault::After::Pass) << stepText(step);
    }
}

// ---- the schedule

TEST(Schedule, FollowsFromTheSeedAlone) {
    const auto counts = counted("all");
    const auto one = planFaults(counts, 7, 20, 1000), same = planFaults(counts, 7, 20, 1000),
               other = planFaults(counts, 8, 20, 1000);
    EXPECT_EQ(scheduleText(one), scheduleText(same));
    EXPECT_NE(scheduleText(one), scheduleText(other));
    for (size_t i = 0; i < one.size(); ++i) {
        EXPECT_EQ(stepText(one[i]), stepText(same[i]));
        EXPECT_LT(one[i].afterSaid, 1000U);
        EXPECT_LT(one[i].bot, 20U);
    }
}

// A seed of an old report repeats its schedule. A new fault must not change it.
TEST(Schedule, OldSeedsKeepTheirSchedules) {
    const auto steps =
        planFaults(counted("delay=4,jitter=4,throttle=4,slice=4,cut=4,reset=4,half-open=4,stall=4,"
                           "kill-server=4,kill-bots=4"),
                   1, 2, 40);
    EXPECT_EQ(scheduleText(steps),
              "40 faults (delay 4, jitter 4, throttle 4, slice 4, cut 4, reset 4, half-open 4, "
              "stall 4, kill-server 4, kill-bots 4), fingerprint 26c5513f");
}

TEST(Schedule, SpreadsEachKindOverTheRun) {
    const auto steps = planFaults(counted("kill-server=10"), 1, 5, 10'000);
    ASSERT_EQ(steps.size(), 10U);
    for (size_t i = 0; i < steps.size(); ++i) {
        EXPECT_GE(steps[i].afterSaid, 200 + i * 930);
        EXPECT_LE(steps[i].afterSaid, 200 + (i + 1) * 930);
    }
}

TEST(Schedule, SaysOfEachStepWhenWhomAndWhat) {
    FaultStep step{.type = &faults::kCut, .afterSaid = 120, .bot = 17, .bytes = 4312};
    EXPECT_EQ(stepText(step), "after 120 said: bot 17: cut up after 4312 bytes");
    step = {.type = &faults::kStall, .direction = Direction::Down, .forMs = 300};
    EXPECT_EQ(faultText(step), "stall down for 300 ms");
    step = {.type = &faults::kKillBots, .afterSaid = 5, .bot = 3};
    EXPECT_EQ(stepText(step), "after 5 said: bot 3: kill-bots");
    step = {.type = &faults::kKillServer, .afterSaid = 6, .bot = 3};
    EXPECT_EQ(stepText(step), "after 6 said: kill-server");
}

TEST(Schedule, CountsOnlyTheFaultsThatItHas) {
    EXPECT_THAT(scheduleText(planFaults(counted("cut=1"), 1, 5, 100)),
                testing::StartsWith("1 fault (cut 1), fingerprint "));
    EXPECT_THAT(scheduleText(planFaults(counted("cut=1,stall=2"), 1, 5, 100)),
                testing::StartsWith("3 faults (cut 1, stall 2), fingerprint "));
    EXPECT_THAT(scheduleText({}), testing::StartsWith("0 faults (), fingerprint "));
}

TEST(Schedule, KnowsWhatItsFaultsActOn) {
    const auto steps = planFaults(counted("cut=2,kill-bots=1"), 1, 5, 100);
    EXPECT_EQ(faultOn(FaultTarget::Connection, steps), &faults::kCut);
    EXPECT_EQ(faultOn(FaultTarget::Bots, steps), &faults::kKillBots);
    EXPECT_EQ(faultOn(FaultTarget::Server, steps), nullptr);
}

// ---- the option

TEST(FaultList, TakesNamesWithNumbers) {
    const auto counts = counted("cut=20,kill-server,half-open=0");
    EXPECT_EQ(countOf(faults::kCut, counts), 20U);
    EXPECT_EQ(countOf(faults::kKillServer, counts), faults::kKillServer.usual);
    EXPECT_EQ(std::count(counts.begin(), counts.end(), 0U),
              static_cast<std::ptrdiff_t>(kFaultCatalogue.size()) - 2);
}

TEST(FaultList, NetworkIsEveryFaultOfConnections) {
    const auto counts = counted("network,cut=1");
    for (const FaultType* type : kFaultCatalogue) {
        const bool ofConnections = type->target == FaultTarget::Connection;
        const uint32_t wanted = type == &faults::kCut ? 1 : type->usual;
        EXPECT_EQ(countOf(*type, counts), ofConnections ? wanted : 0) << type->name;
    }
}

TEST(FaultList, AllIsWhatTheRunHasTargetsFor) {
    for (const auto& targets : {kAnyTarget, {FaultTarget::Connection, FaultTarget::Server}}) {
        const auto all = counted("all=2", targets);
        for (const FaultType* type : kFaultCatalogue) {
            EXPECT_EQ(countOf(*type, all), targets.contains(type->target) ? 2U : 0U) << type->name;
        }
    }
    EXPECT_EQ(counted("all=2", {FaultTarget::Connection}), counted("network=2"));
    // Whoever names a fault is told why it cannot be had.
    EXPECT_EQ(countOf(faults::kKillBots, counted("all,kill-bots=1", {FaultTarget::Connection})),
              1U);
}

TEST(FaultList, SaysWhatIsWrong) {
    for (const auto& [list, why] : {std::pair{"", "is not a fault"},
                                    {"cutt", "'cutt' is not a fault; use delay"},
                                    {"cut=x", "there must be a number"},
                                    {"cut=10001", "up to 10000"},
                                    {"cut=0", "no fault"}}) {
        const auto counts = parseFaults(list, kAnyTarget);
        ASSERT_FALSE(counts) << list;
        EXPECT_THAT(counts.error().text, HasSubstr(why));
    }
}

}  // namespace
}  // namespace netchat::harness
