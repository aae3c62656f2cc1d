// `netchat harness hostile`: attacks on a server, beside people who notice when it fails them.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "cmd/arguments.h"
#include "cmd/classic_format.h"
#include "cmd/commands.h"
#include "cmd/standard_output.h"
#include "harness/hostile/suite_report.h"
#include "harness/run/child_server.h"
#include "harness/run/run_folder.h"
#include "modes/net/address.h"
#include "protocol/nearest.h"
#include "protocol/text_safety.h"

namespace netchat::cmd {

namespace {

namespace hostile = harness::hostile;
using hostile::Attack;

constexpr int64_t kVictimStopMs = 20'000;

// The server under attack, if it was started here.
struct Victim {
    std::unique_ptr<harness::RunFolder> folder = std::make_unique<harness::RunFolder>();
    std::unique_ptr<harness::ChildServer> child;
};

std::vector<const Attack*> namedAttacks(const Arguments& arguments) {
    std::vector<const Attack*> out;
    for (const std::string& wanted : arguments.list("case")) {
        const Attack* const found = hostile::findAttack(wanted);
        if (found) {
            out.push_back(found);
            continue;
        }
        std::vector<std::string_view> names;
        for (const Attack& attack : hostile::allAttacks()) names.push_back(attack.name);
        const auto near = nearestWord(wanted, names);
        throw UsageError("unknown attack '" + forLog(wanted) + "'" +
                         (near.empty() ? "" : "; did you mean " + std::string(near) + "?") +
                         " (netchat harness hostile --list)");
    }
    std::ranges::sort(out, {}, &Attack::number);
    return out;
}

std::vector<const Attack*> attacksOf(const Arguments& arguments) {
    const std::string dialect = arguments.oneOf("dialect", {"both", "v2", "classic"});
    if (arguments.has("case")) return namedAttacks(arguments);
    const std::string kind = arguments.has("kind")
                                 ? arguments.oneOf("kind", {"framing", "slow", "floods", "identity",
                                                            "transfers", "text", "resources"})
                                 : std::string();
    std::vector<const Attack*> out;
    for (const Attack& attack : hostile::allAttacks()) {
        const bool classic = attack.dialect == Dialect::Classic;
        if (dialect != "both" && classic != (dialect == "classic")) continue;
        // Of a server that speaks nothing else no more is asked than the original's protocol says.
        if (dialect == "classic" && attack.against != hostile::Against::Any) continue;
        if (!kind.empty() && hostile::kindName(attack.kind) != kind) continue;
        out.push_back(&attack);
    }
    return out;
}

Victim startVictim(const std::vector<std::string>& more, hostile::TargetOptions& target) {
    Victim victim;
    if (auto status = victim.folder->create({}); !status) {
        throw UsageError(status.error().text, kExitOurFault);
    }
    harness::ChildServer::Options options;
    options.folder = victim.folder->path();
    options.arguments = {"serve",
                         "--port",
                         "0",
                         "--data",
                         (options.folder / "data").string(),
                         "--header",
                         std::to_string(target.headerWidth),
                         "--encoding",
                         target.encoding,
                         "--max-file",
                         "64MiB"};
    options.arguments.insert(options.arguments.end(), more.begin(), more.end());
    auto started = harness::ChildServer::start(options);
    if (!started) throw UsageError(started.error().text, kExitNoServer);
    victim.child = std::move(*started);
    target.child = victim.child->pid();
    target.folder = options.folder;
    return victim;
}

uint64_t hostileSeed(const Arguments& arguments) {
    if (!arguments.given("seed")) return std::random_device()();
    return static_cast<uint64_t>(arguments.number("seed", 0, INT64_MAX));
}

bool writeReport(const std::string& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    if (!out) std::fprintf(stderr, "netchat harness hostile: %s cannot be written\n", path.c_str());
    return static_cast<bool>(out);
}

void printNow(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

int reportSuite(const Arguments& arguments, const hostile::SuiteResult& result,
                const hostile::SuiteOptions& options) {
    using State = hostile::AttackResult::State;
    const int printed = printOut("netchat harness hostile", summaryLine(result, options));
    const bool written =
        !arguments.has("junit") || writeReport(arguments.text("junit"), junitText(result));
    if (!written) return kExitOurFault;
    if (printed != kExitOk) return printed;
    if (result.count(State::Failed) > 0) return kExitNotHeld;
    const bool nothing = result.count(State::Skipped) == result.results.size();
    return nothing ? kExitInconclusive : kExitOk;
}

Poco::Net::SocketAddress resolved(const net::HostPort& server) {
    const auto address = net::resolve(server);
    if (!address) throw UsageError(address.error().text, kExitNoServer);
    return *address;
}

hostile::SuiteResult attack(const hostile::TargetOptions& where,
                            const hostile::SuiteOptions& options) {
    hostile::Target target(where);
    auto result = runPack(target, options, [](const hostile::AttackResult& each) {
        printNow(hostile::resultLine(each));
    });
    if (!result.noBystanders.empty()) {
        throw UsageError("the server refuses well-behaved users: " + result.noBystanders,
                         kExitNoServer);
    }
    return result;
}

// Adds to `all`. Empty, or how the server ended.
std::string attackVictim(hostile::TargetOptions where, hostile::SuiteOptions options,
                         const std::vector<std::string>& more, hostile::SuiteResult& all) {
    if (options.attacks.empty()) return {};
    const Victim victim = startVictim(more, where);
    where.server = resolved(victim.child->address());
    options.process = where.child;
    const auto result = attack(where, options);
    all.results.insert(all.results.end(), result.results.begin(), result.results.end());
    all.delivered += result.delivered;
    const std::string ended = victim.child->stop(kVictimStopMs);
    return ended.empty() ? ended : ended + victim.child->complaints();
}

int runHostile(const Arguments& arguments) {
    hostile::SuiteOptions options;
    options.attacks = attacksOf(arguments);
    if (arguments.flag("list")) {
        printNow(listText(options.attacks));
        return kExitOk;
    }
    hostile::TargetOptions where;
    const ClassicFormat format = readClassicFormat(arguments);
    where.headerWidth = format.headerWidth;
    where.encoding = format.encoding;
    where.seed = hostileSeed(arguments);
    options.p99Ms = arguments.durationMs("p99");
    if (arguments.oneOf("dialect", {"both", "v2", "classic"}) == "classic") {
        options.bystanders.classic += options.bystanders.v2;
        options.bystanders.v2 = 0;
    }
    where.tls = arguments.flag("tls");
    std::fprintf(stderr, "harness: hostile --seed %llu\n",
                 static_cast<unsigned long long>(where.seed));
    printNow(hostile::resultHead());
    hostile::SuiteResult result;
    std::string ended;
    if (arguments.has("server")) {
        const auto given = net::parseHostPort(arguments.text("server"));
        if (!given) arguments.refuse("server", given.error());
        if (arguments.has("pid")) {
            options.process = static_cast<pid_t>(arguments.number("pid", 1, INT32_MAX));
        }
        where.server = resolved(*given);
        result = attack(where, options);
    } else {
        // What an address may take is asked of a server that counts it.
        const auto begin = std::ranges::find(options.attacks, hostile::Kind::Resources,
                                             [](const Attack* each) { return each->kind; });
        const hostile::SuiteOptions both = options;
        const auto counted = begin - options.attacks.begin();
        options.attacks.resize(static_cast<size_t>(counted));
        ended = attackVictim(where, options, {}, result);
        options.attacks.assign(both.attacks.begin() + counted, both.attacks.end());
        ended += attackVictim(where, options, hostile::serverForResources(), result);
    }
    const int code = reportSuite(arguments, result, options);
    if (ended.empty()) return code;
    std::fprintf(stderr, "netchat harness hostile: the server: %s\n", ended.c_str());
    return code != kExitOk ? code : static_cast<int>(kExitNotHeld);
}

}  // namespace

const Command& harnessHostileCommand() {
    static const Command command = define({
        .name = "harness hostile",
        .summary = "attack a server while other users talk on it",
        .description =
            "Runs attacks of several kinds, one after the other, while ten well-behaved users talk "
            "in the lobby. The server must answer each attack correctly. The users must lose "
            "nothing and wait no longer than --p99. Afterwards memory, descriptors and processor "
            "time must return to normal.\n\n"
            "Without --server a server is started and all attacks are tried. Attack only servers "
            "that are yours.",
        .groups =
            {{"Attacks",
              {{.name = "list", .help = "List the attacks and what a server must do, and exit."},
               {.name = "case",
                .argument = "N|NAME",
                .help = "Run only this attack.",
                .repeatable = true},
               {.name = "kind",
                .argument = "KIND",
                .help = "Run only attacks of this kind: framing, slow, floods, identity, "
                        "transfers, text or resources."},
               {.name = "dialect",
                .argument = "NAME",
                .fallback = "both",
                .help = "Protocol of the attacks: v2, classic or both. classic: only attacks that "
                        "any server of the original protocol must withstand. All users then speak "
                        "it too."},
               {.name = "tls", .help = "Use TLS for the attacks and the users."},
               {.name = "seed",
                .argument = "N",
                .help = "Seed of all random choices. (default: a random one, which is "
                        "printed)"}}},
             {"Server",
              {{.name = "server",
                .argument = "HOST:PORT",
                .help = "Server to attack. (default: one that the harness starts)"},
               {.name = "pid",
                .argument = "N",
                .help = "Process id of a server on this machine, to judge its memory, descriptors "
                        "and processor time."},
               kHeaderOption,
               kEncodingOption}},
             {"Verdict",
              {{.name = "p99",
                .argument = "DURATION",
                .fallback = "100ms",
                .help = "99 % of the users' messages must arrive within this time."},
               {.name = "junit",
                .argument = "FILE",
                .help = "Write the verdict to FILE as JUnit XML."}}}},
        .exits = {{kExitOk, "PASS: the server withstood every attack"},
                  {kExitNotHeld, "FAIL: the server did not do what it must"},
                  {kExitInconclusive, "INCONCLUSIVE: no attack could be tried"},
                  {kExitNoServer, "no server, or it refused the users"}},
        .examples =
            "netchat harness hostile\n"
            "netchat harness hostile --kind transfers --junit hostile.xml\n"
            "netchat harness hostile --server 127.0.0.1:6121 --dialect classic --pid 4711\n",
        .run = runHostile,
    });
    return command;
}

}  // namespace netchat::cmd
