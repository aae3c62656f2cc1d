// The house itself: who may include whom, how long a file may be, and what may stand at the top.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace netchat {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

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

// The folders of these rooms, from the bottom up: each may include those before it.
const std::map<std::string, std::vector<std::string>> kFloors = {
    {"modes/serve", {"base", "limits", "names", "moderation", "hub", "session", "control", "host"}},
    {"harness",
     {"plan", "journal", "faults", "judge", "report", "postgres", "run", "bench", "hostile",
      "simulate"}},
};

// A folder that includes one above it. To be mended, not to be added to.
const std::set<std::pair<std::string, std::string>> kUpward = {};

// Sources that include each other in a circle, by one that is in it. To be mended as well.
const std::set<std::string> kCircles = {
    "modes/bot/declare_parser",
    "modes/store/sanction_check",
};

constexpr size_t kLinesMax = 400;

// Longer ones, and why.
const std::map<std::string, std::string> kLong = {
    {"cmd/arguments.cpp", "reading, checking and printing options belong together"},
    {"cmd/connect.cpp", "the options of the largest subcommand, each with its help"},
    {"cmd/harness_bench.cpp", "the options of the benchmarks, each with its help"},
    {"harness/bench/bench.cpp", "to be split by scenario"},
    {"harness/hostile/resource_attacks.cpp", "attacks of one kind"},
    {"harness/judge/checker.cpp", "to be split by what is judged"},
    {"harness/run/runner.cpp", "to be split: preparing, running, ending"},
    {"harness/simulate/sim_client.cpp", "to be split: what it does, what it has seen"},
    {"harness/simulate/simulation.cpp", "to be split: the steps, and their choice"},
    {"modes/bot/parser.cpp", "to be split by block"},
    {"modes/bot/steps.cpp", "to be split by kind of step"},
    {"modes/client/event.h", "one struct for each event"},
    {"modes/client/state_file.cpp", "one format, read and written"},
    {"modes/client/v2_receive.cpp", "one small function for each frame"},
    {"modes/connect/screen/app.cpp", "to be split"},
    {"modes/connect/screen/terminal/screen_writer.cpp", "one algorithm"},
    {"modes/net/single_byte_tables.h", "tables"},
    {"modes/net/tls.cpp", "to be split: contexts, connections"},
    {"modes/serve/session/v2_dialogue.cpp", "to be split: files apart"},
    {"modes/store/sqlite_room_log.cpp", "to be split"},
    {"modes/store/sqlite_searcher.cpp", "to be split"},
    {"protocol/message.h", "one struct for each message"},
};

// Small headers that include nothing of ours, for all but protocol.
const std::set<std::string> kForAllModes = {"modes/descriptor.h", "modes/mutex.h"};

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

// Each source of the program, by its path from the top, and what it includes in quotes.
using Includes = std::map<std::string, std::set<std::string>>;

const Includes& allSources() {
    static const Includes sources = [] {
        Includes found;
        for (const char* top : {"cmd", "harness", "modes", "protocol"}) {
            for (const auto& entry : fs::recursive_directory_iterator(kSources / top)) {
                if (!isSource(entry.path())) continue;
                const auto includes = includesOf(entry.path(), '"', '"');
                found[fs::relative(entry.path(), kSources).generic_string()] = {includes.begin(),
                                                                                includes.end()};
            }
        }
        return found;
    }();
    return sources;
}

std::string folderOf(const std::string& path) {
    return fs::path(path).parent_path().generic_string();
}

constexpr size_t kNoFloor = SIZE_MAX;

// Which of the room's folders a path is in; their number where the room does not know it.
size_t floorOf(const std::string& room, const std::string& path) {
    if (path.rfind(room + "/", 0) != 0) return kNoFloor;
    const auto& floors = kFloors.at(room);
    const std::string rest = path.substr(room.size() + 1);
    const auto floor = std::find(floors.begin(), floors.end(), rest.substr(0, rest.find('/')));
    return static_cast<size_t>(floor - floors.begin());
}

// A header and the source of its name are one unit: what one includes, the other depends on.
Includes unitsOf(const Includes& sources) {
    const auto unit = [](const std::string& path) {
        return fs::path(path).replace_extension().generic_string();
    };
    Includes units;
    for (const auto& [source, includes] : sources) {
        auto& needed = units[unit(source)];
        for (const std::string& include : includes) {
            if (sources.count(include)) needed.insert(unit(include));
        }
    }
    return units;
}

