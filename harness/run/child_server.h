#pragma once

// A server of the harness's own: `netchat serve` as a child process, on a free port, which ends
// with the harness whatever happens to it. Any thread, one at a time.

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "modes/net/address.h"
#include "protocol/result.h"

namespace netchat::harness {

class ChildServer {
  public:
    struct Options {
        std::vector<std::string> arguments;  // of this program, after its name
        std::filesystem::path folder;        // for its errors and its temporary files
        int64_t timeoutMs = 10'000;          // until it says where it listens
    };

    // Waits for its first line, "netchat listening on HOST:PORT".
    static Result<std::unique_ptr<ChildServer>> start(const Options& options);
    // Does not wait: output() is readable when listening() may know more.
    static Result<std::unique_ptr<ChildServer>> launch(const Options& options);
    int output() const { return out_; }
    // Whether it has said where it listens. An Error: it will not.
    Result<bool> listening();
    ~ChildServer();  // kills it if it still runs

    const net::HostPort& address() const { return address_; }
    pid_t pid() const { return pid_; }
    // Asks it to finish, and waits. Empty if it ended with 0; otherwise how it ended.
    std::string stop(int64_t timeoutMs);
    // kill -9, and it is gone. Empty; or how it had ended before.
    std::string kill();
    // The end of what it wrote to stderr.
    std::string complaints() const;

  private:
    ChildServer(pid_t pid, int out, std::filesystem::path complaints);
    Status waitUntilListening(int64_t timeoutMs);
    // Its exit status, or nothing after the time-out.
    std::optional<int> waitForExit(int64_t timeoutMs);

    pid_t pid_;  // 0: it has ended
    int out_;    // its stdout, kept open so that it never writes to nobody
    std::filesystem::path complaints_;
    std::string line_;  // its first, as far as it came
    net::HostPort address_;
};

}  // namespace netchat::harness
