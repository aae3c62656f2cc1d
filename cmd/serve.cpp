// netchat serve: options into ServerOptions, the log to stderr, signals to an orderly end.

#include <Poco/Net/NetworkInterface.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "cmd/arguments.h"
#include "cmd/classic_format.h"
#include "cmd/commands.h"
#include "cmd/privileges.h"
#include "cmd/secrets.h"
#include "cmd/serve_limits.h"
#include "cmd/serve_reload.h"
#include "cmd/signals.h"
#include "cmd/state_folder.h"
#include "cmd/stderr_log.h"
#include "modes/net/address.h"
#include "modes/net/event_loop.h"
#include "modes/serve/server.h"

namespace netchat::cmd {

namespace {

StderrLog::Level readLevel(const Arguments& arguments) {
    const std::string level = arguments.oneOf("log-level", {"quiet", "notice", "detail"});
    if (level == "quiet") return StderrLog::Level::Quiet;
    return level == "detail" ? StderrLog::Level::Detail : StderrLog::Level::Notice;
}

store::Durability readDurability(const Arguments& arguments) {
    const std::string level = arguments.oneOf("durability", {"memory", "process", "disk"});
    if (level == "memory") return store::Durability::Memory;
    return level == "disk" ? store::Durability::Disk : store::Durability::Process;
}

std::string defaultData() {
    const auto folder = stateFolder();
    if (folder.empty()) {
        throw UsageError(
            "there is no home folder to keep rooms and files in: say where with --data DIR, or "
            "--data none to keep nothing");
    }
    return folder;
}

// The folder is made before the rights are gone, since the one above it is seldom that user's.
void runAs(const Arguments& arguments, serve::ServerOptions& options) {
    const auto user = findUser(arguments.text("user"));
    if (!user) throw UsageError("--user: " + user.error().text);
    if (!arguments.has("data")) {
        throw UsageError("--user goes with --data: name the folder that '" + user->name +
                         "' keeps rooms and files in, or none");
    }
    options.afterBind = [user = *user, data = options.data]() -> Status {
        if (!data.empty()) {
            if (auto made = makeFolderFor(user, data); !made) return made;
        }
        return become(user);
    };
}

// The name of an interface is taken for a host's.
[[noreturn]] void refuseAddress(const Arguments& arguments, const Error& error) {
    const std::string name = arguments.text("ip");
    for (const auto& [index, interface] : Poco::Net::NetworkInterface::map(true, false)) {
        if (interface.name() != name) continue;
        const auto& addresses = interface.addressList();
        std::string text = "'" + name + "' is an interface; give its address";
        if (!addresses.empty()) {
            text +=
                ", " + addresses.front().get<Poco::Net::NetworkInterface::IP_ADDRESS>().toString();
        }
        arguments.refuse("ip", {ErrorCode::BadText, text});
    }
    arguments.refuse("ip", error);
}

serve::ServerOptions readOptions(const Arguments& arguments) {
    serve::ServerOptions options;
    const auto address = net::resolve({arguments.text("ip"), arguments.port("port")});
    if (!address) refuseAddress(arguments, address.error());
    options.address = *address;
    const ClassicFormat format = readClassicFormat(arguments);
    options.headerWidth = format.headerWidth;
    options.encoding = format.encoding;
    options.fileBytesMax = arguments.sizeBytes("max-file");
    options.storeBytesMax = arguments.sizeBytes("store-size");
    options.announcedPerAddress = arguments.sizeBytes("announced-per-address");
    const std::string data = arguments.has("data") ? arguments.text("data") : defaultData();
    if (data != "none") options.data = data;
    if (data == "none" && !stateFolder().empty()) options.identity = stateFolder() + "/identity";
    options.durability = readDurability(arguments);
    options.retention.ageMs = arguments.durationMs("keep");
    const auto sizeOrByDisk = [&arguments](const char* option) {
        return arguments.has(option) ? arguments.sizeBytes(option) : store::Retention::kByDisk;
    };
    options.retention.bytes = sizeOrByDisk("keep-size");
    options.retention.allBytes = sizeOrByDisk("log-size");
    options.nickLeaseMs = arguments.durationMs("nick-lease");
    options.tlsCertificate = arguments.has("tls-cert") ? arguments.text("tls-cert") : "";
    options.tlsKey = arguments.has("tls-key") ? arguments.text("tls-key") : "";
    if (options.tlsCertificate.empty() != options.tlsKey.empty()) {
        throw UsageError("--tls-cert and --tls-key go together");
    }
    options.classicForAll = arguments.flag("classic");
    if (arguments.has("user")) runAs(arguments, options);
    options.limits = readLimits(arguments);
    if (arguments.has("password-file")) {
        options.password = readSecretFile("password-file", arguments.text("password-file"));
        const auto good = serve::PasswordGate::of(options.password);
        if (!good) throw UsageError("--password-file: " + good.error().text);
    }
    options.graceMs = arguments.durationMs("grace");
    const auto loops = static_cast<size_t>(arguments.number("loops", 0, 64));
    options.loops = loops > 0 ? loops : std::max(1U, std::thread::hardware_concurrency() / 2);
    return options;
}

// What the others paste. An address that stands for all of them is replaced by one that reaches it.
std::string pasteLine(const serve::Server& server) {
    auto host = server.address().host();
    if (host.isWildcard()) {
        for (const auto& [index, interface] : Poco::Net::NetworkInterface::map(true, false)) {
            for (const auto& address : interface.addressList()) {
                const auto& own = address.get<Poco::Net::NetworkInterface::IP_ADDRESS>();
                if (host.isWildcard() && !own.isLoopback() && !own.isLinkLocal()) host = own;
            }
        }
    }
    if (host.isWildcard()) host = Poco::Net::IPAddress("127.0.0.1");
    return "netchat connect netchat://" + net::toText({host, server.address().port()}) + "/lobby#" +
           server.fingerprint();
}

// Runs until it is told to end: the first signal, or an operator, ends it in order; a second signal
// ends the process at once. SIGHUP reads the settings again.
class Running {
  public:
    Running(const Arguments& arguments, StderrLog& log, net::EventLoop& loop)
        : arguments_(arguments), log_(log), loop_(loop) {}

