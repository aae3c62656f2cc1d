#include "cmd/harness_log.h"

#include <string>

#include "protocol/limits.h"

namespace netchat::cmd {

namespace {

void refuseNoFolder(const Arguments& arguments) {
    if (arguments.has("data") && arguments.text("data") == "none") {
        throw UsageError("--log requires a data folder for the server's files; omit --data none");
    }
}

// An upload that is cut begins again on the other server. More of it than a window must not be sent
// again, which the checker goes by.
constexpr uint64_t kFileBytesMax = limits::kMiB;

void refuseWithStandbyNode(const Arguments& arguments) {
    if (!arguments.has("log")) throw UsageError("--standby-node requires --log postgres");
    if (arguments.has("data")) {
        throw UsageError("--data cannot be used with --standby-node: each server has its own");
    }
    if (arguments.sizeBytes("file-size") > kFileBytesMax) {
        throw UsageError(
            "--standby-node allows a --file-size of at most 1MiB: an upload that is cut begins "
            "again on the other server");
    }
}

}  // namespace

bool isOnPostgres(const Arguments& arguments) {
    return arguments.has("log") && !arguments.oneOf("log", {"postgres"}).empty();
}

void refuseWithLog(const Arguments& arguments) {
    if (!isOnPostgres(arguments)) return;
    if (arguments.has("server")) {
        throw UsageError("--log cannot be used with --server: it is for a server that is started");
    }
    if (arguments.given("durability")) {
        throw UsageError("--durability does not apply to --log: the databases decide it");
    }
}

void readHarnessLog(const Arguments& arguments, harness::RunOptions& run) {
    run.logOnPostgres = isOnPostgres(arguments);
    run.standbyNode = arguments.flag("standby-node");
    refuseWithLog(arguments);
    if (run.logOnPostgres) refuseNoFolder(arguments);
    if (run.standbyNode) refuseWithStandbyNode(arguments);
}

}  // namespace netchat::cmd
