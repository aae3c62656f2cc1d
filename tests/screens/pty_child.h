#pragma once

// A program with a terminal of its own, of which we are the other side. Killed with its owner. Its
// environment is a small clean one, so that the machine's cannot change what it shows.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netchat::test {

// One thread. What the system refuses is a std::runtime_error.
class PtyChild {
  public:
    struct Options {
        std::string program;
        std::vector<std::string> arguments;
        std::map<std::string, std::string> environment = {};  // beside TERM, PATH, TZ
        std::filesystem::path folder;                         // to run in
        int width = 80, height = 24;
    };

    explicit PtyChild(const Options& options);
    ~PtyChild();
    PtyChild(const PtyChild&) = delete;
    PtyChild& operator=(const PtyChild&) = delete;

    // Waits at most so long for output; nothing where none came, and empty once it has ended.
    std::optional<std::string> read(int64_t timeoutUs);
    void write(std::string_view bytes);
    void resize(int width, int height);
    // How it ended, once read() has given its end: "exit 0", "signal 11".
    std::string ending();
    // SIGTERM, and waits until it has ended.
    void stop();
    pid_t pid() const { return pid_; }

  private:
    pid_t pid_ = -1;
    int fd_ = -1;
};

}  // namespace netchat::test
