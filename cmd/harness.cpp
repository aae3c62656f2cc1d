// `netchat harness`: many bots against a server, and a verdict on what it did to what they said.

#include <array>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <random>

#include "cmd/arguments.h"
#include "cmd/classic_format.h"
#include "cmd/commands.h"
#include "cmd/harness_faults.h"
#include "cmd/harness_log.h"
#include "cmd/harness_simulate.h"
#include "cmd/standard_output.h"
#include "harness/faults/schedule.h"
#include "harness/journal/journal_text.h"
#include "harness/judge/checker.h"
#include "harness/report/report.h"
#include "harness/run/runner.h"
#include "harness/run/worker.h"
#include "modes/net/make_charset.h"
#include "protocol/shell_word.h"
#include "protocol/text_safety.h"

namespace netchat::cmd {

namespace {

using harness::RunOptions;
using harness::WorkloadOptions;

constexpr int64_t kAnyCount = INT32_MAX;

// Those that make a run what it is: the command that repeats it names them.
constexpr std::array kRepeated = {
    "bots",          "messages",   "rooms",  "files",           "file-size", "size",
    "classic-share", "rate",       "window", "churn",           "server",    "header",
    "encoding",      "timeout",    "stall",  "allow-strangers", "faults",    "settle",
    "data",          "durability", "log",    "standby-node"};

// Four digits, other ones in each run.
std::string randomTag() {
    std::array<char, 5> text{};
    std::snprintf(text.data(), text.size(), "%04x", std::random_device()() & 0xFFFFU);
    return text.data();
}

uint64_t seedOf(const Arguments& arguments) {
    if (!arguments.given("seed")) return std::random_device()();
    const std::string text = arguments.text("seed");
    uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    if (error != std::errc() || end != text.data() + text.size()) {
        arguments.reject("seed", "must be a whole number from 0 to 18446744073709551615");
    }
    return seed;
}

double decimalOf(const Arguments& arguments, const char* option) {
    const std::string text = arguments.text(option);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        arguments.reject(option, "must be a number, such as 0.25");
    }
    return value;
}

uint32_t countOf(const Arguments& arguments, const char* option) {
    return static_cast<uint32_t>(arguments.number(option, 0, kAnyCount));
}

// Charsets that hold every text; in others all texts are ASCII.
bool holdsEverything(const std::string& encoding) {
    const auto charset = net::makeCharset(encoding);
    constexpr std::string_view kHard = "привет 日本語 עברית 😀 ñ…—";
    std::string there, back;
    const auto text = charset->toUtf8(charset->fromUtf8(kHard, there), back);
    return text && *text == kHard;
}

WorkloadOptions workloadOptions(const Arguments& arguments) {
    WorkloadOptions out;
    out.seed = seedOf(arguments);
    out.bots = countOf(arguments, "bots");
    out.messages = countOf(arguments, "messages");
    out.rooms = countOf(arguments, "rooms");
    out.files = countOf(arguments, "files");
    out.fileBytes = arguments.sizeBytes("file-size");
    out.textBytes = arguments.sizeBytes("size");
    out.classicShare = decimalOf(arguments, "classic-share");
    out.perSecond = decimalOf(arguments, "rate");
    out.window = countOf(arguments, "window");
    out.churn = countOf(arguments, "churn");
    out.spreadFiles = arguments.has("faults");
    if (arguments.has("server")) out.nickTag = "-" + randomTag();
    out.asciiOnly = out.classicShare > 0 && !holdsEverything(readClassicFormat(arguments).encoding);
    return out;
}

bool isFlag(std::string_view option) {
    return option == "allow-strangers" || option == "standby-node";
}

// The options that repeat a run, in words.
std::vector<std::string> workerWords(const Arguments& arguments, uint64_t seed) {
    std::vector<std::string> out = {"harness"};
    for (const char* option : kRepeated) {
        if (!arguments.given(option)) continue;
        out.push_back(std::string("--") + option);
        if (isFlag(option)) continue;
        out.push_back(arguments.text(option));
    }
    out.insert(out.end(), {"--seed", std::to_string(seed)});
    return out;
}

std::string commandOf(const Arguments& arguments, uint64_t seed) {
    std::string out = "netchat";
    for (const std::string& word : workerWords(arguments, seed))
        out += " " + shellWord(word).value_or("WORD");
    return out;
}

RunOptions runOptions(const Arguments& arguments, uint64_t seed) {
    RunOptions out;
    if (arguments.has("server")) {
        const auto server = net::parseHostPort(arguments.text("server"));
        if (!server) arguments.refuse("server", server.error());
        out.server = *server;
    }
    const ClassicFormat format = readClassicFormat(arguments);
    out.headerWidth = format.headerWidth;
    out.encoding = format.encoding;
    out.timeoutMs = arguments.durationMs("timeout");
    out.stallMs = arguments.durationMs("stall");
    out.settleMs = arguments.durationMs("settle");
    out.verbose = arguments.flag("verbose");
    if (arguments.has("data")) out.data = arguments.text("data");
    if (arguments.has("durability")) out.durability = arguments.text("durability");
    readHarnessLog(arguments, out);
    out.keepFolder = arguments.flag("keep");
    out.allowStrangers = arguments.flag("allow-strangers");
    out.command = commandOf(arguments, seed);
    out.workerArguments = workerWords(arguments, seed);
    out.workerArguments.insert(out.workerArguments.begin() + 1, "worker");
    return out;
}

bool writeFile(const std::string& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    if (!out) std::fprintf(stderr, "netchat harness: %s cannot be written\n", path.c_str());
    return static_cast<bool>(out);
}

bool writeJournalFile(const std::string& path, const harness::Journal& journal) {
    std::ofstream out(path, std::ios::binary);
    harness::writeJournal(out, journal);
    out.close();
    if (!out) std::fprintf(stderr, "netchat harness: %s cannot be written\n", path.c_str());
    return static_cast<bool>(out);
}

// Prints and writes all that was asked for; the exit code is the verdict's.
int reportJournal(const Arguments& arguments, const harness::Journal& journal) {
    const harness::Verdict verdict = harness::check(journal);
    const std::string table = tableReport(journal, verdict);
    const int printed = printOut("netchat harness", table);
    bool written = true;
    if (arguments.has("report-json")) {
        written = writeFile(arguments.text("report-json"), jsonReport(journal, verdict)) && written;
    }
    if (arguments.has("report-junit")) {
        written =
            writeFile(arguments.text("report-junit"), junitReport(journal, verdict)) && written;
    }
    if (!written) return kExitOurFault;
    return printed != kExitOk ? printed : exitCode(verdict.outcome);
}

int judge(const Arguments& arguments) {
    const auto& words = arguments.words();
    if (words.size() != 2 || words[0] != "check") {
        throw UsageError("usage: netchat harness [options], or: netchat harness check JOURNAL");
    }
    std::ifstream in(words[1], std::ios::binary);
    if (!in) throw UsageError(forLog(words[1]) + " cannot be read", kExitBadInput);
    const auto journal = harness::readJournal(in);
    if (!journal) throw UsageError(forLog(words[1]) + ": " + journal.error().text, kExitBadInput);
    return reportJournal(arguments, *journal);
}

int reportRun(const Arguments& arguments, harness::RunResult& result) {
    if (result.trouble != harness::RunResult::Trouble::None) {
        std::fprintf(stderr, "netchat harness: %s\n", result.text.c_str());
        return result.trouble == harness::RunResult::Trouble::NoServer ? kExitNoServer
                                                                       : kExitOurFault;
    }
    bool written = true;
    if (arguments.has("journal")) {
        written = writeJournalFile(arguments.text("journal"), result.journal);
    }
    const int code = reportJournal(arguments, result.journal);
    if (code != kExitOk && !result.serverComplaints.empty()) {
        std::fprintf(stderr, "the last lines of the server's log:%s\n",
                     result.serverComplaints.c_str());
    }
    if (!result.folder.empty()) {
        std::fprintf(stderr, "harness: kept %s\n", result.folder.c_str());
    }
    if (result.signal != 0) return 128 + result.signal;
    return written ? code : static_cast<int>(kExitOurFault);
}

int runHarness(const Arguments& arguments) {
    // A process of bots of another harness; that one alone starts it.
    const bool worker = arguments.words() == std::vector<std::string>{"worker"};
    if (!arguments.words().empty() && arguments.words()[0] == "simulate") {
        return simulate(arguments);
    }
    if (!arguments.words().empty() && !worker) return judge(arguments);
    const WorkloadOptions options = workloadOptions(arguments);
    const auto workload = harness::plan(options);
    if (!workload) throw UsageError(workload.error().text);
    RunOptions how = runOptions(arguments, options.seed);
    how.faults = faultsOf(arguments, options);
    if (worker) return harness::runWorker(*workload, how);
    std::fprintf(stderr, "harness: %s\n", how.command.c_str());
    if (!how.faults.empty()) {
        std::fprintf(stderr, "harness: %s\n", harness::scheduleText(how.faults).c_str());
    }
    for (size_t i = 0; how.verbose && i < how.faults.size(); ++i) {
        std::fprintf(stderr, "planned: %s\n", harness::stepText(how.faults[i]).c_str());
    }
    harness::RunResult result = harness::runWorkload(*workload, how);
    return reportRun(arguments, result);
}

}  // namespace

