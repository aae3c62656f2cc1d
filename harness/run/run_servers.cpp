#include "harness/run/run_servers.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "harness/faults/schedule.h"
#include "harness/run/server_keeper.h"

namespace netchat::harness {

namespace {

constexpr uint64_t kSmallDiskBytes = 256 * limits::kMiB;
// To prepare a database, on a busy machine.
constexpr int64_t kOnPostgresMs = 60'000;

// Only a server that faults strike needs a disk, or one whose rooms are in a database.
std::string dataOf(const RunOptions& options, const RunFolder& folder, const std::string& name) {
    if (!options.data.empty()) return options.data;
    const bool struck = faultOn(FaultTarget::Server, options.faults) != nullptr;
    return struck || options.logOnPostgres ? (folder.path() / name).string() : "none";
}

bool needsSmallDisk(const std::vector<FaultStep>& steps) {
    return std::any_of(steps.begin(), steps.end(),
                       [](const FaultStep& step) { return step.type->needsSmallDisk; });
}

}  // namespace

Result<std::unique_ptr<RunServers>> RunServers::start(net::EventLoop& loop,
                                                      const RunOptions& options,
                                                      const RunFolder& folder) {
    std::unique_ptr<RunServers> servers(new RunServers(loop));
    if (options.logOnPostgres) {
        if (auto status = servers->startDatabases(options); !status) return status.error();
    }
    if (auto status = servers->startServers(options, folder); !status) return status.error();
    return servers;
}

Status RunServers::startDatabases(const RunOptions& options) {
    auto pair =
        PostgresPair::start({.diskBytes = needsSmallDisk(options.faults) ? kSmallDiskBytes : 0});
    if (!pair) return pair.error();
    databases_ = std::move(*pair);
    if (faultOn(FaultTarget::DatabaseLinks, options.faults) == nullptr) return Ok{};
    auto links = DatabaseLinks::create(databases_->ports());
    if (!links) return links.error();
    links_ = std::move(*links);
    return Ok{};
}

ChildServer::Options RunServers::childOptions(const RunOptions& options, const RunFolder& folder,
                                              const std::string& name) const {
    ChildServer::Options child;
    auto& words = child.arguments;
    words = {"serve", "--port", "0", "--header", std::to_string(options.headerWidth), "--encoding",
             options.encoding, "--data", dataOf(options, folder, name),
             // Of runs in one folder each has bots of its own.
             "--nick-lease", "0"};
    if (!options.durability.empty()) {
        words.insert(words.end(), {"--durability", options.durability});
    }
    if (databases_) {
        words.insert(words.end(),
                     {"--log", links_ ? PostgresPair::uri(links_->ports()) : databases_->uri()});
        child.timeoutMs = kOnPostgresMs;
    }
    words.insert(words.end(), options.serverArguments.begin(), options.serverArguments.end());
    child.folder = folder.path();
    return child;
}

Status RunServers::startServers(const RunOptions& options, const RunFolder& folder) {
    if (!options.standbyNode) {
        auto one = ServerKeeper::start(loop_, childOptions(options, folder, "data"));
        if (!one) return one.error();
        server_ = std::move(*one);
        return Ok{};
    }
    auto two = ServerNodes::start(
        loop_, {childOptions(options, folder, "data-1"), childOptions(options, folder, "data-2")});
    if (!two) return two.error();
    nodes_ = two->get();
    server_ = std::move(*two);
    return Ok{};
}

void RunServers::onMoved(std::function<Status()> hook) {
    if (nodes_ != nullptr) nodes_->onMoved(std::move(hook));
}

std::map<FaultTarget, Breakable*> RunServers::arm(Recorder& recorder,
                                                  const TroubleHook& onTrouble) {
    breakableServer_.emplace(*server_, recorder, onTrouble);
    std::map<FaultTarget, Breakable*> all = {
        {nodes_ != nullptr ? FaultTarget::Node : FaultTarget::Server, &*breakableServer_}};
    if (databases_) {
        breakablePair_.emplace(loop_, *databases_, recorder, onTrouble);
        all[FaultTarget::Database] = &*breakablePair_;
    }
    if (nodes_ != nullptr) nodes_->onDown(onTrouble);
    if (links_) all[FaultTarget::DatabaseLinks] = links_.get();
    return all;
}

void RunServers::disarm() {
    if (nodes_ != nullptr) {
        nodes_->onMoved({});
        nodes_->onDown({});
    }
    breakablePair_.reset();
    breakableServer_.reset();
}

}  // namespace netchat::harness
