// A type has a name of its own in its namespace. Two types with one name, in two sources of one
// program, are merged by the linker without a word: one of them then has the other's functions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace netchat {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

using Texts = std::map<std::string, std::string>;  // by path

// The types that a source defines at the top level of its namespaces.
// Types of unnamed namespaces belong to their source, and are left out. It relies on the format of
// the house: a namespace and a type begin at the margin.
std::set<std::string> typesIn(const std::string& text) {
    static const std::regex kBegin(R"(namespace ?([\w:]*) ?\{.*)"),
        kType(R"((?:struct|class|enum class) (\w+)(?: final)?(?: :[^;]*)? ?\{.*)");
    std::set<std::string> types;
    std::vector<std::string> open;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::smatch match;
        if (std::regex_match(line, match, kBegin)) {
            open.push_back(match[1]);
        } else if (line.starts_with("}  // namespace") && !open.empty()) {
            open.pop_back();
        } else if (std::regex_match(line, match, kType)) {
            std::string name;
            bool unnamed = false;
            for (const std::string& space : open) {
                unnamed = unnamed || space.empty();
                name += space + "::";
            }
            if (!unnamed) types.insert(name + match[1].str());
        }
    }
    return types;
}

// "netchat::Item in a.h, b.h", for each type that several sources define.
std::vector<std::string> definedTwice(const Texts& texts) {
    std::map<std::string, std::vector<std::string>> sourcesOf;
    for (const auto& [path, text] : texts) {
        for (const std::string& type : typesIn(text)) sourcesOf[type].push_back(path);
    }
    std::vector<std::string> twice;
    for (const auto& [type, paths] : sourcesOf) {
        if (paths.size() < 2) continue;
        std::string line = type + " in ";
        for (const std::string& path : paths) line += (path == paths.front() ? "" : ", ") + path;
        twice.push_back(line);
    }
    return twice;
}

Texts textsBelow(const std::vector<std::string>& folders) {
    Texts texts;
    for (const std::string& folder : folders) {
        for (const auto& entry :
             fs::recursive_directory_iterator(fs::path(NETCHAT_SOURCES) / folder)) {
            const auto extension = entry.path().extension();
            if (extension != ".h" && extension != ".cpp") continue;
            std::ifstream in(entry.path());
            texts[fs::relative(entry.path(), NETCHAT_SOURCES).generic_string()] = {
                std::istreambuf_iterator<char>(in), {}};
        }
    }
    return texts;
}

TEST(OneName, TwoTypesWithOneNameAreFound) {
    const std::string one = "namespace netchat {\nstruct Item {\n};\n}  // namespace netchat\n";
    const std::string unnamed =
        "namespace netchat {\nnamespace {\nstruct Item {\n};\n}  // namespace\n"
        "class Other final : public Item {\n};\n}  // namespace netchat\n";
    const std::string elsewhere =
        "namespace netchat::bench {\nstruct Item {\n};\n}  // namespace netchat::bench\n";
    EXPECT_THAT(definedTwice({{"a.h", one}, {"b.h", one}, {"c.cpp", unnamed}, {"d.h", elsewhere}}),
                ElementsAre("netchat::Item in a.h, b.h"));
    EXPECT_THAT(typesIn(unnamed), ElementsAre("netchat::Other"));
}

TEST(OneName, EachTypeOfTheProgramHasOne) {
    const Texts texts = textsBelow({"protocol", "modes", "harness", "cmd"});
    EXPECT_THAT(typesIn(texts.at("harness/bench/item.h")),
                ElementsAre("netchat::harness::WireItem"));
    EXPECT_THAT(definedTwice(texts), IsEmpty());
}

}  // namespace
}  // namespace netchat
