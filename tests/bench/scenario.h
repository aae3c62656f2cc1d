#pragma once

// A piece of work of the server's that is measured by itself: in time, in allocations, and in
// instructions. What it needs is made by its constructor and by prepare(), which do not count.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace netchat::bench {

class Scenario {
  public:
    virtual ~Scenario() = default;
    virtual void prepare() {}
    virtual void step() = 0;
    // How many of what is counted (messages, deliveries) a step does.
    virtual size_t items() const = 0;
};

struct Named {
    std::string name;  // "hub/1000 members/2 shards"
    std::function<std::unique_ptr<Scenario>()> make;
};

// Each file of scenarios adds its own.
void addCodec(std::vector<Named>& out);
void addTail(std::vector<Named>& out);
void addServer(std::vector<Named>& out);

inline std::vector<Named> allScenarios() {
    std::vector<Named> out;
    addCodec(out);
    addTail(out);
    addServer(out);
    return out;
}

}  // namespace netchat::bench
