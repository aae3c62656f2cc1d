// netchat serve: a server, its log to stderr, signals to an orderly end.

#include <Poco/Net/NetworkInterface.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cmd/arguments.h"
#include "cmd/classic_format.h"
#include "cmd/commands.h"
#include "cmd/secrets.h"
#include "cmd/serve_limits.h"
#include "cmd/serve_reload.h"
#include "cmd/serve_settings.h"
#include "cmd/signals.h"
#include "cmd/stderr_log.h"
#include "modes/net/address.h"
#include "modes/net/event_loop.h"
#include "modes/serve/host/server.h"

namespace netchat::cmd {

namespace {

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
        options.onLogLost = [this](const std::string& why) {
            loop_.post([this, why] {
                log_.notice("this server ends: " + why);
                exit_ = kExitNoServer;
                loop_.stop();
            });
        };
        const bool isBehindBalancer = !options.proxyFrom.empty();
        auto server = serve::Server::create(std::move(options), log_);
        if (!server) {
            if (server.error().code == ErrorCode::Closing) return kExitOk;
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
        return exit_;
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
    int exit_ = kExitOk;
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
               {.name = "log",
                .argument = "URI",
                .help = "Keep rooms, users, rulings and files in a PostgreSQL database, such as "
                        "postgresql://netchat@db1,db2/netchat. Of several hosts the server uses "
                        "the one that accepts writes. The database must have a synchronous "
                        "standby. The password is read from ~/.pgpass or PGPASSWORD. A second "
                        "server with the same database waits, and takes over when the first one "
                        "is gone."},
               {.name = "log-unreplicated",
                .help = "Accept a --log database without a synchronous standby: messages are lost "
                        "with its machine."},
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
                  {kExitNoServer,
                   "cannot listen on the address, or cannot use the data folder or "
                   "the database; or another server has taken the database over"},
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
