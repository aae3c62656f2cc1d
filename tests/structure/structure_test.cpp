// The house itself: who may include whom, and what may stand at the top.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace netchat {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

const fs::path kSources = NETCHAT_SOURCES;

// Who may include whom, beside itself. The empty folder is the system: a header in angle brackets.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"protocol", {}},
    {"modes/net", {"protocol"}},
    {"modes/store", {"protocol"}},
    {"modes/client", {"modes/net", "protocol"}},
    {"modes/serve", {"modes/net", "modes/store", "protocol"}},
    {"modes/connect", {"modes/client", "modes/net", "protocol"}},
    {"modes/bot", {"modes/client", "modes/net", "protocol"}},
    {"harness", {"modes/client", "modes/net", "protocol"}},
    // The one place that may link the hub.
    {"harness/simulate",
     {"harness", "modes/client", "modes/net", "modes/serve", "modes/store", "protocol"}},
};

// The room of a path relative to the top: "modes/net" of "modes/net/clock.h".
std::string roomOf(const std::string& path) {
    const size_t first = path.find('/');
    const std::string top = path.substr(0, first);
    if (path.rfind("harness/simulate/", 0) == 0) return "harness/simulate";
    if (top != "modes" || first == std::string::npos) return top;
    return path.substr(0, path.find('/', first + 1));
}

bool isSource(const fs::path& path) {
    return path.extension() == ".h" || path.extension() == ".cpp";
}

std::vector<fs::path> sourcesBelow(const std::string& room) {
    std::vector<fs::path> sources;
    for (const auto& entry : fs::recursive_directory_iterator(kSources / room)) {
        const std::string path = fs::relative(entry.path(), kSources).generic_string();
        if (isSource(entry.path()) && roomOf(path) == room) sources.push_back(entry.path());
    }
    return sources;
}

// What stands between the delimiters of each include line.
std::vector<std::string> includesOf(const fs::path& file, char open, char close) {
    std::vector<std::string> found;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const std::string start = std::string("#include ") + open;
        if (line.compare(0, start.size(), start) != 0) continue;
        found.push_back(line.substr(start.size(), line.find(close, start.size()) - start.size()));
    }
    return found;
}

TEST(Structure, EveryIncludeFollowsTheRules) {
    std::vector<std::string> wrong;
    for (const auto& [room, allowed] : kMayInclude) {
        const auto sources = sourcesBelow(room);
        ASSERT_FALSE(sources.empty()) << room;
        for (const fs::path& source : sources) {
            for (const std::string& include : includesOf(source, '"', '"')) {
                const std::string other = roomOf(include);
                if (other != room && !allowed.count(other)) {
                    wrong.push_back(source.string() + " includes " + include);
                }
            }
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
}

TEST(Structure, TheProtocolUsesTheStandardLibraryOnly) {
    std::vector<std::string> wrong;
    for (const fs::path& source : sourcesBelow("protocol")) {
        for (const std::string& include : includesOf(source, '<', '>')) {
            // The standard's headers have neither a folder nor an ending.
            if (include.find_first_of("/.") != std::string::npos) {
                wrong.push_back(source.string() + " includes <" + include + ">");
            }
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
}

TEST(Structure, TheTopLevelHoldsOnlyWhatItShould) {
    const std::set<std::string> allowed = {
        "CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "cmd",
        "modes",          "protocol",          "harness",   "tests",   "samples"};
    std::vector<std::string> wrong;
    for (const auto& entry : fs::directory_iterator(kSources)) {
        const std::string name = entry.path().filename().string();
        // As .gitignore has it: a tree that was built in is the same tree.
        const bool isBuild =
            entry.is_directory() && (name == "build" || name.rfind("build-", 0) == 0);
        if (name.front() != '.' && !isBuild && !allowed.count(name)) wrong.push_back(name);
    }
    EXPECT_THAT(wrong, IsEmpty());
}

TEST(Structure, EveryHeaderIsGuardedAndSaysWhyItExists) {
    std::vector<std::string> wrong;
    for (const auto& [room, allowed] : kMayInclude) {
        for (const fs::path& source : sourcesBelow(room)) {
            if (source.extension() != ".h") continue;
            std::ifstream in(source);
            std::string guard, blank, reason;
            std::getline(in, guard);
            std::getline(in, blank);
            std::getline(in, reason);
            if (guard != "#pragma once" || reason.rfind("//", 0) != 0) {
                wrong.push_back(source.string());
            }
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
}

}  // namespace
}  // namespace netchat
