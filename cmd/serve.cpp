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
#include "modes/serve/host/server.h"

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
            "no home folder for rooms and files; use --data DIR, or --data none to keep nothing");
    }
    return folder;
}

// The folder is made before the rights are gone, since the one above it is seldom that user's.
void runAs(const Arguments& arguments, serve::ServerOptions& options) {
    const auto user = findUser(arguments.text("user"));
    if (!user) throw UsageError("--user: " + user.error().text);
    if (!arguments.has("data")) {
        throw UsageError("--user requires --data: a folder for '" + user->name + "', or none");
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
        std::string text = "'" + name + "' is a network interface; use its address";
        if (!addresses.empty()) {
            text +=
                ", " + addresses.front().get<Poco::Net::NetworkInterface::IP_ADDRESS>().toString();
        }
        arguments.refuse("ip", {ErrorCode::BadValue, text});
    }
    arguments.refuse("ip", error);
}

serve::ServerOptions readServerOptions(const Arguments& arguments) {
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
        throw UsageError("--tls-cert and --tls-key must be used together");
    }
    options.classicForAll = arguments.flag("classic");
    auto balancers = serve::Balancers::parse(arguments.list("proxy-from"));
    if (!balancers) arguments.refuse("proxy-from", balancers.error());
    options.proxyFrom = std::move(*balancers);
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

// An address that stands for all of them is replaced by one that reaches it.
std::string reachableAt(const serve::Server& server) {
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
    return net::toText({host, server.address().port()});
}

// What the others paste.
std::string pasteLine(const serve::Server& server) {
    return "netchat connect netchat://" + reachableAt(server) + "/lobby#" + server.fingerprint();
}

// Runs until it is told to end: the first signal, or an operator, ends it in order; a second signal
// ends the process at once. SIGHUP reads the settings again.
class Running {
  public:
    Running(const Arguments& arguments, StderrLog& log, net::EventLoop& loop)
        : arguments_(arguments), log_(log), loop_(loop) {}

