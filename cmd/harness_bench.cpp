// `netchat harness bench`: what a server delivers, and what that costs it.

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "cmd/arguments.h"
#include "cmd/commands.h"
#include "harness/bench/bench_report.h"
#include "harness/bench/stamp.h"
#include "harness/bench/workloads.h"
#include "harness/child_server.h"
#include "harness/progress.h"
#include "harness/run_folder.h"
#include "protocol/nearest.h"
#include "protocol/text_safety.h"

namespace netchat::cmd {

namespace {

using harness::BenchFigures;
using harness::BenchOptions;
using Kind = BenchOptions::Kind;

constexpr int64_t kStopMs = 20'000;
constexpr int64_t kMembersMax = 1'000'000;

// The server under measurement: one of ours for each run, or one that is there.
struct Under {
    std::unique_ptr<harness::RunFolder> folder;
    std::unique_ptr<harness::ChildServer> child;
    net::HostPort address;
    pid_t process = 0;
};

Under startServer(const Arguments& arguments) {
    Under under;
    if (arguments.has("server")) {
        const auto server = net::parseHostPort(arguments.text("server"));
        if (!server) arguments.refuse("server", server.error());
        under.address = *server;
        under.process =
            arguments.has("pid") ? static_cast<pid_t>(arguments.number("pid", 1, INT32_MAX)) : 0;
        return under;
    }
    under.folder = std::make_unique<harness::RunFolder>();
    if (auto status = under.folder->create({}); !status) {
        throw UsageError(status.error().text, kExitOurFault);
    }
    const std::string durability = arguments.text("durability");
    const bool lasts = durability != "memory";
    harness::ChildServer::Options options;
    options.folder = under.folder->path();
    options.arguments = {"serve",
                         "--port",
                         "0",
                         "--loops",
                         arguments.text("loops"),
                         "--data",
                         lasts ? (under.folder->path() / "data").string() : "none"};
    if (lasts) options.arguments.insert(options.arguments.end(), {"--durability", durability});
    auto started = harness::ChildServer::start(options);
    if (!started) throw UsageError(started.error().text, kExitNoServer);
    under.child = std::move(*started);
    under.address = under.child->address();
    under.process = under.child->pid();
    return under;
}

double decimalOf(const Arguments& arguments, const char* option, double min) {
    const std::string text = arguments.text(option);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= min)) {
        arguments.reject(option,
                         "must be a number of at least " + std::to_string(min).substr(0, 4));
    }
    return value;
}

// What the user says beats what the workload's name says.
BenchOptions optionsFor(const Arguments& arguments, const harness::NamedWorkload& workload) {
    BenchOptions out = workload.options;
    const auto count = [&](const char* option, size_t& value) {
        if (arguments.has(option)) {
            value = static_cast<size_t>(arguments.number(option, 1, kMembersMax));
        }
    };
    count("rooms", out.rooms);
    count("senders", out.senders);
    count("receivers", out.receivers);
    count("window", out.window);
    if (arguments.has("size")) out.textBytes = arguments.sizeBytes("size");
    if (arguments.has("file-size")) out.fileBytes = arguments.sizeBytes("file-size");
    if (arguments.has("rate")) out.perSecond = decimalOf(arguments, "rate", 0.1);
    out.seconds = decimalOf(arguments, "seconds", 0.1);
    out.warmupSeconds = std::min(out.warmupSeconds, out.seconds / 4);
    out.dialect =
        arguments.oneOf("dialect", {"v2", "classic"}) == "v2" ? Dialect::V2 : Dialect::Classic;
    if (out.textBytes < harness::Stamp::kBytes || out.textBytes > limits::kTextBytesMax) {
        arguments.reject("size", "must be " + std::to_string(harness::Stamp::kBytes) + " to " +
                                     std::to_string(limits::kTextBytesMax) + " bytes");
    }
    if (out.senders >= harness::Stamp::kProbe) {
        arguments.reject("senders", "must be below " + std::to_string(harness::Stamp::kProbe));
    }
    return out;
}

std::vector<const harness::NamedWorkload*> chosen(const Arguments& arguments) {
    std::vector<const harness::NamedWorkload*> out;
    std::vector<std::string_view> names;
    for (const auto& each : harness::namedWorkloads()) names.push_back(each.name);
    for (const std::string& word : arguments.words()) {
        const auto* found = harness::findWorkload(word);
        if (found) {
            out.push_back(found);
            continue;
        }
        if (word == "all") {
            for (const auto& each : harness::namedWorkloads()) out.push_back(&each);
            continue;
        }
        const auto near = nearestWord(word, names);
        throw UsageError("there is no workload '" + forLog(word) + "'" +
                         (near.empty() ? "" : "; did you mean " + std::string(near) + "?") +
                         " (netchat harness bench --help lists them)");
    }
    if (out.empty()) out.push_back(harness::findWorkload("fan100"));
    return out;
}

// Thousands of members need as many descriptors, in the server, too, which inherits the limit.
// (main() has raised it as far as it may be.)
void checkDescriptorLimit(const BenchOptions& options) {
    constexpr rlim_t kBesides = 100;
    const auto members = static_cast<rlim_t>(options.rooms * (options.senders + options.receivers));
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= members + kBesides) return;
    throw UsageError(std::to_string(members) + " members need more descriptors than the " +
                     std::to_string(limit.rlim_cur) + " that this process may have");
}

