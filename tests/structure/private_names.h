#pragma once

// Names that belong to one source: those of unnamed namespaces, and those declared `static`.
// A unity build compiles several sources of a target together, so these sources share them.
//
// It reads lines, not C++. It relies on the format of the house: whatever stands at the top level
// of a namespace begins at the margin, and nothing else does.

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace netchat::test {

struct Declared {
    std::string space;  // as "netchat::store"; the unnamed namespace adds nothing
    std::string name;
    bool isPrivate = false;
    // `using a::b;`, `using a = b;` or `namespace a = b;`: the whole statement. Otherwise empty.
    std::string alias;
};

// What a source or header declares at the top level of its namespaces. Members, operators, tests
// and PrintTo, whose name GoogleTest gives, are left out.
std::vector<Declared> declaredIn(const std::string& text);

// The headers of the repository that a text includes.
std::vector<std::string> includedBy(const std::string& text);

// Target by target, the sources that the CMakeLists.txt of a folder names.
std::map<std::string, std::vector<std::string>> targetsIn(const std::string& folder,
                                                          const std::string& cmakeLists);

// The text of a file, or "" if there is none.
using TextOf = std::function<std::string(const std::string& path)>;

// A line for each private name of these sources, which are one target's, that another of them
// uses for something else, or that they or a header that one of them includes declare for all.
std::vector<std::string> sharedNames(const std::vector<std::string>& sources, const TextOf& textOf);

}  // namespace netchat::test
