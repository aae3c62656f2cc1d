// `netchat harness bench`: what a server delivers, and what that costs it.

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <vector>

#include "cmd/arguments.h"
#include "cmd/bench_server.h"
#include "cmd/commands.h"
#include "cmd/harness_log.h"
#include "harness/bench/bench_report.h"
#include "harness/bench/floor.h"
#include "harness/bench/stamp.h"
#include "harness/bench/workloads.h"
#include "harness/run/progress.h"
#include "protocol/nearest.h"
#include "protocol/text_safety.h"

namespace netchat::cmd {

namespace {

using harness::BenchFigures;
using harness::BenchOptions;
using Kind = BenchOptions::Kind;

struct Wire {
    std::string_view name;
    Dialect dialect;
    bool tls;
};
constexpr Wire kWires[] = {{"v2", Dialect::V2, false},
                           {"v2-tls", Dialect::V2, true},
                           {"classic", Dialect::Classic, false},
                           {"classic-tls", Dialect::Classic, true}};

constexpr int64_t kMembersMax = 1'000'000;
constexpr int64_t kLoopsMax = 64;

double decimalAtLeast(const Arguments& arguments, const char* option, double min) {
    const std::string text = arguments.text(option);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= min)) {
        arguments.reject(option,
                         "must be a number of at least " + std::to_string(min).substr(0, 4));
    }
    return value;
}

// Thousands of members need as many descriptors, in the server, too, which inherits the limit.
// (main() has raised it as far as it may be.)
rlim_t membersMax() {
    constexpr rlim_t kBesides = 100;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return static_cast<rlim_t>(kMembersMax);
    }
    return limit.rlim_cur > kBesides ? limit.rlim_cur - kBesides : 0;
}

// As many rooms as there are descriptors for: what it costs does not hang on the last of them.
void fitRooms(BenchOptions& options) {
    const size_t most = membersMax() / (options.senders + options.receivers);
    options.rooms = std::clamp<size_t>(most, 1, options.rooms);
}

// What the user says beats what the workload's name says.
BenchOptions optionsFor(const Arguments& arguments, const harness::NamedWorkload& workload,
                        const Wire& wire) {
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
    if (arguments.has("rate")) out.perSecond = decimalAtLeast(arguments, "rate", 0.1);
    out.seconds = decimalAtLeast(arguments, "seconds", 0.1);
    out.warmupSeconds = std::min(out.warmupSeconds, out.seconds / 4);
    out.dialect = wire.dialect;
    out.tls = wire.tls;
    if (!arguments.has("rooms")) fitRooms(out);
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
        throw UsageError("unknown workload '" + forLog(word) + "'" +
                         (near.empty() ? "" : "; did you mean " + std::string(near) + "?") +
                         " (netchat harness bench --help lists the workloads)");
    }
    if (out.empty()) out.push_back(harness::findWorkload("fan100"));
    return out;
}

void checkDescriptorLimit(const BenchOptions& options) {
    const size_t members = options.rooms * (options.senders + options.receivers);
    if (members <= membersMax()) return;
    throw UsageError(std::to_string(members) + " members need more descriptors than this process" +
                     " may have (ulimit -n), which is enough for " + std::to_string(membersMax()));
}

// "1,2" and the like, each checked.
std::vector<std::string> eachListed(const Arguments& arguments, const char* option) {
    std::vector<std::string> out;
    std::istringstream text(arguments.text(option));
    for (std::string each; std::getline(text, each, ',');) out.push_back(each);
    if (out.empty()) out.emplace_back();
    return out;
}

std::vector<Wire> wiresOf(const Arguments& arguments) {
    std::vector<Wire> out;
    for (const std::string& name : eachListed(arguments, "dialect")) {
        const auto known = std::find_if(std::begin(kWires), std::end(kWires),
                                        [&](const Wire& wire) { return wire.name == name; });
        if (known == std::end(kWires)) {
            arguments.reject("dialect",
                             "must be v2, v2-tls, classic, classic-tls or several "
                             "of them, such as v2,v2-tls");
        }
        out.push_back(*known);
    }
    return out;
}

std::vector<std::string> loopsOf(const Arguments& arguments) {
    if (arguments.has("server")) return {"-"};
    const auto out = eachListed(arguments, "loops");
    for (const std::string& text : out) {
        int64_t value = -1;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        const bool whole = error == std::errc() && end == text.data() + text.size();
        if (!whole || value < 0 || value > kLoopsMax) {
            arguments.reject("loops", "must be numbers of 0 to " + std::to_string(kLoopsMax));
        }
    }
    return out;
}

