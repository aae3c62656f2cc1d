// The documents: short sentences, and nothing named that is not there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/plain_words.h"

namespace netchat::test {
namespace {

namespace fs = std::filesystem;
using testing::Gt;
using testing::IsEmpty;
using testing::SizeIs;

const fs::path kSources = NETCHAT_SOURCES;

constexpr size_t kReadmeWordsMax = 1200;

std::string textOf(const fs::path& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    EXPECT_FALSE(text.str().empty()) << "no " << file;
    return text.str();
}

std::vector<fs::path> filesBelow(const fs::path& top) {
    std::vector<fs::path> files;
    auto entry = fs::recursive_directory_iterator(top);
    for (; entry != fs::recursive_directory_iterator(); ++entry) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with(".git") || name.starts_with("build")) {
            entry.disable_recursion_pending();
        } else if (entry->is_regular_file()) {
            files.push_back(entry->path());
        }
    }
    return files;
}

// Every document of the tree, relative to its top.
std::vector<std::string> allDocuments() {
    std::vector<std::string> documents;
    for (const fs::path& file : filesBelow(kSources)) {
        if (file.extension() == ".md") documents.push_back(fs::relative(file, kSources).string());
    }
    return documents;
}

// Without blocks of code: those are examples, with files of the reader's.
std::string withoutCodeBlocks(const std::string& text) {
    std::string out;
    std::istringstream lines(text);
    bool isFenced = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("```")) isFenced = !isFenced;
        if (!isFenced && !line.starts_with("    ")) out += line + "\n";
    }
    return out;
}

// The first group of each match.
std::vector<std::string> matchesOf(const std::string& text, const std::regex& pattern) {
    std::vector<std::string> found;
    for (auto it = std::sregex_iterator(text.begin(), text.end(), pattern);
         it != std::sregex_iterator(); ++it) {
        found.push_back((*it)[1]);
    }
    return found;
}

// As a viewer of Markdown makes it of a heading.
std::string anchorOf(const std::string& heading) {
    std::string anchor;
    for (const char c : heading) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || c == '-' || c == '_' || byte >= 0x80) {
            anchor += static_cast<char>(std::tolower(byte));
        } else if (c == ' ') {
            anchor += '-';
        }
    }
    return anchor;
}

std::set<std::string> anchorsIn(const std::string& text) {
    std::set<std::string> anchors;
    for (const std::string& heading : matchesOf(text, std::regex(R"((?:^|\n)#+ ([^\n]+))"))) {
        anchors.insert(anchorOf(heading));
    }
    return anchors;
}

// The words of all sources, and of them those that name a type where it is declared.
struct SourceWords {
    std::set<std::string> all, types;
};

SourceWords wordsOf(const std::string& text) {
    static const std::set<std::string> kDeclares = {"class", "struct", "using", "concept"};
    SourceWords words;
    std::string word, before;
    for (const char c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
            word += c;
        } else if (!word.empty()) {
            words.all.insert(word);
            // An attribute may stand between: class [[nodiscard]] Result.
            if (kDeclares.contains(before)) words.types.insert(word);
            if (word != "nodiscard") before = word;
            word.clear();
        }
    }
    return words;
}

const SourceWords& sourceWords() {
    static const SourceWords words = [] {
        std::string text;
        for (const fs::path& file : filesBelow(kSources)) {
            if (file.extension() == ".h" || file.extension() == ".cpp") text += textOf(file) + "\n";
        }
        return wordsOf(text);
    }();
    return words;
}

// The parts of `Session::receive` and the like.
std::vector<std::string> partsOf(const std::string& name) {
    std::vector<std::string> parts;
    size_t from = 0;
    for (size_t end = name.find("::"); end != std::string::npos; end = name.find("::", from)) {
        parts.push_back(name.substr(from, end - from));
        from = end + 2;
    }
    parts.push_back(name.substr(from));
    return parts;
}

bool isInSources(const std::string& name) {
    const auto parts = partsOf(name);
    return std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
        const bool isType = std::isupper(static_cast<unsigned char>(part.front()));
        return (isType ? sourceWords().types : sourceWords().all).contains(part);
    });
}

TEST(Documents, UseShortSentences) {
    std::vector<std::string> wrong;
    for (const std::string& document : allDocuments()) {
        const auto found = unplainWords(document, markdownProse(textOf(kSources / document)));
        wrong.insert(wrong.end(), found.begin(), found.end());
    }
    EXPECT_THAT(wrong, IsEmpty());
}

