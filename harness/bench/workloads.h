#pragma once

// The loads that have a name. They are those with which other chat servers and brokers were
// measured, so that figures can be put side by side.

#include <span>
#include <string_view>

#include "harness/bench/bench.h"

namespace netchat::harness {

struct NamedWorkload {
    std::string_view name, text;
    BenchOptions options;
};

std::span<const NamedWorkload> namedWorkloads();
// Null when there is none of this name.
const NamedWorkload* findWorkload(std::string_view name);

}  // namespace netchat::harness