harness::BenchResult measureOn(const BenchServer& under, std::string_view workload,
                               BenchOptions options) {
    options.server = under.address;
    options.serverProcess = under.process;
    auto result = harness::measure(options);
    if (result) return std::move(*result);
    throw UsageError(std::string(workload) + ": " + result.error().text, kExitNoServer);
}

BenchFigures runOnce(BenchServer under, std::string_view workload, const BenchOptions& options) {
    BenchFigures alone;
    if (options.transfers > 0) {
        BenchOptions without = options;
        without.transfers = 0;
        alone = figuresOf(without, measureOn(under, workload, without));
    }
    BenchFigures figures = figuresOf(options, measureOn(under, workload, options));
    figures.aloneP99Us = alone.p99Us;
    under.stop();
    return figures;
}

// The program's output, one line at a time.
class Output {
  public:
    explicit Output(const Arguments& arguments)
        : json_(arguments.flag("json")),
          markdown_(arguments.flag("markdown")),
          floor_(arguments.flag("floor")) {
        if (json_ && markdown_) throw UsageError("use either --json or --markdown");
        if (json_) return;
        print(markdown_ ? harness::benchMarkdownHead(floor_) : harness::benchHead(floor_));
    }
    void add(const harness::BenchSubject& subject, const BenchOptions& options,
             const BenchFigures& figures) const {
        print(json_       ? benchJson(subject, options, figures)
              : markdown_ ? benchMarkdownLine(subject, options, figures, floor_)
                          : benchLine(subject, options, figures, floor_));
    }

  private:
    static void print(const std::string& text) {
        std::fputs(text.c_str(), stdout);
        std::fflush(stdout);
    }
    bool json_, markdown_, floor_;
};

// One line of the output: what is measured, as often as it is told.
struct Subject {
    const harness::NamedWorkload* workload;
    BenchOptions options;
    std::string durability;
    std::string loops;  // empty: the floor
    std::vector<BenchFigures> runs;

    bool isFloor() const { return loops.empty(); }
    harness::BenchSubject said() const {
        return {std::string(workload->name), isFloor() ? "floor" : durability,
                isFloor() ? "-" : loops};
    }
};

std::vector<Subject> subjectsOf(const Arguments& arguments, const harness::NamedWorkload& workload,
                                const std::vector<Wire>& wires) {
    const std::string durability = arguments.has("server")   ? "-"
                                   : isOnPostgres(arguments) ? "postgres"
                                                             : arguments.text("durability");
    std::vector<Subject> out;
    for (const Wire& wire : wires) {
        const BenchOptions options = optionsFor(arguments, workload, wire);
        if (options.dialect == Dialect::Classic && options.rooms > 1) continue;
        checkDescriptorLimit(options);
        for (const std::string& loops : loopsOf(arguments)) {
            out.push_back({&workload, options, durability, loops, {}});
        }
        if (arguments.flag("floor") && harness::floorServes(options)) {
            out.push_back({&workload, options, durability, {}, {}});
        }
    }
    return out;
}

// What one loop could deliver more if it were these, and if the machine had cores enough.
void saySpread(const Subject& one, const BenchFigures& figures, const BenchFigures& ofOne,
               const Subject& more) {
    if (figures.busiestThreadNs <= 0) return;
    std::fprintf(stderr, "%s loops for %s: %.2f times as much, by the busiest thread\n",
                 more.loops.c_str(), one.loops.c_str(),
                 ofOne.busiestThreadNs / figures.busiestThreadNs);
}

// Servers to compare take turns, so that what else the machine does is no one's alone.
// True when nothing was lost or out of order.
bool measureOne(const Arguments& arguments, std::vector<Subject> subjects, const Output& output) {
    const int64_t repeat = arguments.number("repeat", 1, 1000);
    harness::Progress progress;
    for (int64_t run = 1; run <= repeat; ++run) {
        progress.say(std::string(subjects[0].workload->name) + ": run " + std::to_string(run) +
                     " of " + std::to_string(repeat));
        for (Subject& each : subjects) {
            each.runs.push_back(runOnce(each.isFloor() ? startBenchFloor(arguments)
                                                       : startBenchServer(arguments, each.loops),
                                        each.workload->name, each.options));
        }
    }
    const auto sameWire = [](const Subject& a, const Subject& b) {
        return a.options.dialect == b.options.dialect && a.options.tls == b.options.tls;
    };
    bool good = true;
    for (const Subject& each : subjects) {
        BenchFigures figures = harness::medianOf(each.runs);
        good = good && figures.lost == 0 && figures.disordered == 0;
        const auto first =
            std::find_if(subjects.begin(), subjects.end(),
                         [&](const Subject& other) { return sameWire(other, each); });
        for (const Subject& other : subjects) {
            if (!each.isFloor() && other.isFloor() && sameWire(other, each)) {
                figures.floorNs = harness::medianOf(other.runs).serverNs;
            }
        }
        output.add(each.said(), each.options, figures);
        if (&*first != &each && !each.isFloor()) {
            saySpread(*first, figures, harness::medianOf(first->runs), each);
        }
    }
    return good;
}

