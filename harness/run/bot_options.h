#pragma once

// How the clients of a run are set up. Pure.

#include <filesystem>

#include "harness/faults/schedule.h"
#include "harness/plan/workload.h"
#include "harness/run/run_options.h"
#include "modes/client/options.h"

namespace netchat::harness {

client::Options botOptions(const Workload& workload, const RunOptions& options,
                           const net::HostPort& server, const std::filesystem::path& downloads,
                           size_t bot);
client::Options auditorOptions(const Workload& workload, const net::HostPort& server,
                               const std::filesystem::path& folder);

}  // namespace netchat::harness