// A clause in place of a noun makes a reader wait for the subject.
TEST(Documents, BeginSentencesWithTheirSubjects) {
    std::vector<std::string> wrong;
    for (const std::string& document : allDocuments()) {
        for (const std::string& sentence : sentences(markdownProse(textOf(kSources / document)))) {
            for (const char* begin : {"Of the ", "What ", "Whatever ", "Who ", "Whoever "}) {
                if (sentence.starts_with(begin) && !sentence.ends_with('?')) {
                    wrong.push_back(document + ": " + sentence);
                }
            }
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
}

TEST(Documents, TheReadmeIsReadInFiveMinutes) {
    std::istringstream words(textOf(kSources / "README.md"));
    const size_t count = std::distance(std::istream_iterator<std::string>(words), {});
    EXPECT_LE(count, kReadmeWordsMax);
}

TEST(Documents, LinksLeadSomewhere) {
    const std::regex link(R"(\]\(([^)\s]+)\))");
    std::vector<std::string> wrong;
    for (const std::string& document : allDocuments()) {
        const fs::path file = kSources / document;
        for (const std::string& target : matchesOf(withoutCodeBlocks(textOf(file)), link)) {
            if (target.find("://") != std::string::npos) continue;
            const size_t hash = std::min(target.find('#'), target.size());
            const fs::path there = hash == 0 ? file : file.parent_path() / target.substr(0, hash);
            const bool found =
                fs::exists(there) && (hash == target.size() ||
                                      anchorsIn(textOf(there)).contains(target.substr(hash + 1)));
            if (!found) wrong.push_back(document + " links to " + target);
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
}

// `field.h`, `bench/bench.h`, `tests/e2e/` and the like: a name without a folder may stand in any,
// and a path begins at the top or beside the document.
TEST(Documents, NameFilesThatExist) {
    const std::regex path(
        R"(`((?:[\w.-]+/)*(?:[\w-]+/|[\w-]+\.(?:h|cpp|md|sh|py|bot|service|properties)))`)");
    std::set<std::string> names;
    for (const fs::path& file : filesBelow(kSources)) names.insert(file.filename().string());
    const auto exists = [&names](const fs::path& folder, const std::string& name) {
        if (name.find('/') == std::string::npos) return names.contains(name);
        return fs::exists(kSources / name) || fs::exists(folder / name);
    };
    std::vector<std::string> wrong;
    for (const std::string& document : allDocuments()) {
        const fs::path file = kSources / document;
        for (const std::string& name : matchesOf(withoutCodeBlocks(textOf(file)), path)) {
            if (!exists(file.parent_path(), name)) wrong.push_back(document + " names " + name);
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
}

// `Session`, `v2::Offer`, `Session::receive` and the like.
TEST(Documents, NameTypesAndFunctionsThatExist) {
    const std::regex name(R"(`((?:\w+::)*[A-Z]\w*[a-z]\w*(?:::\w+)?)`)");
    std::vector<std::string> wrong;
    for (const char* document : {"modes/ARCHITECTURE.md", "tests/HACKING.md"}) {
        const std::string text = withoutCodeBlocks(textOf(kSources / document));
        const auto names = matchesOf(text, name);
        EXPECT_THAT(names, SizeIs(Gt(10)));
        for (const std::string& full : names) {
            if (!isInSources(full)) wrong.push_back(std::string(document) + " names " + full);
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
}

// The words of a table in the sources: what `word` finds there. The document names each, after
// `before`.
struct Vocabulary {
    const char *source, *word, *document;
    std::string before;
};

constexpr Vocabulary kVocabularies[] = {
    {"harness/judge/verdict.cpp", R"re("([a-z-]+)")re", "harness/README.md", "`"},
    {"harness/journal/journal.cpp", R"re("([a-z-]+)")re", "harness/README.md", "`"},
    {"harness/simulate/connection_checker.cpp", R"re(violated\("([a-z-]+)")re", "harness/README.md",
     "`"},
    {"harness/simulate/sim_client.cpp", R"re(violated\("([a-z-]+)")re", "harness/README.md", "`"},
    {"harness/simulate/simulation.cpp", R"re(violated\("([a-z-]+)")re", "harness/README.md", "`"},
    {"harness/bench/workloads.cpp", R"re(\{"([a-z0-9+]+)", ")re", "harness/README.md", "`"},
    {"tests/simulate/planted_bugs.cpp", R"re(plant<[^"]*>\("([^"]+)"\))re", "harness/README.md",
     "| "},
    {"modes/bot/verbs.cpp", R"re(VerbRule\{"([a-z]+)")re", "modes/bot/README.md", "`"},
    {"modes/bot/matcher.cpp", R"re(\{"([a-z-]+)", EventKind::)re", "modes/bot/README.md", "`"},
    {"modes/bot/jsonl_mode.cpp", R"re(\{"([a-z]+)", &JsonlMode::)re", "modes/bot/README.md",
     "\"do\":\""},
    {"modes/client/event.h", R"re(kName = "([a-z-]+)")re", "modes/client/event_json.h", "//     "},
};

TEST(Documents, NameEveryWordOfTheSources) {
    std::vector<std::string> wrong;
    for (const auto& [source, word, document, before] : kVocabularies) {
        const auto words = matchesOf(textOf(kSources / source), std::regex(word));
        EXPECT_THAT(words, SizeIs(Gt(4))) << source;
        const std::string text = textOf(kSources / document);
        for (const std::string& each : words) {
            // Whole: a longer word that begins so is another.
            size_t at = text.find(before + each);
            const auto goesOn = [&](size_t end) {
                return end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) ||
                                             text[end] == '-' || text[end] == '+');
            };
            while (at != std::string::npos && goesOn(at + before.size() + each.size())) {
                at = text.find(before + each, at + 1);
            }
            if (at == std::string::npos) {
                wrong.push_back(std::string(document) + " lacks " + each + " of " + source);
            }
        }
    }
    EXPECT_THAT(wrong, IsEmpty());
}

}  // namespace
}  // namespace netchat::test
