// Prints which planted bug is found by which invariant, after how many seeds: the table in
// harness/README.md. Median and worst of several starts.

#include <algorithm>
#include <cstdio>
#include <map>
#include <vector>

#include "tests/simulate/planted_bugs.h"

int main() {
    using namespace netchat::simulate;
    constexpr uint64_t kStarts = 9, kMost = 20'000;
    std::printf("| planted bug | found by | seeds: median | most |\n|---|---|---|---|\n");
    bool all = true;
    for (const PlantedBug& bug : plantedBugs()) {
        std::map<std::string, int> by;
        std::vector<uint64_t> seeds;
        for (uint64_t start = 0; start < kStarts; ++start) {
            const Found found = hunt(bug, 1'000'000 * (start + 1), kMost);
            all = all && found.found;
            seeds.push_back(found.seeds);
            ++by[found.found ? found.invariant : "NOT FOUND"];
        }
        std::sort(seeds.begin(), seeds.end());
        std::string names;
        for (const auto& [name, count] : by) names += (names.empty() ? "`" : ", `") + name + "`";
        std::printf("| %s | %s | %llu | %llu |\n", bug.name.c_str(), names.c_str(),
                    static_cast<unsigned long long>(seeds[kStarts / 2]),
                    static_cast<unsigned long long>(seeds.back()));
        std::fflush(stdout);
    }
    return all ? 0 : 1;
}
