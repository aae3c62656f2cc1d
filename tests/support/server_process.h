#pragma once

// `netchat serve` on a free port, in memory unless the test names a folder.

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_folder.h"

namespace netchat::test {

class ServerProcess {
  public:
    // `arguments`: besides `serve`, and `--port 0` where they name none.
    explicit ServerProcess(const std::vector<std::string>& arguments = {})
        : process_({withPort(arguments), {{"TMPDIR", forAnyone(folder_)}}}) {
        const std::string line = process_.waitForLine("netchat listening on ");
        port_ = static_cast<uint16_t>(std::stoul(line.substr(line.rfind(':') + 1)));
    }

    uint16_t port() const { return port_; }
    // "127.0.0.1:40112", for --server and for connect.
    std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    Process& process() { return process_; }

  private:
    // A server of root's that becomes another user writes there, too.
    static std::string forAnyone(const TempFolder& folder) {
        using std::filesystem::perms;
        std::filesystem::permissions(folder.path(), perms::all | perms::sticky_bit);
        return folder.path().string();
    }
    static std::vector<std::string> withPort(const std::vector<std::string>& arguments) {
        std::vector<std::string> all = {"serve"};
        if (std::find(arguments.begin(), arguments.end(), "--port") == arguments.end()) {
            all.insert(all.end(), {"--port", "0"});
        }
        if (std::find(arguments.begin(), arguments.end(), "--data") == arguments.end()) {
            all.insert(all.end(), {"--data", "none"});
        }
        all.insert(all.end(), arguments.begin(), arguments.end());
        return all;
    }

    TempFolder folder_;  // for the files of a server in memory, which may be killed
    Process process_;
    uint16_t port_ = 0;
};

}  // namespace netchat::test
