#pragma once

// The built binary with redirections that only a shell can make, run to its end.

#include <filesystem>
#include <string>

#include "tests/support/process.h"

namespace netchat::test {

struct Ended {
    int code;
    std::string output, errors;
};

inline Ended runInShell(const std::string& words, const std::string& redirections,
                        const std::filesystem::path& stateHome) {
    Process process({{"-c", "\"$0\" " + words + " " + redirections, NETCHAT_BINARY},
                     {{"XDG_STATE_HOME", stateHome.string()}},
                     {},
                     "/bin/sh"});
    const int code = process.waitForExit();
    return {code, process.output(), process.errors()};
}

}  // namespace netchat::test
