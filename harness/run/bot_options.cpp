#include "harness/run/bot_options.h"

namespace netchat::harness {

namespace {

// These with faults.
constexpr int64_t kGreetingMs = 3'000;  // a greeting may be what is cut
constexpr int64_t kSilenceMs = 1'500;   // to ask for a sign of life, and to wait for it
constexpr int64_t kBackoffMs = 50, kBackoffMaxMs = 500;

}  // namespace

client::Options botOptions(const Workload& workload, const RunOptions& options,
                           const net::HostPort& server, const std::filesystem::path& downloads,
                           size_t bot) {
    client::Options out;
    out.server = server;
    out.nick = workload.bots[bot].nick;
    out.classic = workload.bots[bot].classic;
    out.headerWidth = options.headerWidth;
    out.encoding = options.encoding;
    out.downloads = downloads;
    out.autoDownloadBytes = out.fileBytesMax;
    out.discardDownloads = true;
    out.everyEntry = true;
    out.connectTimeoutMs = options.timeoutMs;
    if (options.faults.empty()) return out;
    out.connectTimeoutMs = kGreetingMs;
    // What a kill leaves of a download must be on the disk.
    out.discardDownloads = faultOn(FaultTarget::Bots, options.faults) == nullptr;
    out.quietMs = out.signOfLifeMs = kSilenceMs;
    out.reconnect = {.when = client::ReconnectOptions::When::OnceConnected,
                     .forMs = options.timeoutMs,
                     .baseMs = kBackoffMs,
                     .maxMs = kBackoffMaxMs};
    return out;
}

client::Options auditorOptions(const Workload& workload, const net::HostPort& server,
                               const std::filesystem::path& folder) {
    client::Options out;
    out.server = server;
    out.nick = workload.auditor;
    out.downloads = folder;
    out.autoDownloadBytes = 0;
    out.everyEntry = true;
    return out;
}

}  // namespace netchat::harness