    int run() {
        serve::ServerOptions options = readServerOptions(arguments_);
        options.onDrained = [this] { loop_.post([this] { stop(); }); };
        options.onReload = [this](serve::ReloadRequest request) {
            loop_.post([this, request = std::move(request)] { reloader_->reload(request); });
        };
        const bool isBehindBalancer = !options.proxyFrom.empty();
        auto server = serve::Server::create(std::move(options), log_);
        if (!server) {
            std::fprintf(stderr, "netchat serve: %s\n", server.error().text.c_str());
            return kExitNoServer;
        }
        server_ = std::move(*server);
        if (::geteuid() == 0 && !arguments_.has("user")) {
            log_.notice(
                "running as root is dangerous; use --user NAME --data DIR with an unprivileged "
                "user");
        }
        reloader_.emplace(arguments_, readServerOptions, readLevel, *server_, log_);
        server_->start();
        std::printf("netchat listening on %s\n%s\n", net::toText(server_->address()).c_str(),
                    pasteLine(*server_).c_str());
        std::fflush(stdout);
        if (isBehindBalancer) {
            log_.notice("clients connect through the balancer: in the link, replace " +
                        reachableAt(*server_) + " by the balancer's host and port");
        }
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
        log_.notice("stopping; a second signal exits at once");
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

int runServe(const Arguments& arguments) {
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
        .summary = "run a chat server",
        .description =
            "Accepts connections until it is stopped. Rooms, messages and files are kept in a data "
            "folder and survive a restart.\n\n"
            "When the server is ready it prints two lines on stdout. The first is \"netchat "
            "listening on HOST:PORT\". The second is a netchat connect command: send it to the "
            "people who should join.\n\n"
            "Connections use TLS. On an address of this machine only, such as 127.0.0.1, the "
            "server also accepts plain connections and the classic protocol, all on one port.\n\n"
            "SIGTERM or Ctrl-C stops the server: it finishes open transfers, tells the clients and "
            "exits with 0. A second signal exits at once. SIGHUP (or netchat ctl reload) reloads "
            "the configuration file, the certificate and the password file. Connections stay "
            "open, and the log lists what changed. If a value is invalid, nothing changes.",
        .groups =
            {{"Network",
              {{.name = "ip",
                .argument = "ADDRESS",
                .fallback = "127.0.0.1",
                .help = "Address to listen on. The default accepts connections from this machine "
                        "only. Use 0.0.0.0 for every IPv4 address, :: for IPv4 and IPv6.",
                .environment = "IP"},
               {.name = "port",
                .shortName = "p",
                .argument = "PORT",
                .fallback = "6121",
                .help = "Port to listen on. 0 picks a free one.",
                .environment = "PORT"},
               {.name = "proxy-from",
                .argument = "NETWORK",
                .help = "Address or network of a TCP balancer such as haproxy, for example "
                        "192.0.2.7 or 192.0.2.0/24. Several are separated by commas. Connections "
                        "from there must begin with a PROXY protocol header (version 2). The "
                        "server uses the client's address in it for limits, bans and logs.",
                .repeatable = true}}},
             {"Storage",
              {{.name = "data",
                .argument = "DIR",
                .help = "Folder for rooms, users and files. Only one server can use it at a time. "
                        "none: keep nothing after the server exits. (default: "
                        "$XDG_STATE_HOME/netchat, else ~/.local/state/netchat)"},
               {.name = "durability",
                .argument = "LEVEL",
                .fallback = "process",
                .help = "What a message survives once somebody has seen it. memory: a lost "
                        "connection. process: also a crash of the server (kill -9). disk: also a "
                        "crash of the machine. Files are stored in the data folder at every "
                        "level. With --data none the level is always memory."},
               {.name = "keep",
                .argument = "DURATION",
                .fallback = "0",
                .help = "Delete messages older than this, such as 90d. 0: keep them forever."},
               {.name = "keep-size",
                .argument = "SIZE",
                .help = "Limit for the texts of one room. When it is exceeded, the oldest messages "
                        "are deleted. 0: no limit. (default: 1GiB, or half of the default of "
                        "--log-size if that is less)"},
               {.name = "log-size",
                .argument = "SIZE",
                .help = "Limit for the messages of all rooms together. Each counts its text and 64 "
                        "bytes. When it is exceeded, the oldest messages of the largest room are "
                        "deleted. 0: no limit. Under the default limit, a log that is already "
                        "larger is kept but does not grow. (default: a tenth of the disk, at most "
                        "8GiB)"},
               {.name = "nick-lease",
                .argument = "DURATION",
                .fallback = "30d",
                .help = "How long a nick stays reserved for its user after its last use. 0: only "
                        "while the user is connected. No effect with --data none or --durability "
                        "memory."}}},
             {"Files",
              {{.name = "max-file",
                .argument = "SIZE",
                .fallback = "2GiB",
                .help = "Largest file that a client can upload."},
               {.name = "store-size",
                .argument = "SIZE",
                .fallback = "8GiB",
                .help = "Limit for all stored files together. When it is exceeded, the server "
                        "deletes interrupted uploads first. Next are files that no stored message "
                        "mentions, then the files unused for longest."},
               {.name = "announced-per-address",
                .argument = "SIZE",
                .fallback = "0",
                .help = "Limit for uploads that clients of one address have announced but not yet "
                        "sent. 0: a quarter of --store-size."}}},
             {"Access",
              {{.name = "password-file",
                .argument = "FILE",
                .help = "Clients must present a password. FILE is written by --make-password.",
                .secret = true},
               {.name = "make-password",
                .argument = "FILE",
                .help = "Ask for a password, or read it from stdin. Write its hash to a new file "
                        "and exit.",
                .secret = true},
               {.name = "tls-cert",
                .argument = "FILE",
                .help = "Certificate and chain (PEM) for clients that check the server's name. By "
                        "default the server makes its own certificate, and clients check its "
                        "fingerprint. It is kept in the data folder, or with --data none in "
                        "$XDG_STATE_HOME/netchat/identity."},
               {.name = "tls-key",
                .argument = "FILE",
                .help = "Private key (PEM) of --tls-cert. Group and others must not have write "
                        "permission.",
                .secret = true},
               {.name = "classic",
                .help = "Accept the classic protocol from other machines too. It is not "
                        "encrypted."}}},
             {"Running",
              {{.name = "user",
                .argument = "NAME",
                .help = "Switch to this user once the port is bound. Needs root, and --data."},
               {.name = "grace",
                .argument = "DURATION",
                .fallback = "5s",
                .help = "How long open transfers may take to finish when the server stops."},
               {.name = "loops",
                .argument = "N",
                .fallback = "0",
                .help = "Number of I/O threads. 0: one for every two cores."},
               {.name = "log-level",
                .argument = "LEVEL",
                .fallback = "notice",
                .help = "How much to log to stderr: quiet, notice or detail."}}},
             limitOptions(),
             {"Classic protocol", {kHeaderOption, kEncodingOption}}},
        .exits = {{kExitOk, "stopped by a signal or by netchat ctl drain"},
                  {kExitNoServer, "cannot listen on the address, or cannot use the data folder"},
                  {kExitInterrupted, "second SIGINT (Ctrl-C)"},
                  {kExitTerminated, "second SIGTERM"}},
        .examples = "netchat serve\n"
                    "netchat serve --ip 0.0.0.0 --port 7000 --data none\n"
                    "netchat serve --data /var/lib/netchat --durability disk --keep 90d\n",
        .run = runServe,
    });
    return command;
}

}  // namespace netchat::cmd
