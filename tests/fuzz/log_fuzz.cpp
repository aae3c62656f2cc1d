// A room's log from outside: lines of an exported one, and questions, which SQLite must never take
// for anything but words.

#include <sqlite3.h>

#include <optional>

#include "modes/store/log_line.h"
#include "modes/store/search_words.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

using namespace store;

class Index {
  public:
    Index() {
        const std::string make =
            "CREATE VIRTUAL TABLE words USING fts5(text, content='', columnsize=0, detail=none,"
            " tokenize=\"" +
            std::string(kIndexTokenizer) + "\")";
        HOLDS(sqlite3_open(":memory:", &db_) == SQLITE_OK);
        HOLDS(sqlite3_exec(db_, make.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
        HOLDS(sqlite3_prepare_v2(db_, "INSERT INTO words(rowid, text) VALUES (?, ?)", -1, &add_,
                                 nullptr) == SQLITE_OK);
        HOLDS(sqlite3_prepare_v2(db_, "SELECT rowid FROM words WHERE words MATCH ? AND rowid >= ?",
                                 -1, &ask_, nullptr) == SQLITE_OK);
    }
    ~Index() {
        sqlite3_finalize(add_);
        sqlite3_finalize(ask_);
        sqlite3_close(db_);
    }
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;
    void add(const std::string& terms) {
        sqlite3_bind_int64(add_, 1, ++last_);
        sqlite3_bind_text(add_, 2, terms.data(), static_cast<int>(terms.size()), SQLITE_STATIC);
        HOLDS(sqlite3_step(add_) == SQLITE_DONE);
        sqlite3_reset(add_);
    }
    // Whether the last is found; an error ends the run.
    bool find(const std::string& question) {
        sqlite3_bind_int64(ask_, 2, last_);
        sqlite3_bind_text(ask_, 1, question.data(), static_cast<int>(question.size()),
                          SQLITE_STATIC);
        const int outcome = sqlite3_step(ask_);
        if (outcome != SQLITE_ROW && outcome != SQLITE_DONE) {
            differ(__FILE__, __LINE__, question, sqlite3_errmsg(db_));
        }
        sqlite3_reset(ask_);
        return outcome == SQLITE_ROW;
    }

  private:
    sqlite3* db_ = nullptr;
    sqlite3_stmt *add_ = nullptr, *ask_ = nullptr;
    sqlite3_int64 last_ = 0;
};

// The first line is asked for, what follows is said.
void questionHolds(std::string_view input) {
    static std::optional<Index> index;
    static size_t uses = 0;
    if (uses++ % 1000 == 0) index.emplace();  // it cannot forget
    const std::string line =
        utf8::repaired(input.substr(0, std::min(input.find('\n'), input.size())));
    const std::string text = folded(utf8::repaired(input));
    HOLDS(utf8::isValid(text));
    SAME(folded(text), text);
    HOLDS(text.find("  ") == std::string::npos);
    index->add(indexTerms(text));
    for (const auto& words :
         {wordsOf(line), wordsOf(text), wordsOf(input.size() % 2 ? "a" : "東")}) {
        if (words.empty()) continue;
        const bool found = index->find(indexQuestion(words).expression);
        HOLDS(found || !contains(text, words));
    }
}

void lineHolds(const std::string& json) {
    const auto line = logLineOf(json);
    if (!line) {
        HOLDS(!line.error().text.empty());
        return;
    }
    const std::string once = toJson(*line);
    HOLDS(once.find('\n') == once.size() - 1);
    const auto again = logLineOf(once);
    HOLDS(again);
    SAME(toJson(*again), once);
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    const auto text = textOf(data, size);
    questionHolds(text);
    lineHolds(std::string(text));
    return 0;
}