    int run() {
        serve::ServerOptions options = readOptions(arguments_);
        options.onDrained = [this] { loop_.post([this] { stop(); }); };
        options.onReload = [this](serve::ReloadRequest request) {
            loop_.post([this, request = std::move(request)] { reloader_->reload(request); });
        };
        auto server = serve::Server::create(std::move(options), log_);
        if (!server) {
            std::fprintf(stderr, "netchat serve: %s\n", server.error().text.c_str());
            return kExitNoServer;
        }
        server_ = std::move(*server);
        if (::geteuid() == 0 && !arguments_.has("user")) {
            log_.notice(
                "running as root, so that whoever breaks in has the machine: name a user who may "
                "not do everything with --user NAME --data DIR");
        }
        reloader_.emplace(arguments_, readOptions, readLevel, *server_, log_);
        server_->start();
        std::printf("netchat listening on %s\n%s\n", net::toText(server_->address()).c_str(),
                    pasteLine(*server_).c_str());
        std::fflush(stdout);
        loop_.run();
        return kExitOk;
    }

    void signalled(int signal) {
        if (signal == SIGHUP) {
            if (!stopping_) reloader_->reload({0, "SIGHUP"});
        } else if (stopping_) {
            std::_Exit(signal == SIGINT ? kExitInterrupted : kExitTerminated);
        } else {
            stop();
        }
    }

  private:
    void stop() {
        if (std::exchange(stopping_, true)) return;
        log_.notice("stopping; a second signal ends at once");
        server_->beginStop();
        lookWhetherFinished();
    }
    void lookWhetherFinished() {
        constexpr int64_t kLookMs = 10;
        if (server_->finished()) return loop_.stop();
        loop_.after(kLookMs, [this] { lookWhetherFinished(); });
    }

