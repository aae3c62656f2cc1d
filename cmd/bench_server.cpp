#include "cmd/bench_server.h"

#include <sched.h>

#include <string_view>
#include <utility>
#include <vector>

#include "cmd/harness_log.h"

namespace netchat::cmd {

namespace {

constexpr int64_t kStopMs = 20'000;
constexpr int64_t kOnPostgresMs = 60'000;  // until it listens, when it has a database to prepare
constexpr std::string_view kDataFolder = "<data>";  // stands for the run's own

// The cores that this program was given, in order.
const std::vector<int>& coresGiven() {
    static const std::vector<int> all = [] {
        std::vector<int> out;
        cpu_set_t set;
        if (sched_getaffinity(0, sizeof set, &set) != 0) return out;
        for (int core = 0; core < CPU_SETSIZE; ++core) {
            if (CPU_ISSET(core, &set)) out.push_back(core);
        }
        return out;
    }();
    return all;
}

// With --own-core this process runs on the last core and its children on the others: where both run
// is otherwise the kernel's choice, which changes what a delivery costs by two fifths.
void runOn(const Arguments& arguments, bool last) {
    const auto& cores = coresGiven();
    if (!arguments.flag("own-core")) return;
    if (cores.size() < 2) throw UsageError("--own-core needs two cores");
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int core : cores) {
        if ((core == cores.back()) == last) CPU_SET(core, &set);
    }
    sched_setaffinity(0, sizeof set, &set);
}

// A server with its rooms in databases; on the cores that the server has.
std::unique_ptr<harness::PostgresPair> startDatabases(const Arguments& arguments) {
    runOn(arguments, false);
    auto pair = harness::PostgresPair::start();
    runOn(arguments, true);
    if (!pair) throw UsageError(pair.error().text, kExitNoServer);
    return std::move(*pair);
}

BenchServer startChild(const Arguments& arguments, std::vector<std::string> words,
                       std::unique_ptr<harness::PostgresPair> databases = nullptr) {
    BenchServer under;
    under.databases = std::move(databases);
    under.folder = std::make_unique<harness::RunFolder>();
    if (auto status = under.folder->create({}); !status) {
        throw UsageError(status.error().text, kExitOurFault);
    }
    harness::ChildServer::Options options;
    if (under.databases) options.timeoutMs = kOnPostgresMs;
    options.folder = under.folder->path();
    for (std::string& word : words) {
        if (word == kDataFolder) word = (under.folder->path() / "data").string();
    }
    options.arguments = std::move(words);
    runOn(arguments, false);
    auto started = harness::ChildServer::start(options);
    runOn(arguments, true);
    if (!started) throw UsageError(started.error().text, kExitNoServer);
    under.child = std::move(*started);
    under.address = under.child->address();
    under.process = under.child->pid();
    return under;
}

}  // namespace

void BenchServer::stop() {
    if (child) (void)child->stop(kStopMs);
}

BenchServer startBenchServer(const Arguments& arguments, const std::string& loops) {
    if (arguments.has("server")) {
        BenchServer under;
        const auto server = net::parseHostPort(arguments.text("server"));
        if (!server) arguments.refuse("server", server.error());
        under.address = *server;
        under.process =
            arguments.has("pid") ? static_cast<pid_t>(arguments.number("pid", 1, INT32_MAX)) : 0;
        return under;
    }
    if (isOnPostgres(arguments)) {
        auto databases = startDatabases(arguments);
        const std::string uri = databases->uri();
        return startChild(arguments,
                          {"serve", "--port", "0", "--loops", loops, "--data",
                           std::string(kDataFolder), "--log", uri},
                          std::move(databases));
    }
    const std::string durability = arguments.oneOf("durability", {"memory", "process", "disk"});
    std::vector<std::string> words = {"serve", "--port", "0", "--loops", loops, "--data"};
    if (durability == "memory") {
        words.emplace_back("none");
    } else {
        words.insert(words.end(), {std::string(kDataFolder), "--durability", durability});
    }
    return startChild(arguments, std::move(words));
}

BenchServer startBenchFloor(const Arguments& arguments) {
    return startChild(arguments, {"harness", "floor", "--port", "0"});
}

}  // namespace netchat::cmd
