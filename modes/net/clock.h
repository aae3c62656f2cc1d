#pragma once

// The only place that reads clocks. Everything else is handed the time. Any thread.

#include <cstdint>

namespace netchat::net {

int64_t monotonicNs();  // since an arbitrary start; never goes back
int64_t monotonicMs();
int64_t wallMs();  // Unix time

}  // namespace netchat::net
