#pragma once

// Where an attack takes place: the server, what is known of it, and who is at hand. Any thread.

#include <Poco/Net/SocketAddress.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/hostile/raw_connection.h"
#include "harness/plan/rng.h"
#include "harness/run/child_server.h"
#include "harness/run/run_folder.h"
#include "protocol/limits.h"
#include "protocol/result.h"

namespace netchat::harness::hostile {

struct TargetOptions {
    Poco::Net::SocketAddress server;
    size_t headerWidth = limits::kHeaderWidth;
    std::string encoding = "utf-8";
    uint64_t seed = 1;
    bool tls = false;  // all connections are
    // Of the server that was started for the run; none for one that was there.
    pid_t child = 0;
    std::filesystem::path folder;
    int64_t greetingMs = limits::kGreetingTimeoutMs;  // what it gives for the first field
};

// A server for one attack, with options of its own.
struct OtherServer {
    std::unique_ptr<RunFolder> folder;
    std::unique_ptr<ChildServer> child;
    Poco::Net::SocketAddress address;
};

class Target {
  public:
    explicit Target(TargetOptions options) : options_(std::move(options)) {}

    const TargetOptions& options() const { return options_; }
    bool own() const { return options_.child != 0; }
    // How long what must come may take.
    int64_t patienceMs() const { return 4'000; }
    RawConnection connection(RawConnection::Options options = {}) const {
        options.tls = options.tls || options_.tls;
        return {options_.server, patienceMs(), options};
    }
    // A name that nobody had in this run, or in others.
    std::string newName(std::string_view stem = "x");
    // One of this machine that nobody had in this run; the people's is another.
    std::string newAddress();
    // The same for the same seed and attack, whatever ran before.
    Rng chance(std::string_view attack) const;
    // A field in the server's classic format, from UTF-8.
    std::string field(std::string_view text) const;
    std::string header(uint64_t length) const;
    // Starts `serve` with these options besides --port and --data. ExpectationFailed if it does not
    // start.
    OtherServer another(std::vector<std::string> arguments) const;

  private:
    TargetOptions options_;
    std::atomic<uint64_t> names_{0};
    std::atomic<unsigned> addresses_{0};
};

}  // namespace netchat::harness::hostile
