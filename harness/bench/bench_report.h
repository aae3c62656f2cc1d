#pragma once

// What was measured, for people and for programs. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "harness/bench/bench.h"

namespace netchat::harness {

// The figures of a result that are compared: 0 where they mean nothing.
struct BenchFigures {
    double deliveriesPerSecond = 0;  // of files: bytes
    double messagesPerSecond = 0;
    double serverNs = 0;   // of CPU for each delivery; of files: for each KiB
    double selfNs = 0;     // of this process, for the same
    double userShare = 0;  // of the server's CPU
    double residentPerMember = 0;
    double connectsPerSecond = 0;
    double p50Us = 0, p99Us = 0, maxUs = 0;
    uint64_t lost = 0, disordered = 0;
};

BenchFigures figuresOf(const BenchOptions& options, const BenchResult& result);
// Each figure the median of the same figure of the others; lost and disordered are summed.
BenchFigures medianOf(const std::vector<BenchFigures>& runs);

// The table's head, and a line of it, each ended by LF.
std::string benchHead();
std::string benchLine(std::string_view workload, const BenchOptions& options,
                      std::string_view durability, const BenchFigures& figures);
std::string benchJson(std::string_view workload, const BenchOptions& options,
                      std::string_view durability, const BenchFigures& figures);

}  // namespace netchat::harness
