// Configuration files and command lines. The lines of an input that begin with '-' are words of
// the command line, all others are the file.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <set>

#include "cmd/arguments.h"
#include "cmd/config_file.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

using cmd::Arguments;
using cmd::Command;
using cmd::UsageError;

const Command& command() {
    static const Command it = cmd::define(
        {.name = "fuzz",
         .groups = {{"Options",
                     {{.name = "port", .shortName = "p", .argument = "PORT", .fallback = "6121"},
                      {.name = "max-file", .argument = "SIZE", .fallback = "2GiB"},
                      {.name = "grace", .argument = "TIME", .fallback = "5s"},
                      {.name = "count", .argument = "N", .environment = "COUNT"},
                      {.name = "kind", .argument = "KIND", .fallback = "a"},
                      {.name = "quiet", .shortName = "q"},
                      {.name = "room", .argument = "ROOM", .repeatable = true}}}},
         .wordsMax = 2});
    return it;
}

// A file without a disk.
class MemoryFile {
  public:
    explicit MemoryFile(std::string_view bytes) : fd_(::memfd_create("config", 0)) {
        HOLDS(fd_ >= 0);
        HOLDS(::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    }
    ~MemoryFile() { ::close(fd_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

  private:
    int fd_;
};

// What a user must be told is one line that is safe to show; nothing else is thrown.
bool refused(const std::function<void()>& act) {
    try {
        act();
        return false;
    } catch (const UsageError& e) {
        HOLDS(*e.what() != 0);
        isSafeToShow(e.what());
        HOLDS(e.code() == kExitUsage || e.code() == kExitBadInput);
        return true;
    }
}

void read(const Arguments& arguments) {
    refused([&] { HOLDS(arguments.number("port", 1, 9999) <= 9999); });
    refused([&] { (void)arguments.port("port"); });
    refused([&] { (void)arguments.sizeBytes("max-file"); });
    refused([&] { HOLDS(arguments.durationMs("grace") >= 0); });
    refused([&] {
        if (arguments.has("count")) HOLDS(arguments.number("count", -5, 5) >= -5);
    });
    refused([&] {
        const auto kind = arguments.oneOf("kind", {"a", "b"});
        HOLDS(kind == "a" || kind == "b");
    });
    refused([&] { (void)arguments.flag("quiet"); });
    refused([&] { HOLDS(arguments.list("room").size() <= 1000); });
    if (arguments.given("port"))
        HOLDS(refused([&] { arguments.reject("port", "must be better"); }));
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    Choices lines(textOf(data, size));
    std::string file;
    std::vector<std::string> words;
    while (!lines.empty()) {
        const auto line = lines.line();
        if (line.starts_with('-') && line.find('\0') == line.npos) {
            words.emplace_back(line);
        } else {
            file.append(line).append("\n");
        }
    }
    const MemoryFile config(file);
    refused([&] {
        std::set<std::string> keys;
        size_t last = 0;
        for (const auto& entry : netchat::cmd::readConfigFile(config.path())) {
            HOLDS(keys.insert(entry.key).second);
            HOLDS(entry.line > last);
            last = entry.line;
        }
    });
    const auto environment = [&](const char* name) {
        return std::string_view(name) == "COUNT" ? "3" : nullptr;
    };
    words.insert(words.begin(), "--config=" + config.path());
    refused([&] {
        const auto arguments = Arguments::parse(command(), words, environment);
        if (arguments.helpWanted()) return;
        HOLDS(arguments.words().size() <= 2);
        read(arguments);
    });
    return 0;
}
