// A unity build compiles sources of one target together. A private name that two of them use, or
// that a header also declares, may then stand for the wrong thing without a word of the compiler.

#include "tests/structure/private_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kAdvice =
    "Sources of one target may be compiled together, and then share their private names. Give each "
    "a name that says more in its file. If they do the same, move it to a header that all include.";

std::string fileText(const std::string& path) {
    std::ifstream in(fs::path(NETCHAT_SOURCES) / path);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The files of the sources with this name's end, by path below the top of the tree.
std::set<std::string> filesNamed(const std::string& end) {
    std::set<std::string> files;
    for (const char* folder : {"protocol", "modes", "harness", "cmd", "tests"}) {
        for (const auto& entry :
             fs::recursive_directory_iterator(fs::path(NETCHAT_SOURCES) / folder)) {
            const std::string path = fs::relative(entry.path(), NETCHAT_SOURCES).generic_string();
            if (path.ends_with(end)) files.insert(path);
        }
    }
    return files;
}

std::vector<std::string> sharedIn(const std::map<std::string, std::string>& texts) {
    std::vector<std::string> sources;
    for (const auto& [path, text] : texts) {
        if (path.ends_with(".cpp")) sources.push_back(path);
    }
    return sharedNames(sources, [&](const std::string& path) {
        const auto text = texts.find(path);
        return text == texts.end() ? "" : text->second;
    });
}

std::string inUnnamed(const std::string& space, const std::string& text) {
    return "namespace " + space + " {\nnamespace {\n" + text + "}  // namespace\n}  // namespace " +
           space + "\n";
}

std::vector<std::string> privateNames(const std::string& text) {
    std::vector<std::string> names;
    for (const Declared& declared : declaredIn(inUnnamed("a", text))) {
        if (declared.isPrivate) names.push_back(declared.name);
    }
    return names;
}

TEST(PrivateNames, AreReadWhateverTheyName) {
    EXPECT_THAT(privateNames("bool isHole(const Row& row) {\n    return row.empty();\n}\n"
                             "std::map<int, std::function<void(int)>> byNumber() {\n}\n"
                             "const std::vector<std::string>&\nlongNamed(int a) {\n}\n"
                             "template <typename T>\nT* made(T value) {\n}\n"
                             "[[nodiscard]] constexpr int one() { return 1; }\n"
                             "int operators(int a);\n"),
                ElementsAre("isHole", "byNumber", "longNamed", "made", "one", "operators"));
    EXPECT_THAT(privateNames("constexpr size_t kMax = 1 < 2;\nconst char* kTable[] = {\n    1};\n"
                             "std::atomic<int> count{0};\nstd::mutex mutex;\n"),
                ElementsAre("kMax", "kTable", "count", "mutex"));
    EXPECT_THAT(privateNames("struct Item {\n    int a;\n};\nclass Other final : public Item {\n"
                             "  public:\n    int b();\n};\nenum class Kind : uint8_t { kA };\n"),
                ElementsAre("Item", "Other", "Kind"));
    EXPECT_THAT(privateNames("using testing::Not, std::min;\nusing Rows = std::vector<int>;\n"
                             "namespace fs = std::filesystem;\nMATCHER_P(IsRow, row, \"\") {\n}\n"),
                ElementsAre("Not", "min", "Rows", "fs", "IsRow"));
}

TEST(PrivateNames, AreNotThoseOfMembersTestsAndText) {
    EXPECT_THAT(privateNames("void Other::run() {\n}\nTEST(Other, Runs) {\n}\n// words(of text)\n"
                             "bool operator==(const A& a, const A& b) {\n}\nOther::Other() {\n}\n"
                             "std::ostream& operator<<(std::ostream& out, const A& a) {\n}\n"
                             "void PrintTo(const A& a, std::ostream* out) {\n}\n"
                             "static_assert(kOk);\nusing namespace std::chrono;\n"),
                IsEmpty());
    EXPECT_THAT(privateNames("const char* kText = R\"(\nint words(of text)\n)\";\nint after() {\n"),
                ElementsAre("kText", "after"));
    const auto named = declaredIn("namespace a {\nint shown();\nstatic int hidden() {\n}\n");
    ASSERT_EQ(named.size(), 2U);
    EXPECT_FALSE(named[0].isPrivate);
    EXPECT_TRUE(named[1].isPrivate);
}

TEST(PrivateNames, OfTwoSourcesAreFound) {
    const std::string one = inUnnamed("a", "bool isHole(int row) {\n}\n");
    const std::string other = inUnnamed("a", "bool isHole(char row, int column) {\n}\n");
    EXPECT_THAT(sharedIn({{"x.cpp", one}, {"y.cpp", other}}),
                ElementsAre("a::isHole is private to each of x.cpp, y.cpp"));
    EXPECT_THAT(sharedIn({{"x.cpp", one}, {"y.cpp", inUnnamed("b", "int isHole;\n")}}), IsEmpty());
    const std::string alias = inUnnamed("a", "using testing::Not;\n");
    EXPECT_THAT(sharedIn({{"x.cpp", alias}, {"y.cpp", alias}}), IsEmpty());
    EXPECT_THAT(sharedIn({{"x.cpp", alias}, {"y.cpp", inUnnamed("a", "using other::Not;\n")}}),
                ElementsAre("a::Not is private to each of x.cpp, y.cpp"));
}

TEST(PrivateNames, OfAHeaderAreFound) {
    const std::string header = "namespace a {\nLog openLog(const Options& options);\n}\n";
    const std::string over = "#include \"log.h\"\n";
    const std::string inside = inUnnamed("a::b", "Log openLog(const Path& path) {\n}\n");
    // Another source includes the header, by another header.
    EXPECT_THAT(sharedIn({{"log.h", header},
                          {"over.h", over},
                          {"x.cpp", inside},
                          {"y.cpp", "#include \"over.h\"\n"}}),
                ElementsAre("openLog is private to x.cpp, and declared in log.h"));
    EXPECT_THAT(sharedIn({{"x.cpp", inside}, {"y.cpp", header}}),
                ElementsAre("openLog is private to x.cpp, and declared in y.cpp"));
    EXPECT_THAT(sharedIn({{"log.h", header}, {"x.cpp", inside}}), IsEmpty());
    EXPECT_THAT(
        sharedIn({{"log.h", header},
                  {"x.cpp", over + inUnnamed("c", "Log openLog(const Path& path) {\n}\n")}}),
        IsEmpty());
}

TEST(PrivateNames, TargetsAreReadFromTheirLists) {
    EXPECT_THAT(targetsIn("m",
                          "# Why (not).\nadd_library(one STATIC\n    a.cpp\n    b/c.cpp)\n"
                          "netchat_test(two SOURCES d.cpp # last\n LIBRARIES one)\n"
                          "add_executable(${target} ${target}.cpp)\n"),
                ElementsAre(Pair("one", ElementsAre("m/a.cpp", "m/b/c.cpp")),
                            Pair("two", ElementsAre("m/d.cpp"))));
}

TEST(PrivateNames, EachIsOneThingInItsTarget) {
    std::map<std::string, std::string> texts;
    const auto textOf = [&](const std::string& path) {
        auto [text, isNew] = texts.try_emplace(path);
        if (isNew) text->second = fileText(path);
        return text->second;
    };
    std::set<std::string> unlisted = filesNamed(".cpp");
    for (const std::string& lists : filesNamed("CMakeLists.txt")) {
        const std::string folder = lists.substr(0, lists.rfind('/'));
        for (const auto& [target, sources] : targetsIn(folder, fileText(lists))) {
            for (const std::string& source : sources) unlisted.erase(source);
            EXPECT_THAT(sharedNames(sources, textOf), IsEmpty()) << target << ". " << kAdvice;
        }
    }
    // The fuzz targets have a source each, by the function that defines them.
    std::erase_if(unlisted, [](const auto& path) { return path.starts_with("tests/fuzz/"); });
    EXPECT_THAT(unlisted, IsEmpty()) << "no list of a target is read that names these";
}

}  // namespace
}  // namespace netchat::test
