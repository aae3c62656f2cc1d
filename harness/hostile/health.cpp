#include "harness/hostile/health.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <thread>

#include "harness/bench/process_cost.h"
#include "modes/net/clock.h"
#include "protocol/limits.h"
#include "protocol/size_text.h"

namespace netchat::harness::hostile {

namespace {

// Logs in memory, tails, and what an allocator keeps: what one attack may leave behind.
constexpr uint64_t kMoreBytesMax = 32 * limits::kMiB + kSanitizerBytes;
// Of the store and the log: they open files when there is something to be done.
constexpr size_t kMoreDescriptorsMax = 8;
constexpr double kMoreCoresMax = 0.15 + kSanitizerCores;
constexpr int64_t kLookMs = 400;

std::string cores(double value) {
    std::array<char, 32> out{};
    std::snprintf(out.data(), out.size(), "%.2f", value);
    return out.data();
}

}  // namespace

Health healthOf(pid_t process) {
    Health out;
    const ProcessCost cost = costOf(process);
    out.residentBytes = cost.residentBytes;
    out.cpuNs = cost.cpuNs;
    std::error_code error;
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(process) + "/fd",
                                                  error);
    out.there = process > 0 && !error;
    if (out.there) out.descriptors = static_cast<size_t>(std::distance(begin(all), end(all)));
    return out;
}

HealthWatch::HealthWatch(pid_t process) : process_(process) {
    if (process_ == 0) return;
    cores_ = coresFor(kLookMs);
    before_ = healthOf(process_);
}

double HealthWatch::coresFor(int64_t ms) const {
    const Health first = healthOf(process_);
    const int64_t start = net::monotonicNs();
    std::this_thread::sleep_for(std::chrono::milliseconds(ms));
    const Health second = healthOf(process_);
    return static_cast<double>(second.cpuNs - first.cpuNs) /
           static_cast<double>(std::max<int64_t>(1, net::monotonicNs() - start));
}

std::string HealthWatch::cameBack(int64_t patienceMs) const {
    if (process_ == 0) return {};
    const int64_t deadline = net::monotonicMs() + patienceMs;
    for (;;) {
        const Health now = healthOf(process_);
        if (!now.there) return "the server's process is gone";
        const bool files = now.descriptors <= before_.descriptors + kMoreDescriptorsMax;
        const bool memory = now.residentBytes <= before_.residentBytes + kMoreBytesMax;
        if (files && memory) return {};
        if (net::monotonicMs() >= deadline) {
            return files ? "its memory did not come back: " + sizeText(now.residentBytes) +
                               " after " + sizeText(before_.residentBytes)
                         : "its descriptors did not come back: " + std::to_string(now.descriptors) +
                               " after " + std::to_string(before_.descriptors);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

std::string HealthWatch::cameToRest(int64_t patienceMs) const {
    if (process_ == 0) return {};
    const int64_t deadline = net::monotonicMs() + patienceMs;
    for (;;) {
        const double now = coresFor(kLookMs / 2);
        if (now <= 2 * cores_ + kMoreCoresMax) return {};
        if (net::monotonicMs() >= deadline) {
            return "its processor time did not come back: " + cores(now) + " cores after " +
                   cores(cores_);
        }
    }
}

}  // namespace netchat::harness::hostile