std::set<std::string> reachableFrom(const std::string& unit, const Includes& units) {
    std::set<std::string> reached;
    std::vector<std::string> next(units.at(unit).begin(), units.at(unit).end());
    while (!next.empty()) {
        const std::string at = next.back();
        next.pop_back();
        if (!reached.insert(at).second) continue;
        next.insert(next.end(), units.at(at).begin(), units.at(at).end());
    }
    return reached;
}

// Each circle once: all units that reach each other.
std::vector<std::vector<std::string>> circles(Includes units) {
    for (auto& [unit, needed] : units) needed.erase(unit);
    std::map<std::string, std::set<std::string>> reach;
    for (const auto& [unit, needed] : units) reach[unit] = reachableFrom(unit, units);
    std::set<std::string> seen;
    std::vector<std::vector<std::string>> found;
    for (const auto& [unit, reached] : reach) {
        if (!reached.count(unit) || seen.count(unit)) continue;
        auto& circle = found.emplace_back();
        for (const std::string& other : reached) {
            if (!reach.at(other).count(unit)) continue;
            circle.push_back(other);
            seen.insert(other);
        }
    }
    return found;
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    return text;
}

size_t linesOf(const fs::path& file) {
    std::ifstream in(file);
    return static_cast<size_t>(
        std::count(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>(), '\n'));
}

TEST(Structure, EveryIncludeFollowsTheRules) {
    std::vector<std::string> wrong;
    for (const auto& [room, allowed] : kMayInclude) {
        const auto sources = sourcesBelow(room);
        ASSERT_FALSE(sources.empty()) << room;
        for (const fs::path& source : sources) {
            for (const std::string& include : includesOf(source, '"', '"')) {
                const std::string other = roomOf(include);
                if (kForAllModes.count(include) && room != "protocol") continue;
                if (other != room && !allowed.count(other)) {
                    wrong.push_back(source.string() + " includes " + include);
                }
            }
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
}

TEST(Structure, AFolderIncludesOnlyThoseBelowIt) {
    std::vector<std::string> wrong;
    std::set<std::pair<std::string, std::string>> upward;
    for (const auto& [room, floors] : kFloors) {
        for (const auto& [source, includes] : allSources()) {
            const size_t floor = floorOf(room, source);
            if (floor == kNoFloor) continue;
            EXPECT_LT(floor, floors.size()) << source << " is in no folder of the table";
            for (const std::string& include : includes) {
                const size_t other = floorOf(room, include);
                if (other == kNoFloor || other <= floor) continue;
                const auto arrow = std::pair(folderOf(source), folderOf(include));
                upward.insert(arrow);
                if (!kUpward.count(arrow)) wrong.push_back(source + " includes " + include);
            }
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
    EXPECT_EQ(upward, kUpward) << "an exception that is needed no longer";
}

TEST(Structure, NoSourcesIncludeEachOtherInACircle) {
    std::vector<std::string> wrong;
    std::set<std::string> known;
    for (const std::vector<std::string>& circle : circles(unitsOf(allSources()))) {
        const auto isKnown = [](const std::string& unit) { return kCircles.count(unit) > 0; };
        const auto found = std::find_if(circle.begin(), circle.end(), isKnown);
        if (found != circle.end()) {
            known.insert(*found);
        } else {
            wrong.push_back(joined(circle));
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
    EXPECT_EQ(known, kCircles) << "an exception that is needed no longer";
}

TEST(Structure, ACircleIsSeenThroughSeveralUnits) {
    const Includes units = unitsOf({{"a.h", {}},
                                    {"a.cpp", {"a.h", "b.h"}},
                                    {"b.h", {"c.h"}},
                                    {"c.h", {"<string>"}},
                                    {"c.cpp", {"c.h", "a.h"}},
                                    {"d.cpp", {"a.h", "d.h"}},
                                    {"d.h", {}}});
    EXPECT_THAT(circles(units), ElementsAre(UnorderedElementsAre("a", "b", "c")));
}

TEST(Structure, AFileIsNoLongerThanItShould) {
    std::vector<std::string> wrong;
    std::set<std::string> longer;
    for (const auto& [source, includes] : allSources()) {
        const size_t lines = linesOf(kSources / source);
        if (lines <= kLinesMax) continue;
        longer.insert(source);
        if (!kLong.count(source)) wrong.push_back(source + ": " + std::to_string(lines) + " lines");
    }
    for (const auto& [source, reason] : kLong) {
        if (!longer.count(source)) wrong.push_back(source + ": an exception needed no longer");
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