// True when nothing was lost or out of order.
bool measureOne(const Arguments& arguments, const harness::NamedWorkload& workload) {
    BenchOptions options = optionsFor(arguments, workload);
    checkDescriptorLimit(options);
    const std::string durability =
        arguments.has("server") ? std::string("-") : arguments.text("durability");
    std::vector<BenchFigures> runs;
    const int64_t repeat = arguments.number("repeat", 1, 1000);
    harness::Progress progress;
    for (int64_t run = 1; run <= repeat; ++run) {
        progress.say(std::string(workload.name) + ": run " + std::to_string(run) + " of " +
                     std::to_string(repeat));
        Under under = startServer(arguments);
        options.server = under.address;
        options.serverProcess = under.process;
        const auto result = harness::measure(options);
        if (!result) {
            throw UsageError(std::string(workload.name) + ": " + result.error().text,
                             kExitNoServer);
        }
        runs.push_back(figuresOf(options, *result));
        if (under.child) (void)under.child->stop(kStopMs);
    }
    const BenchFigures figures = harness::medianOf(runs);
    const std::string line = arguments.flag("json")
                                 ? benchJson(workload.name, options, durability, figures)
                                 : benchLine(workload.name, options, durability, figures);
    std::fputs(line.c_str(), stdout);
    std::fflush(stdout);
    return figures.lost == 0 && figures.disordered == 0;
}

int run(const Arguments& arguments) {
    const auto workloads = chosen(arguments);
    for (const auto* workload : workloads) {
        const BenchOptions options = optionsFor(arguments, *workload);
        if (options.dialect == Dialect::V2 || options.rooms == 1) continue;
        if (arguments.words().size() == 1 && arguments.words()[0] != "all") {
            throw UsageError("the classic dialect has one room only");
        }
    }
    if (!arguments.flag("json")) std::fputs(harness::benchHead().c_str(), stdout);
    bool good = true;
    for (const auto* workload : workloads) {
        const BenchOptions options = optionsFor(arguments, *workload);
        if (options.dialect == Dialect::Classic && options.rooms > 1) continue;
        good = measureOne(arguments, *workload) && good;
    }
    return good ? kExitOk : kExitNotHeld;
}

const std::string& description() {
    static const std::string text = [] {
        std::string out =
            "Members talk (or drop files, or say nothing) while the server's processor time is\n"
            "counted; every member checks what it gets. Without --server one is started for each "
            "run.\nWorkloads (fan100 unless said otherwise; all: all of them):\n\n";
        for (const auto& each : harness::namedWorkloads()) {
            std::string line = "  " + std::string(each.name);
            line.resize(std::max<size_t>(line.size() + 1, 16), ' ');
            out += line + std::string(each.text) + "\n";
        }
        return out;
    }();
    return text;
}

}  // namespace

const Command& harnessBenchCommand() {
    static const Command command = define({
        .name = "harness bench",
        .usage = "[WORKLOAD...]",
        .summary = "measure what a server delivers and what it costs",
        .description = description().c_str(),
        .groups =
            {{"The load",
              {{.name = "dialect",
                .argument = "NAME",
                .fallback = "v2",
                .help = "v2 or classic, of all members"},
               {.name = "seconds", .argument = "N", .fallback = "3", .help = "that are measured"},
               {.name = "repeat",
                .argument = "N",
                .fallback = "1",
                .help = "runs of each workload; the medians are shown"},
               {.name = "rooms", .argument = "N", .help = "in place of the workload's"},
               {.name = "senders", .argument = "N", .help = "of each room"},
               {.name = "receivers", .argument = "N", .help = "of each room"},
               {.name = "size", .argument = "SIZE", .help = "of a message, 18 bytes or more"},
               {.name = "window",
                .argument = "N",
                .help = "messages of a sender that are not at everyone yet"},
               {.name = "rate", .argument = "N", .help = "messages a second, where it is paced"},
               {.name = "file-size", .argument = "SIZE", .help = "of a file"}}},
             {"The server",
              {{.name = "durability",
                .argument = "LEVEL",
                .fallback = "memory",
                .help = "memory, process or disk: of the server that is started"},
               {.name = "loops",
                .argument = "N",
                .fallback = "0",
                .help = "its I/O threads; 0: one per core"},
               {.name = "server",
                .argument = "HOST:PORT",
                .help = "measure this one; nothing is started"},
               {.name = "pid",
                .argument = "N",
                .help = "of the process whose cost is counted, with --server"}}},
             {"Output", {{.name = "json", .help = "a JSON object for each workload"}}}},
        .wordsMax = 32,
        .exits = {{kExitOk, "everything said was delivered, in order"},
                  {kExitNotHeld, "something was lost or out of order"},
                  {kExitNoServer, "no server, or it refused or stalled"}},
        .examples = "netchat harness bench fan100 room1010 --repeat 3\n"
                    "netchat harness bench fan100 --durability disk\n"
                    "netchat harness bench all --dialect classic --json\n",
        .run = run,
    });
    return command;
}

}  // namespace netchat::cmd
