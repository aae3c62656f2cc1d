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
    double serverNs = 0;         // of CPU for each delivery; of files: for each KiB
    double busiestThreadNs = 0;  // of the server's thread that has most to do, for the same
    double selfNs = 0;           // of this process, for the same
    double userShare = 0;        // of the server's CPU
    double serverCores = 0;      // that were in use
    double residentPerMember = 0, residentPerMemberAfter = 0;
    double connectsPerSecond = 0;
    double p50Us = 0, p99Us = 0, maxUs = 0;
    double aloneP99Us = 0;    // of the same without transfers beside it
    double sendLagMaxUs = 0;  // of this process, paced
    double transferredBytesPerSecond = 0;
    double floorNs = 0;  // the floor's serverNs
    uint64_t lost = 0, disordered = 0;
};

// What was run, for the first columns.
struct BenchSubject {
    std::string workload;
    std::string durability;  // "-": not known
    std::string loops;
};

BenchFigures figuresOf(const BenchOptions& options, const BenchResult& result);
// Each figure the median of the same figure of the others; lost and disordered are summed.
BenchFigures medianOf(const std::vector<BenchFigures>& runs);

// The table's head, and a line of it, each ended by LF: for a terminal, a README, a program.
std::string benchHead(bool floor);
std::string benchLine(const BenchSubject& subject, const BenchOptions& options,
                      const BenchFigures& figures, bool floor);
std::string benchMarkdownHead(bool floor);
std::string benchMarkdownLine(const BenchSubject& subject, const BenchOptions& options,
                              const BenchFigures& figures, bool floor);
std::string benchJson(const BenchSubject& subject, const BenchOptions& options,
                      const BenchFigures& figures);

}  // namespace netchat::harness
