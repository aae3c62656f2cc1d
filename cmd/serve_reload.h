#pragma once

// Reads a running server's settings again: the configuration file and the files that it names.
// What was given on the command line or in the environment still beats it. All of it fits, or
// nothing is changed.

#include <functional>
#include <map>
#include <string>

#include "cmd/arguments.h"
#include "cmd/stderr_log.h"
#include "modes/serve/host/server.h"

namespace netchat::cmd {

// The thread of the server's owner.
class Reloader {
  public:
    using ReadOptions = std::function<serve::ServerOptions(const Arguments&)>;
    using ReadLevel = std::function<StderrLog::Level(const Arguments&)>;

    // `arguments`: what the server was started with. All of these outlive this object.
    Reloader(const Arguments& arguments, ReadOptions readOptions, ReadLevel readLevel,
             serve::Server& server, StderrLog& log);

    // Says what came of it in the log, and to the server.
    void reload(const serve::ReloadRequest& request);

  private:
    using Values = std::map<std::string, std::string>;
    Result<serve::ReloadReport> readAgain();
    Result<serve::ReloadReport> use(const Arguments& now);
    serve::ReloadReport compare(const Arguments& now);

    const Arguments& arguments_;
    const ReadOptions readOptions_;
    const ReadLevel readLevel_;
    serve::Server& server_;
    StderrLog& log_;
    Values inForce_;  // by option
};

}  // namespace netchat::cmd
