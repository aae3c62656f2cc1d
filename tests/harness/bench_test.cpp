// What a measurement computes from what it saw.

#include <gmock/gmock.h>

#include "harness/bench/bench_report.h"
#include "harness/bench/latencies.h"
#include "harness/bench/process_cost.h"
#include "harness/bench/stamp.h"
#include "harness/bench/workloads.h"

#include <unistd.h>

namespace netchat::harness {
namespace {

using ::testing::HasSubstr;

TEST(Latencies, QuantilesAreWithinTwoPercent) {
    Latencies latencies;
    for (int64_t ns = 1; ns <= 1'000'000; ++ns) latencies.add(ns);
    for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999}) {
        const double exact = q * 1'000'000;
        EXPECT_NEAR(static_cast<double>(latencies.quantile(q)), exact, exact * 0.02) << q;
    }
    EXPECT_EQ(latencies.count(), 1'000'000u);
    EXPECT_EQ(latencies.max(), 1'000'000u);
    EXPECT_LE(latencies.quantile(1), 1'000'000u);
}

TEST(Latencies, HoldsTheExtremes) {
    Latencies latencies;
    EXPECT_EQ(latencies.quantile(0.5), 0u);
    latencies.add(-5);  // clocks are not perfect
    latencies.add(INT64_MAX);
    EXPECT_EQ(latencies.quantile(0), 0u);
    EXPECT_EQ(latencies.max(), static_cast<uint64_t>(INT64_MAX));
}

TEST(Stamp, ComesBackAsItWas) {
    std::string text(Stamp::kBytes, ' ');
    const Stamp stamp{4094, (uint64_t{1} << 36) - 1, (int64_t{1} << 60) - 1};
    stamp.write(text.data());
    const Stamp back = Stamp::read(text);
    EXPECT_EQ(back.sender, stamp.sender);
    EXPECT_EQ(back.number, stamp.number);
    EXPECT_EQ(back.ns, stamp.ns);
    EXPECT_EQ(text.find('%'), std::string::npos) << "it would look like a file's name";
}

TEST(ProcessCost, SeesThisProcess) {
    const ProcessCost cost = costOf(getpid());
    EXPECT_GT(cost.residentBytes, 1'000'000u);
    EXPECT_EQ(costOf(0).cpuNs(), 0);
}

BenchResult someResult() {
    BenchResult result;
    result.members = 10;
    result.connectSeconds = 0.5;
    result.messages = 100;
    result.deliveries = 1000;
    result.seconds = 2;
    result.server = {30'000, 70'000, 0};
    result.lost = 1;
    return result;
}

TEST(BenchFigures, AreRatesAndShares) {
    const BenchFigures figures = figuresOf({}, someResult());
    EXPECT_DOUBLE_EQ(figures.deliveriesPerSecond, 500);
    EXPECT_DOUBLE_EQ(figures.messagesPerSecond, 50);
    EXPECT_DOUBLE_EQ(figures.serverNs, 100);
    EXPECT_DOUBLE_EQ(figures.userShare, 0.3);
    EXPECT_DOUBLE_EQ(figures.connectsPerSecond, 20);
    EXPECT_DOUBLE_EQ(figuresOf({}, {}).serverNs, 0);
}

TEST(BenchFigures, TheMedianIsOfEachFigureAndLossesAddUp) {
    BenchFigures one, two, three;
    one.serverNs = 1, two.serverNs = 9, three.serverNs = 3;
    one.lost = 1, three.lost = 2;
    EXPECT_DOUBLE_EQ(medianOf(std::vector<BenchFigures>{one, two, three}).serverNs, 3);
    EXPECT_DOUBLE_EQ(medianOf(std::vector<BenchFigures>{one, two}).serverNs, 5);
    EXPECT_EQ(medianOf(std::vector<BenchFigures>{one, two, three}).lost, 3u);
}

TEST(BenchReport, IsALineOrAnObject) {
    const BenchFigures figures = figuresOf({}, someResult());
    EXPECT_THAT(benchLine("fan100", {}, "memory", figures), HasSubstr("fan100"));
    EXPECT_THAT(benchJson("fan100", {}, "memory", figures),
                HasSubstr("\"server_cpu_ns_per_delivery\":100"));
}

TEST(Workloads, AreFoundByName) {
    EXPECT_EQ(findWorkload("room1010")->options.receivers, 1000u);
    EXPECT_EQ(findWorkload("nothing"), nullptr);
    for (const auto& each : namedWorkloads()) EXPECT_EQ(findWorkload(each.name), &each);
}

}  // namespace
}  // namespace netchat::harness
