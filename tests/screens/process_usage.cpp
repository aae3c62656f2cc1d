#include "tests/screens/process_usage.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>

namespace netchat::test {

namespace {

std::string contentsOf(pid_t pid, const char* name) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/" + name);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (text.empty()) throw std::runtime_error("nothing is known of the process; it ended");
    return text;
}

}  // namespace

// Fields 14 and 15; the second, a name, may have anything in it.
int64_t cpuMs(pid_t pid) {
    const std::string text = contentsOf(pid, "stat");
    std::istringstream fields(text.substr(text.rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field) fields >> skipped;
    int64_t user = 0, system = 0;
    fields >> user >> system;
    return (user + system) * 1000 / ::sysconf(_SC_CLK_TCK);
}

int64_t residentKiB(pid_t pid) {
    std::istringstream fields(contentsOf(pid, "statm"));
    int64_t all = 0, resident = 0;
    fields >> all >> resident;
    return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

}  // namespace netchat::test
