#pragma once

// Bugs that a server of this kind might have, planted between it and its fault hooks, so that the
// simulator can show that it finds them. Nothing of this is in the program that is shipped.

#include <string>
#include <vector>

#include "harness/simulate/simulator.h"

namespace netchat::simulate {

struct PlantedBug {
    std::string name;
    MakeFaultHooks faultHooks;
};

const std::vector<PlantedBug>& plantedBugs();

struct Found {
    bool found = false;
    uint64_t seeds = 0;  // looked at, the one that found it included
    std::string invariant;
};

// Looks at seeds from `first` on.
Found hunt(const PlantedBug& bug, uint64_t first, uint64_t most);

}  // namespace netchat::simulate
