#include "harness/bench/process_cost.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

namespace netchat::harness {

namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

// The fields of /proc/PID/stat before utime, counted behind the name (proc(5)).
constexpr int kFieldsBeforeTimes = 11;

uint64_t residentBytes(const std::string& folder) {
    std::ifstream in(folder + "/statm");
    uint64_t all = 0, resident = 0;
    in >> all >> resident;
    return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

ProcessCost costOf(pid_t process) {
    const std::string folder = "/proc/" + std::to_string(process);
    std::ifstream in(folder + "/stat");
    const std::string all((std::istreambuf_iterator<char>(in)), {});
    const size_t name = all.rfind(')');  // it may hold anything
    if (name == std::string::npos) return {};
    std::istringstream fields(all.substr(name + 2));
    std::string skipped;
    for (int i = 0; i < kFieldsBeforeTimes; ++i) fields >> skipped;
    int64_t user = 0, system = 0;
    fields >> user >> system;
    const int64_t tick = kNsPerSecond / sysconf(_SC_CLK_TCK);
    return {user * tick, system * tick, residentBytes(folder)};
}

}  // namespace netchat::harness