int runBench(const Arguments& arguments) {
    refuseWithLog(arguments);
    const auto workloads = chosen(arguments);
    const auto wires = wiresOf(arguments);
    std::vector<std::vector<Subject>> all;
    for (const auto* workload : workloads) {
        if (auto subjects = subjectsOf(arguments, *workload, wires); !subjects.empty()) {
            all.push_back(std::move(subjects));
        }
    }
    if (all.empty())
        throw UsageError("the classic protocol has only one room; choose another workload");
    const Output output(arguments);
    bool good = true;
    for (auto& subjects : all) good = measureOne(arguments, std::move(subjects), output) && good;
    return good ? kExitOk : kExitNotHeld;
}

std::vector<ActionNote> workloadNotes() {
    std::vector<ActionNote> notes;
    for (const auto& each : harness::namedWorkloads()) {
        notes.push_back({std::string(each.name), std::string(each.text)});
    }
    notes.push_back({"all", "all of these"});
    return notes;
}

}  // namespace

const Command& harnessBenchCommand() {
    static const Command command = define({
        .name = "harness bench",
        .usage = "[WORKLOAD...]",
        .summary = "measure what a server delivers and what it costs",
        .description =
            "Runs workloads and measures messages per second, latency and the server's processor "
            "time per delivery. Every receiver checks that nothing is lost or out of order. "
            "Without --server, a server is started for each run. The default workload is fan100.",
        .actionsTitle = "Workloads",
        .actions = workloadNotes(),
        .groups =
            {{"Load",
              {{.name = "repeat",
                .argument = "N",
                .fallback = "1",
                .help = "Run each workload N times and show the medians."},
               {.name = "seconds",
                .argument = "N",
                .fallback = "3",
                .help = "How long to measure, in seconds."},
               {.name = "dialect",
                .argument = "NAME",
                .fallback = "v2",
                .help = "Protocol: v2, v2-tls, classic or classic-tls. Several, such as v2,v2-tls, "
                        "take turns."}}},
             {"Changes to the workload",
              {{.name = "rooms", .argument = "N", .help = "Number of rooms."},
               {.name = "senders", .argument = "N", .help = "Senders in each room."},
               {.name = "receivers", .argument = "N", .help = "Receivers in each room."},
               {.name = "size",
                .argument = "SIZE",
                .help = "Size of a message, at least 18 bytes."},
               {.name = "window",
                .argument = "N",
                .help = "Messages of one sender that can be undelivered at the same time."},
               {.name = "rate",
                .argument = "N",
                .help = "Messages per second, in workloads with a fixed rate."},
               {.name = "file-size", .argument = "SIZE", .help = "Size of a file."}}},
             {"Server",
              {{.name = "durability",
                .argument = "LEVEL",
                .fallback = "memory",
                .help = "Durability of the started server: memory, process or disk."},
               kHarnessLogOption,
               {.name = "loops",
                .argument = "N",
                .fallback = "0",
                .help = "I/O threads of the started server, as in netchat serve. Several, such as "
                        "1,2, take turns."},
               {.name = "floor",
                .help = "Also measure netchat harness floor, the least that a server can do."},
               {.name = "own-core",
                .help = "Run the load on the last core and the server on the others."},
               {.name = "server",
                .argument = "HOST:PORT",
                .help = "Measure this server and start none."},
               {.name = "pid",
                .argument = "N",
                .help = "With --server: the process whose processor time is measured."}}},
             {"Output",
              {{.name = "json", .help = "Print one JSON object for each workload."},
               {.name = "markdown", .help = "Print a Markdown table."}}}},
        .wordsMax = 32,
        .exits = {{kExitOk, "every message was delivered, in order"},
                  {kExitNotHeld, "a message was lost or out of order"},
                  {kExitNoServer, "no server, or it refused or stalled"}},
        .examples = "netchat harness bench fan100 room1010 --repeat 3\n"
                    "netchat harness bench fan100 rooms200x10 --loops 1,2 --floor\n"
                    "netchat harness bench all --dialect v2,classic --repeat 3 --markdown\n",
        .run = runBench,
    });
    return command;
}

}  // namespace netchat::cmd
