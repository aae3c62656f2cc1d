// Times every scenario and counts its allocations; README.md here says how to run it.

#include <benchmark/benchmark.h>

#include <chrono>

#include "tests/bench/allocations.h"
#include "tests/bench/scenario.h"

namespace netchat::bench {

namespace {

constexpr int kWarmingSteps = 20;  // until buffers have the size that they keep

void measure(benchmark::State& state, const Named& named) {
    using Clock = std::chrono::steady_clock;
    const auto scenario = named.make();
    const auto stepOnce = [&] {
        scenario->prepare();
        scenario->step();
    };
    for (int i = 0; i < kWarmingSteps; ++i) stepOnce();
    uint64_t allocations = 0;
    for (auto _ : state) {
        scenario->prepare();
        const uint64_t before = allocationsSoFar();
        const auto start = Clock::now();
        scenario->step();
        state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count());
        allocations += allocationsSoFar() - before;
    }
    const auto items = static_cast<int64_t>(scenario->items()) * state.iterations();
    using benchmark::Counter;
    state.counters["each"] =
        Counter(static_cast<double>(items), Counter::kIsRate | Counter::kInvert);
    state.counters["allocs"] = static_cast<double>(allocations) / static_cast<double>(items);
}

}  // namespace

}  // namespace netchat::bench

int main(int argc, char** argv) {
    const auto all = netchat::bench::allScenarios();
    for (const auto& each : all) {
        benchmark::RegisterBenchmark(each.name.c_str(), netchat::bench::measure, each)
            ->UseManualTime();
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