    const Arguments& arguments_;
    StderrLog& log_;
    net::EventLoop& loop_;
    std::unique_ptr<serve::Server> server_;
    std::optional<Reloader> reloader_;
    bool stopping_ = false;
};

int run(const Arguments& arguments) {
    if (arguments.has("make-password")) {
        makePasswordFile(arguments.text("make-password"));
        return kExitOk;
    }
    net::EventLoop loop;
    std::optional<Running> running;
    // Before any thread, so that all inherit what is blocked.
    const SignalWatcher signals(loop, [&running](int signal) { running->signalled(signal); });
    StderrLog log(readLevel(arguments));
    running.emplace(arguments, log, loop);
    const int exit = running->run();
    // The server may log to the end.
    running.reset();
    return exit;
}

}  // namespace

const Command& serveCommand() {
    static const Command command = define({
        .name = "serve",
        .summary = "run a server",
        .description =
            "Serves the classic and the v2 dialect on one port. The first line on stdout, "
            "\"netchat listening on HOST:PORT\", says that connections are accepted; the second is "
            "for "
            "the others to paste. TLS is spoken on the same port; bound to this machine only, v2 "
            "and the classic dialect are served in plain, too. SIGTERM and "
            "SIGINT let what is on its way arrive, tell the clients, and end with 0; a second "
            "signal ends at once. SIGHUP reads the configuration file, the certificate and the "
            "password file again, and cuts no connection: what has changed is in the log, and "
            "nothing has where something does not fit. (netchat ctl reload does the same.)",
        .groups =
            {{"Where",
              {{.name = "ip",
                .argument = "ADDRESS",
                .fallback = "127.0.0.1",
                .help = "the address to listen on; :: for all, IPv6 and IPv4",
                .environment = "IP"},
               {.name = "port",
                .shortName = "p",
                .argument = "PORT",
                .fallback = "6121",
                .help = "the port to listen on; 0 takes a free one",
                .environment = "PORT"}}},
             {"Trust",
              {{.name = "tls-cert",
                .argument = "FILE",
                .help = "a certificate and its chain (PEM) that clients check by name (default: "
                        "one of its own, made in the data folder, known by its fingerprint; with "
                        "--data none in $XDG_STATE_HOME/netchat/identity)"},
               {.name = "tls-key",
                .argument = "FILE",
                .help = "its key (PEM), which only its owner may write, as the data folder",
                .secret = true},
               {.name = "password-file",
                .argument = "FILE",
                .help = "who knows the password may come in; FILE is made by --make-password",
                .secret = true},
               {.name = "make-password",
                .argument = "FILE",
                .help =
                    "ask for a password (or read it from stdin), write what it is known by to a "
                    "new file, and end",
                .secret = true},
               {.name = "classic",
                .help = "serve the classic dialect, which has no encryption, also where others "
                        "than this machine can reach it"}}},
             {"Classic dialect", {kHeaderOption, kEncodingOption}},
             {"What lasts",
              {{.name = "data",
                .argument = "DIR",
                .help = "the folder for rooms, users and files, one server's at a time; none: they "
                        "end with the server (default: $XDG_STATE_HOME/netchat, else "
                        "~/.local/state/netchat)"},
               {.name = "durability",
                .argument = "LEVEL",
                .fallback = "process",
                .help = "what a message that was shown to anyone survives: the end of the process "
                        "(kill -9), disk: also of the machine, memory: neither; files stay in the "
                        "folder in any case. With --data none it is memory"},
               {.name = "keep",
                .argument = "DURATION",
                .fallback = "0",
                .help = "messages older than this are forgotten, such as 90d; 0: never, since it "
                        "is size that fills a disk"},
               {.name = "keep-size",
                .argument = "SIZE",
                .help = "the oldest messages of a room whose texts are more than this are "
                        "forgotten; 0: never (default: 1GiB, or half of the default of --log-size "
                        "where that is less)"},
               {.name = "log-size",
                .argument = "SIZE",
                .help = "when all rooms together have more than this, 64 bytes counted for each "
                        "message beside its text, the oldest messages of the largest room are "
                        "forgotten; 0: never (default: a tenth of the disk, at most 8GiB; a log "
                        "that has more already is kept, and grows no more)"}}},
             {"Limits",
              {{.name = "nick-lease",
                .argument = "DURATION",
                .fallback = "30d",
                .help =
                    "a nick is its first user's until it was unused for so long; 0: until "
                    "they leave. Where users last: not with --data none or --durability memory"},
               {.name = "max-file",
                .argument = "SIZE",
                .fallback = "2GiB",
                .help = "the largest file that is taken"},
               {.name = "store-size",
                .argument = "SIZE",
                .fallback = "8GiB",
                .help = "what is kept of files in all; cut uploads go first, then files of which "
                        "no kept message speaks, then the longest unused"},
               {.name = "announced-per-address",
                .argument = "SIZE",
                .fallback = "0",
                .help = "what one address may announce of files and not have sent yet; 0: a "
                        "quarter of --store-size"}}},
             limitOptions(),
             {"Running",
              {{.name = "user",
                .argument = "NAME",
                .help = "once the port is bound, go on as this user; needs root, and --data"},
               {.name = "grace",
                .argument = "DURATION",
                .fallback = "5s",
                .help = "how long what is on its way may take at the end"},
               {.name = "loops",
                .argument = "N",
                .fallback = "0",
                .help = "I/O threads; 0: one for each two cores, since the hub, the disk's threads "
                        "and the kernel want theirs"},
               {.name = "log-level",
                .argument = "LEVEL",
                .fallback = "notice",
                .help = "quiet, notice or detail, on stderr"}}}},
        .exits = {{kExitOk, "ended by a signal, in order"},
                  {kExitNoServer, "cannot listen there, or cannot use the data folder"},
                  {kExitInterrupted, "a second SIGINT"},
                  {kExitTerminated, "a second SIGTERM"}},
        .examples = "netchat serve\n"
                    "netchat serve --data none\n"
                    "netchat serve --data /var/lib/netchat --durability disk --keep 90d\n"
                    "netchat serve --ip 0.0.0.0 --port 7000 --encoding cp1251\n",
        .run = run,
    });
    return command;
}

}  // namespace netchat::cmd
