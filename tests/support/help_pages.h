#pragma once

// The pages of --help, as the built program prints them.

#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace netchat::test {

// The words of the commands that a page leads to: those in the list of the overview, and "harness
// bench" where a page says "netchat harness bench --help".
inline std::set<std::string> commandsIn(const std::string& page) {
    static const std::regex kListed("^  ([a-z]+) {2,}.*"), kNamed("netchat ([a-z]+ [a-z]+) --help");
    std::set<std::string> found;
    std::istringstream lines(page);
    bool isList = false;
    for (std::string line; std::getline(lines, line);) {
        isList = line == "Commands:" || (isList && !line.empty());
        std::smatch match;
        if (isList && std::regex_match(line, match, kListed)) found.insert(match[1]);
        if (std::regex_search(line, match, kNamed)) found.insert(match[1]);
    }
    return found;
}

inline std::string helpPageOf(const std::string& command) {
    std::istringstream in(command);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    words.emplace_back("--help");
    Process netchat(words);
    EXPECT_EQ(netchat.waitForExit(), 0) << command;
    EXPECT_EQ(netchat.errors(), "") << command;
    return netchat.output();
}

// Every page that --help leads to, by the words of its command.
inline std::map<std::string, std::string> helpPages() {
    std::map<std::string, std::string> pages;
    std::set<std::string> open = {""};
    while (!open.empty()) {
        const std::string command = open.extract(open.begin()).value();
        const std::string& page = pages[command] = helpPageOf(command);
        for (const std::string& next : commandsIn(page)) {
            if (!pages.contains(next)) open.insert(next);
        }
    }
    return pages;
}

}  // namespace netchat::test
