#pragma once

// Faults planted one at a time in a world that is well: each must be found, and named.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace netchat::test {

// One thing that is broken, and what the world's check() says of it.
template <class World>
struct PlantedFault {
    std::string text;
    std::function<void(World&)> plant;
};

// A new world for each fault. Its check() gives what is broken; empty: nothing.
template <class World>
void expectFound(const std::vector<PlantedFault<World>>& faults) {
    for (const auto& [text, plant] : faults) {
        World world;
        EXPECT_EQ(world.check(), "") << "before: " << text;
        plant(world);
        EXPECT_EQ(world.check(), text);
    }
}

}  // namespace netchat::test
