#pragma once

// What a run starts to test: a server, or two of which one waits; and with --log postgres a pair of
// databases behind them, to which they connect through links that can be reset.
//
//     bots --> proxy --> server            ---> [links] ---> primary ==> standby
//                        (waiting server)  ---'

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "harness/postgres/pair.h"
#include "harness/run/breakable.h"
#include "harness/run/breakable_pair.h"
#include "harness/run/breakable_server.h"
#include "harness/run/database_links.h"
#include "harness/run/killable_server.h"
#include "harness/run/recorder.h"
#include "harness/run/run_folder.h"
#include "harness/run/run_options.h"
#include "harness/run/server_nodes.h"
#include "modes/net/event_loop.h"

namespace netchat::harness {

// Loop thread only.
class RunServers {
  public:
    // Returns when a server listens.
    static Result<std::unique_ptr<RunServers>> start(net::EventLoop& loop,
                                                     const RunOptions& options,
                                                     const RunFolder& folder);

    // Of the server that serves clients now.
    const net::HostPort& address() const { return server_->address(); }
    // Told when clients have to be led to another address().
    void onMoved(std::function<Status()> hook);
    // What faults can strike from now on, until disarm(). `onTrouble` is told why something is not
    // there again.
    using TroubleHook = std::function<void(const std::string&)>;
    std::map<FaultTarget, Breakable*> arm(Recorder& recorder, const TroubleHook& onTrouble);
    void disarm();

    // Empty, or how a server did not end as it should.
    std::string stop(int64_t timeoutMs) { return server_->stop(timeoutMs); }
    std::string complaints() const { return server_->complaints(); }

  private:
    explicit RunServers(net::EventLoop& loop) : loop_(loop) {}
    Status startDatabases(const RunOptions& options);
    Status startServers(const RunOptions& options, const RunFolder& folder);
    ChildServer::Options childOptions(const RunOptions& options, const RunFolder& folder,
                                      const std::string& name) const;

    net::EventLoop& loop_;
    std::unique_ptr<PostgresPair> databases_;  // these two with a log on PostgreSQL
    std::unique_ptr<DatabaseLinks> links_;
    std::unique_ptr<KillableServer> server_;
    ServerNodes* nodes_ = nullptr;  // the same, where there are two
    std::optional<BreakableServer> breakableServer_;
    std::optional<BreakablePair> breakablePair_;
};

}  // namespace netchat::harness
