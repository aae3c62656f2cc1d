// A room's log from outside: lines of an exported one, and questions, which SQLite must never take
// for anything but words.

#include <sqlite3.h>

#include "modes/store/log_line.h"
#include "modes/store/search_words.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

using namespace store;

class Index {
  public:
    Index() {
        HOLDS(sqlite3_open(":memory:", &db_) == SQLITE_OK);
        HOLDS(sqlite3_exec(db_,
                           "CREATE VIRTUAL TABLE words USING fts5(text, content='', columnsize=0,"
                           " tokenize='unicode61 remove_diacritics 2');"
                           "INSERT INTO words(rowid, text) VALUES (1, 'hello wide world')",
                           nullptr, nullptr, nullptr) == SQLITE_OK);
        HOLDS(sqlite3_prepare_v2(db_, "SELECT rowid FROM words WHERE words MATCH ?", -1, &ask_,
                                 nullptr) == SQLITE_OK);
    }
    ~Index() {
        sqlite3_finalize(ask_);
        sqlite3_close(db_);
    }
    Index(const Index&) = delete;
    Index& operator=(const Index&) = delete;
    // Whether it is found; an error ends the run.
    bool find(const std::string& question) {
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
    sqlite3_stmt* ask_ = nullptr;
};

void questionHolds(std::string_view input) {
    static Index index;
    const std::string text = utf8::repaired(input.substr(0, 256));
    const auto words = wordsOf(text);
    for (const auto& word : words) HOLDS(!word.empty() && utf8::isValid(word));
    const auto sought = readQuestion(text);
    for (const auto& part : sought) HOLDS(!part.words.empty());
    // Every text has all of its own words.
    HOLDS(occurIn(sought, words));
    if (!sought.empty()) (void)index.find(ftsExpression(sought));
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