const Command& harnessCommand() {
    static const Command command = define({
        .name = "harness",
        .usage = "[ACTION]",
        .summary = "test a server with many bots and judge the result",
        .description =
            "Starts a server, or uses the one of --server, and lets bots of both protocols talk "
            "and share files there. Each bot records what it sends and receives in a journal. A "
            "checker then decides whether messages or files were lost, duplicated, corrupted, "
            "reordered or delivered to the wrong people.",
        .actions = {{"check JOURNAL", "Judge a journal that --journal has written."},
                    {"simulate",
                     "Run the server's code with simulated clients, networks and disks, without "
                     "sockets. A seed repeats a run exactly."},
                    {"bench", "Measure throughput and cost: netchat harness bench --help."},
                    {"hostile", "Attack a server: netchat harness hostile --help."},
                    {"floor", "Serve the baseline of bench: netchat harness floor --help."}},
        .groups =
            {{"Workload",
              {{.name = "bots", .argument = "N", .fallback = "10", .help = "Number of bots."},
               {.name = "messages",
                .argument = "N",
                .fallback = "20",
                .help = "Messages that each bot sends."},
               {.name = "files",
                .argument = "N",
                .fallback = "0",
                .help = "Files that the bots upload, in total."},
               {.name = "file-size",
                .argument = "SIZE",
                .fallback = "1MiB",
                .help = "Size of each file."},
               {.name = "size",
                .argument = "SIZE",
                .fallback = "64",
                .help = "Size of each message."},
               {.name = "rooms",
                .argument = "N",
                .fallback = "1",
                .help = "Number of rooms, including the lobby, which every bot joins."},
               {.name = "classic-share",
                .argument = "SHARE",
                .fallback = "0",
                .help = "Share of the bots that use the classic protocol, 0 to 1."},
               {.name = "rate",
                .argument = "N",
                .fallback = "0",
                .help = "Messages per second of all bots together. 0: as fast as --window "
                        "allows."},
               {.name = "window",
                .argument = "N",
                .fallback = "8",
                .help = "Messages of one bot that can be unacknowledged at the same time."},
               {.name = "churn",
                .argument = "N",
                .fallback = "0",
                .help = "Bots that leave and come back while the others talk."},
               {.name = "seed",
                .argument = "N",
                .help = "Seed of all random choices. (default: a random one, which is printed)"}}},
             {"Server",
              {{.name = "server",
                .argument = "HOST:PORT",
                .help = "Server to test. (default: one that the harness starts)"},
               {.name = "allow-strangers", .help = "Tolerate messages from other users."},
               {.name = "data",
                .argument = "DIR",
                .help = "Data folder of the started server. (default: none, or a temporary folder "
                        "if a fault acts on the server)"},
               {.name = "durability",
                .argument = "LEVEL",
                .help = "Durability of the started server: memory, process or disk. (default: that "
                        "of netchat serve)"},
               kHarnessLogOption,
               kStandbyNodeOption,
               kHeaderOption,
               kEncodingOption}},
             faultOptions(),
             {"Run and report",
              {{.name = "timeout",
                .argument = "DURATION",
                .fallback = "120s",
                .help = "End the run after this time."},
               {.name = "stall",
                .argument = "DURATION",
                .fallback = "10s",
                .help = "End the run when nothing has happened for this long."},
               {.name = "report-json",
                .argument = "FILE",
                .help = "Write the verdict to FILE as JSON."},
               {.name = "report-junit",
                .argument = "FILE",
                .help = "Write the verdict to FILE as JUnit XML."},
               {.name = "journal",
                .argument = "FILE",
                .help = "Write everything the bots sent and received to FILE."},
               {.name = "keep", .help = "Keep the temporary folder of the run."}}},
             simulateOptions()},
        .wordsMax = 2,
        .exits = {{kExitOk, "PASS"},
                  {kExitNotHeld, "FAIL: a property does not hold"},
                  {kExitInconclusive, "INCONCLUSIVE: too little was observed to judge"},
                  {kExitNoServer, "the server did not start, or refused a bot"},
                  {kExitInterrupted, "Ctrl-C"},
                  {kExitTerminated, "SIGTERM"}},
        .examples = "netchat harness --bots 200 --messages 50 --files 5 --classic-share 0.25\n"
                    "netchat harness --server 192.168.1.20:6121 --journal run.jsonl\n"
                    "netchat harness check run.jsonl\n"
                    "netchat harness --bots 100 --files 10 --faults kill-server=50,cut=100\n",
        .run = runHarness,
    });
    return command;
}

}  // namespace netchat::cmd
