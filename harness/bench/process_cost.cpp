#include "harness/bench/process_cost.h"

#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace netchat::harness {

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

// The fields of /proc/PID/stat before utime, counted behind the name (proc(5)).
constexpr int kFieldsBeforeTimes = 11;

int64_t cpuNs(pid_t process) {
    clockid_t clock{};
    timespec used{};
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
    return int64_t{used.tv_sec} * kNsPerSecond + used.tv_nsec;
}

void readTicks(const std::string& folder, ProcessCost& cost) {
    std::ifstream in(folder + "/stat");
    const std::string all((std::istreambuf_iterator<char>(in)), {});
    const size_t name = all.rfind(')');  // it may hold anything
    if (name == std::string::npos) return;
    std::istringstream fields(all.substr(name + 2));
    std::string skipped;
    for (int i = 0; i < kFieldsBeforeTimes; ++i) fields >> skipped;
    fields >> cost.userTicks >> cost.systemTicks;
}

// /proc/PID/statm is cheaper, but may be out by many pages for each thread.
uint64_t residentBytes(const std::string& folder) {
    std::ifstream in(folder + "/smaps_rollup");
    for (std::string word; in >> word;) {
        uint64_t kib = 0;
        if (word == "Rss:" && in >> kib) return kib * 1024;
    }
    return 0;
}

// The first number of schedstat: the time on a processor.
std::map<pid_t, int64_t> threadTimes(const std::string& folder) {
    std::map<pid_t, int64_t> times;
    std::error_code none;
    for (const auto& thread : std::filesystem::directory_iterator(folder + "/task", none)) {
        std::ifstream in(thread.path() / "schedstat");
        int64_t ns = 0;
        if (in >> ns) times[std::stoi(thread.path().filename().string())] = ns;
    }
    return times;
}

}  // namespace

ProcessCost ProcessCost::operator-(const ProcessCost& before) const {
    ProcessCost out = *this;
    out.cpuNs -= before.cpuNs;
    out.userTicks -= before.userTicks;
    out.systemTicks -= before.systemTicks;
    out.residentBytes -= std::min(residentBytes, before.residentBytes);
    for (const auto& [thread, ns] : before.threadNs) {
        if (const auto it = out.threadNs.find(thread); it != out.threadNs.end()) it->second -= ns;
    }
    return out;
}

double ProcessCost::userShare() const {
    const int64_t ticks = userTicks + systemTicks;
    return ticks > 0 ? static_cast<double>(userTicks) / static_cast<double>(ticks) : 0;
}

int64_t ProcessCost::busiestThreadNs() const {
    int64_t most = 0;
    for (const auto& [thread, ns] : threadNs) most = std::max(most, ns);
    return most;
}

ProcessCost costOf(pid_t process) {
    ProcessCost cost;
    if (process <= 0) return cost;
    const std::string folder = "/proc/" + std::to_string(process);
    cost.cpuNs = cpuNs(process);
    readTicks(folder, cost);
    cost.residentBytes = residentBytes(folder);
    cost.threadNs = threadTimes(folder);
    return cost;
}

}  // namespace netchat::harness
