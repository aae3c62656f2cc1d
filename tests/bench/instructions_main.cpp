// Does one scenario a given number of times, for a tool that counts instructions (instructions.sh).
//
//     instructions                    the scenarios' names
//     instructions NAME STEPS         prints how many items that was

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/bench/scenario.h"

namespace netchat::bench {

// The one function whose instructions are counted; its name is known to instructions.sh.
[[gnu::noinline]] void countedStep(Scenario& scenario) {
    scenario.step();
    asm volatile("");  // or the call would be a jump, and callgrind would not see it return
}

namespace {

constexpr int kWarmingSteps = 20;

int run(const Named& named, int steps) {
    const auto scenario = named.make();
    for (int i = 0; i < kWarmingSteps; ++i) {
        scenario->prepare();
        scenario->step();
    }
    for (int i = 0; i < steps; ++i) {
        scenario->prepare();
        countedStep(*scenario);
    }
    std::printf("%zu\n", scenario->items() * static_cast<size_t>(steps));
    return 0;
}

}  // namespace

}  // namespace netchat::bench

int main(int argc, char** argv) {
    const std::string wanted = argc > 1 ? argv[1] : "";
    for (const auto& each : netchat::bench::allScenarios()) {
        if (argc < 3) std::printf("%s\n", each.name.c_str());
        if (argc == 3 && each.name == wanted) return netchat::bench::run(each, std::atoi(argv[2]));
    }
    if (argc < 3) return 0;
    std::fprintf(stderr, "there is no scenario '%s'\n", wanted.c_str());
    return 64;
}
