// How long searches take and what the index costs: says many things, indexes them, and asks.
//
// usage: search_bench [ENTRIES [FOLDER]]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <future>
#include <random>
#include <string>

#include "modes/store/sqlite_room_log.h"
#include "modes/store/sqlite_searcher.h"

namespace netchat::store {
namespace {

using Clock = std::chrono::steady_clock;

double msSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double cpuSeconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// Words whose frequencies are about those of a language, some of them in other scripts.
class Talk {
  public:
    Talk() {
        const std::string syllables[] = {"ta", "ko", "ri", "sen", "the", "an", "er",  "in", "ing",
                                         "st", "on", "al", "ou",  "de",  "mi", "pro", "un", "ly"};
        for (size_t i = 0; i < 20'000; ++i) {
            std::string word;
            for (size_t n = 1 + random_() % 4; n > 0; --n) word += syllables[random_() % 18];
            words_.push_back(word);
        }
    }
    // About 65 bytes.
    std::string text(size_t number) {
        if (number % 10 == 9) return "明日は東京に行きますから駅で会いましょう" + word();
        if (number % 10 == 8) return "Привет всем, кто пришёл " + word();
        std::string out;
        while (out.size() < 60) out += word() + ' ';
        if (number % 100'000 == 500) out += "suspended 龘 🦖 zq https://www.example.com/x?y=1";
        return out;
    }

  private:
    std::string word() {
        const double part = std::uniform_real_distribution<>(0, 1)(random_);
        return words_[static_cast<size_t>(part * part * part * 19'999)];
    }
    std::mt19937 random_{1};
    std::vector<std::string> words_;
};

void fill(RoomLog& log, size_t entries) {
    Talk talk;
    constexpr size_t kBatch = 1000;
    for (size_t done = 0; done < entries; done += kBatch) {
        std::vector<std::string> texts;
        std::vector<std::string> ids;
        for (size_t i = done; i < std::min(entries, done + kBatch); ++i) {
            texts.push_back(talk.text(i));
            ids.push_back(std::to_string(i));
        }
        std::vector<Draft> drafts;
        for (size_t i = 0; i < texts.size(); ++i) {
            Entry entry;
            entry.user = 1 + i % 50;
            entry.from = "alice";
            entry.id = ids[i];
            entry.text = texts[i];
            entry.time = 1'700'000'000'000 + static_cast<int64_t>(done + i);
            drafts.push_back({"lobby", entry});
        }
        if (!log.append(drafts)) std::abort();
    }
}

SearchResult ask(Searcher& searcher, const std::string& words) {
    std::promise<Result<SearchResult>> done;
    searcher.search({"lobby", words, 0, 20}, [&](auto result) { done.set_value(result); });
    const auto result = done.get_future().get();
    if (!result) std::abort();
    return *result;
}

void askAll(Searcher& searcher) {
    std::string letters, longWord;
    for (int i = 0; i < 128; ++i) letters += std::string(1, static_cast<char>('a' + i % 26)) + " ";
    while (longWord.size() < 256) longWord += "theinganer";
    const std::pair<const char*, std::string> questions[] = {
        {"a rare word", "suspended"},
        {"a part of it", "uspend"},
        {"a part of a URL", "example.com"},
        {"a common word", "the"},
        {"two common words", "the ing"},
        {"a word that is nowhere", "xyzzy"},
        {"two letters, rare", "zq"},
        {"two letters, common", "th"},
        {"two letters, nowhere", "qx"},
        {"one letter", "a"},
        {"one letter, nowhere", "q"},
        {"a common word, CJK", "東京"},
        {"a rare character, CJK", "龘"},
        {"a common character, CJK", "駅"},
        {"an emoji", "🦖"},
        {"Cyrillic, ё by е", "пришел"},
        {"128 letters", letters},
        {"one word of 256", longWord},
        {"parts that are nowhere together", "theing ingthe aner 東京"},
    };
    for (const auto& [what, words] : questions) {
        const auto start = Clock::now();
        const SearchResult result = ask(searcher, words);
        std::printf("%-32s %3zu found%s  %8.1f ms\n", what, result.entries.size(),
                    result.more ? ", more" : "      ", msSince(start));
    }
}

void run(size_t entries, const std::filesystem::path& folder) {
    const auto logFile = folder / "log.sqlite", index = folder / "search.sqlite";
    auto log = SqliteRoomLog::open(logFile, Durability::Process);
    if (!log) std::abort();
    if ((*log)->range("lobby").last == 0) fill(**log, entries);
    std::filesystem::remove(index);
    {
        const double cpuBefore = cpuSeconds();
        SqliteSearcher searcher(logFile, index);
        const auto start = Clock::now();
        ask(searcher, "suspended");
        const double seconds = msSince(start) / 1000;
        std::printf("indexed: %.0f entries/s, %.0f for each second of a core\n",
                    static_cast<double>(entries) / seconds,
                    static_cast<double>(entries) / (cpuSeconds() - cpuBefore));
        askAll(searcher);
    }
    std::printf(
        "log: %.1f bytes/entry, index: %.1f bytes/entry\n",
        static_cast<double>(std::filesystem::file_size(logFile)) / static_cast<double>(entries),
        static_cast<double>(std::filesystem::file_size(index)) / static_cast<double>(entries));
}

}  // namespace
}  // namespace netchat::store

int main(int argc, char** argv) {
    const size_t entries = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
    auto folder =
        std::filesystem::temp_directory_path() / ("search_bench." + std::to_string(entries));
    if (argc > 2) folder = argv[2];
    std::filesystem::create_directories(folder);
    netchat::store::run(entries, folder);
}
