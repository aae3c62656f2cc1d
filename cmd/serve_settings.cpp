#include "cmd/serve_settings.h"

#include <Poco/Net/NetworkInterface.h>
#include <signal.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "cmd/classic_format.h"
#include "cmd/privileges.h"
#include "cmd/secrets.h"
#include "cmd/serve_limits.h"
#include "cmd/state_folder.h"
#include "modes/net/address.h"
#include "modes/store/postgres/postgres_target.h"

namespace netchat::cmd {

namespace {

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

// Rooms in a database in place of the data folder.
void readLog(const Arguments& arguments, serve::ServerOptions& options) {
    options.logUnreplicated = arguments.flag("log-unreplicated");
    if (!arguments.has("log")) {
        if (options.logUnreplicated) throw UsageError("--log-unreplicated requires --log");
        return;
    }
    options.log = arguments.text("log");
    const auto target = store::PostgresTarget::parse(options.log);
    // It may have a password in it, which is not to be repeated.
    if (!target) throw UsageError("--log: " + target.error().text);
    if (options.data.empty()) {
        throw UsageError(
            "--log requires --data: a folder for this server's files, key and audit log");
    }
    if (arguments.given("durability")) {
        throw UsageError("--durability does not apply to --log: the database decides it");
    }
    // Those that end the process wait until somebody takes them.
    options.isStopping = [] {
        sigset_t waiting;
        ::sigpending(&waiting);
        return sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1;
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

}  // namespace

StderrLog::Level readLevel(const Arguments& arguments) {
    const std::string level = arguments.oneOf("log-level", {"quiet", "notice", "detail"});
    if (level == "quiet") return StderrLog::Level::Quiet;
    return level == "detail" ? StderrLog::Level::Detail : StderrLog::Level::Notice;
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
    readLog(arguments, options);
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

}  // namespace netchat::cmd
