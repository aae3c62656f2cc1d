// A log whose bits have changed where they lie: nothing else than what was said is ever served.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>

#include <future>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <sstream>

#include "modes/store/log_transfer.h"
#include "modes/store/sqlite_searcher.h"
#include "modes/store/sqlite_support.h"
#include "tests/store/log_by_hand.h"
#include "tests/support/temp_folder.h"

namespace netchat::store {
namespace {

// Each opens the log anew; a sanitizer makes that ten times as slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kFlips = 200;
#else
constexpr int kFlips = 1000;
#endif

namespace fs = std::filesystem;
using namespace Poco::Data::Keywords;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RottenLog : public testing::Test {
  protected:
    fs::path file() const { return folder_ / "log.sqlite"; }
    void makeLog(int entries) {
        const auto log = openLog(file());
        for (int i = 1; i <= entries; ++i) {
            const std::string id = std::to_string(i);
            sayTo(*log, draftOf("lobby", 1, id, "text number " + id));
        }
    }
    // In the database's file, whatever SQLite makes of it.
    void change(const std::string& from, const std::string& to) const {
        std::string bytes = bytesOfFile(file());
        const size_t at = bytes.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        ASSERT_EQ(bytes.find(from, at + 1), std::string::npos) << from << " is there twice";
        writeFile(file(), bytes.replace(at, from.size(), to));
    }
    std::vector<std::string> faults() const {
        const auto verdict = verifyLog(folder_.path(), "");
        EXPECT_TRUE(verdict) << verdict.error().text;
        return verdict ? verdict->wrong : std::vector<std::string>{};
    }

    test::TempFolder folder_;
};

TEST_F(RottenLog, IsReadWithAGapForExactlyWhatIsDamagedAndSaidOnce) {
    makeLog(5);
    change("text number 3", "text number 7");
    std::vector<std::string> told;
    const auto log = openLog(file(), Durability::Process,
                             [&told](const std::string& text) { told.push_back(text); });
    const std::vector<std::string> expected = {"1 alice: text number 1", "2 alice: text number 2",
                                               "lost 3", "4 alice: text number 4",
                                               "5 alice: text number 5"};
    EXPECT_EQ(linesOf(*log, "lobby"), expected);
    EXPECT_EQ(linesOf(*log, "lobby"), expected);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_THAT(told[0], HasSubstr("entry 3 is missing in the room lobby"));
    // What is damaged was taken all the same, and is not taken again.
    const Draft again = draftOf("lobby", 1, "3", "text number 3");
    const auto result = log->append({&again, 1});
    ASSERT_TRUE(result);
    EXPECT_TRUE((*result)[0].duplicate);
    EXPECT_EQ((*result)[0].seq, 3U);
    EXPECT_EQ(sayTo(*log, draftOf("lobby", 1, "6", "goes on")), 6U);
}

TEST_F(RottenLog, IsFoundByVerifyAndLeavesItsPlaceInAnExport) {
    makeLog(5);
    change("text number 3", "text number 7");
    EXPECT_THAT(faults(), testing::Contains(HasSubstr("room lobby has lost 3: damaged")));
    std::string lines;
    ASSERT_TRUE(exportLog(folder_.path(), "", [&lines](std::string_view line) {
        lines += line;
        return true;
    }));
    EXPECT_THAT(lines, HasSubstr(R"({"kind":"lost","room":"lobby","seq":3,"count":1})"));
    EXPECT_THAT(lines, testing::Not(HasSubstr("text number 7")));
    const test::TempFolder copy;
    std::istringstream in(lines);
    ASSERT_TRUE(importLog(copy.path(), in));
    EXPECT_THAT(verifyLog(copy.path(), "")->wrong, IsEmpty());
    const auto log = openLog(copy / "log.sqlite");
    EXPECT_THAT(linesOf(*log, "lobby", 2),
                ElementsAre("2 alice: text number 2", "lost 3", "4 alice: text number 4",
                            "5 alice: text number 5"));
}

TEST_F(RottenLog, IsSearchedWithoutWhatIsDamaged) {
    makeLog(5);
    change("text number 3", "text number 7");
    const auto log = openLog(file());
    SqliteSearcher searcher(file(), folder_ / "search.sqlite");
    std::promise<SearchResult> found;
    searcher.search({"lobby", "text", 0, 20}, [&found](Result<SearchResult> result) {
        found.set_value(result ? std::move(*result) : SearchResult{});
    });
    const SearchResult result = found.get_future().get();
    EXPECT_EQ(result.entries.size(), 4U);
    EXPECT_THAT(result.lost, ElementsAre(3U));
}

TEST_F(RottenLog, MissesEntriesThatAreNotThereOutLoud) {
    makeLog(5);
    {
        Poco::Data::Session session = openSqlite(file());
        session << "DELETE FROM entry WHERE seq IN (2, 3)", now;
    }
    const auto log = openLog(file());
    EXPECT_THAT(linesOf(*log, "lobby"),
                ElementsAre("1 alice: text number 1", "lost 2-3", "4 alice: text number 4",
                            "5 alice: text number 5"));
}

// What a server serves of a log: rooms, entries, nicks and users, and what of a room is common with
// the log of an earlier identity.
struct Served {
    std::map<std::string, std::vector<std::string>> rooms;
    std::map<std::string, uint64_t> common;
    std::set<std::string> nicks;
    bool knowsAlice = false;
};

class FlippedBits : public RottenLog {
  protected:
    void makeFullLog() {
        auto log = openLog(file());
        const UserRecord alice{1, "alice", "1-secret"}, bob{2, "bob", "2-secret"};
        ASSERT_TRUE(log->add(std::vector<UserRecord>{alice, bob}));
        ASSERT_TRUE(log->reserve(10));
        ASSERT_TRUE(log->keep(std::vector<NickRecord>{{"alice", 1, 100}, {"bob", 2, 200}}));
        for (int i = 1; i <= 300; ++i) {
            const std::string id = std::to_string(i);
            const std::string room = i % 3 == 0 ? "red" : "lobby";
            const std::string text = "text number " + id + std::string(i % 50 * 9, 'x');
            Draft draft = draftOf(room, 1 + i % 2, id, text);
            const std::string sha(64, 'a');
            if (i % 40 == 0) {
                draft.entry.kind = EntryKind::File;
                draft.entry.sha256 = sha;
                draft.entry.size = 1000;
            }
            sayTo(*log, draft);
            // The next start takes it for a copy.
            if (i % 100 > 0 || i == 300) continue;
            earlier_.emplace_back(log->identity());
            log.reset();
            fs::remove(folder_ / "log.mark");
            log = openLog(file());
        }
    }
    // Nothing: it is not opened.
    std::optional<Served> serve() const {
        const auto log = SqliteRoomLog::open(file(), Durability::Process);
        if (!log) return {};
        Served served;
        for (const std::string& room : (*log)->rooms()) {
            auto& lines = served.rooms[room];
            const auto status = (*log)->read(room, 1, [&](const Entry& e) {
                if (e.kind == EntryKind::Lost) {
                    for (uint64_t i = 0; i < e.size; ++i) lines.emplace_back("lost");
                    return true;
                }
                std::ostringstream line;
                line << e.seq << int(e.kind) << e.time << e.user << e.id << e.from << e.text
                     << e.sha256 << e.size;
                lines.push_back(line.str());
                return true;
            });
            if (!status) lines.emplace_back("error");
            for (const std::string& identity : earlier_) {
                const auto common = (*log)->sharedWith(identity, room);
                served.common[room + " " + identity] = common.value_or(0);
            }
        }
        if (const auto nicks = (*log)->nicks()) {
            for (const auto& nick : *nicks) {
                served.nicks.insert(nick.nick + " " + std::to_string(nick.user));
            }
        }
        const auto alice = (*log)->find(1, "1-secret");
        served.knowsAlice = alice.has_value();
        EXPECT_TRUE(!alice || alice->nick == "alice");
        return served;
    }

    std::vector<std::string> earlier_;  // identities
};

// Other than the right text, or a gap. Whoever is told that less is common reads some again; of
// more, they would miss some.
bool isWrong(const Served& served, const Served& right) {
    for (const auto& [room, lines] : served.rooms) {
        const auto it = right.rooms.find(room);
        if (it == right.rooms.end() || lines.size() != it->second.size()) return true;
        for (size_t i = 0; i < lines.size(); ++i) {
            if (lines[i] != "lost" && lines[i] != it->second[i]) return true;
        }
    }
    for (const auto& [place, common] : served.common) {
        if (common > right.common.at(place)) return true;
    }
    for (const std::string& nick : served.nicks) {
        if (right.nicks.count(nick) == 0) return true;
    }
    return served.rooms.size() != right.rooms.size();
}

bool isSame(const Served& a, const Served& b) {
    return a.rooms == b.rooms && a.common == b.common && a.nicks == b.nicks &&
           a.knowsAlice == b.knowsAlice;
}

TEST_F(FlippedBits, NeverMakeAnotherTextAndAreFoundByVerify) {
    makeFullLog();
    const std::string pristine = bytesOfFile(file());
    const auto right = serve();
    ASSERT_TRUE(right);
    ASSERT_EQ(right->rooms.size(), 2U);
    ASSERT_EQ(right->common.at("red " + earlier_[1]), 66U);
    ASSERT_THAT(faults(), IsEmpty());
    std::mt19937_64 random(20'261'129);
    int refused = 0, gaps = 0, same = 0;
    for (int i = 0; i < kFlips; ++i) {
        const uint64_t bit = random() % (pristine.size() * 8);
        std::string bytes = pristine;
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
        for (const char* ending : {"-wal", "-shm"}) fs::remove(file().string() + ending);
        writeFile(file(), bytes);
        const auto verdict = verifyLog(folder_.path(), "");
        const bool good = verdict && verdict->wrong.empty();
        const auto served = serve();
        ASSERT_FALSE(served && isWrong(*served, *right)) << "bit " << bit;
        if (!served || !isSame(*served, *right)) {
            EXPECT_FALSE(good) << "verify calls it good: bit " << bit;
        }
        !served ? ++refused : isSame(*served, *right) ? ++same : ++gaps;
    }
    std::printf("refused %d, with gaps %d, the same %d\n", refused, gaps, same);
    EXPECT_GT(gaps, kFlips / 3);
}

// Few of the bits above are in these tables.
TEST_F(FlippedBits, OfAnIdentityNeverMakeMoreOfARoomCommon) {
    makeFullLog();
    const std::string pristine = bytesOfFile(file());
    const auto right = serve();
    for (const char* change :
         {"UPDATE epoch_end SET last = last + 64 WHERE epoch = 1",
          "UPDATE epoch_end SET room = 3 - room, epoch = epoch + 4",
          "UPDATE epoch SET number = 4 WHERE number = 1", "UPDATE epoch_end SET epoch = 4 - epoch",
          "UPDATE epoch SET number = number + 8 WHERE number = 3"}) {
        writeFile(file(), pristine);
        {
            Poco::Data::Session session = openSqlite(file());
            session << change, now;
        }
        EXPECT_THAT(faults(), testing::Contains(HasSubstr("rows of the table epoch"))) << change;
        const auto served = serve();
        ASSERT_TRUE(served) << change;
        EXPECT_FALSE(isWrong(*served, *right)) << change;
        // An identity that begins now takes no number that a damaged one may have had.
        for (int i = 0; i < 2; ++i) {
            fs::remove(folder_ / "log.mark");
            const auto again = serve();
            ASSERT_TRUE(again) << change;
            EXPECT_FALSE(isWrong(*again, *right)) << change;
        }
        EXPECT_THAT(faults(), IsEmpty()) << change;
    }
}

TEST_F(RottenLog, WhoseTablesAreOthersIsNotOpened) {
    makeLog(1);
    const std::string pristine = bytesOfFile(file());
    change("text BLOB, sha256 BLOB,", "text BLOB, sha256 BL_B,");
    const auto log = SqliteRoomLog::open(file(), Durability::Process);
    ASSERT_FALSE(log);
    EXPECT_THAT(log.error().text, HasSubstr("its tables were altered"));
    EXPECT_THAT(faults(), testing::Contains(HasSubstr("the tables were altered")));
    // What somebody has added is in nobody's way.
    writeFile(file(), pristine);
    {
        Poco::Data::Session session = openSqlite(file());
        session << "CREATE INDEX theirs ON entry (time)", now;
    }
    EXPECT_EQ(openLog(file())->range("lobby").last, 1U);
}

// ---- older logs

TEST(OlderLog, OfVersionSixKeepsWhatItKnowsOfItsIdentities) {
    const test::TempFolder folder;
    const fs::path file = folder / "log.sqlite";
    std::string first;
    {
        const auto log = openLog(file);
        first = log->identity();
        sayTo(*log, draftOf("lobby", 1, "1", "one"));
    }
    fs::remove(folder / "log.mark");
    sayTo(*openLog(file), draftOf("lobby", 1, "2", "two"));
    {
        Poco::Data::Session session = openSqlite(file);
        session << "ALTER TABLE epoch DROP COLUMN sum", now;
        session << "ALTER TABLE epoch_end DROP COLUMN sum", now;
        session << "PRAGMA user_version=6", now;
    }
    EXPECT_THAT(verifyLog(folder.path(), "")->wrong, IsEmpty()) << "as it is";
    const auto log = openLog(file);
    EXPECT_EQ(log->sharedWith(first, "lobby"), 1U);
    EXPECT_THAT(verifyLog(folder.path(), "")->wrong, IsEmpty());
}

TEST(OlderLog, OfVersionThreeIsBroughtUpToDateAndReadAsItWas) {
    const test::TempFolder folder;
    const fs::path file = folder / "log.sqlite";
    {
        sqlite3* database = nullptr;
        ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
        const std::string sql = bytesOfFile(NETCHAT_STORE_TESTS "/log_v3.sql");
        ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(database);
        sqlite3_close(database);
    }
    const auto readable = [&] { return verifyLog(folder.path(), ""); };
    EXPECT_THAT(readable()->wrong, IsEmpty()) << "as it is, before a server has opened it";
    {
        const auto log = openLog(file);
        ASSERT_TRUE(log);
        EXPECT_EQ(log->range("lobby").last, 13U);
        EXPECT_THAT(linesOf(*log, "lobby", 12), ElementsAre("12 bob: line 13", "13 bob: line 14"));
        EXPECT_EQ(linesOf(*log, "lobby")[1],
                  "2 bob: a NUL " + std::string(1, '\0') + ", an \xC3\xA9 and \xF0\x9F\x98\x80");
        EXPECT_THAT(linesOf(*log, "red"), ElementsAre("1 alice: in red"));
        const auto alice = log->find(1, "1-6725297ec4a9e26b66de36123f5bebef");
        ASSERT_TRUE(alice);
        EXPECT_EQ(alice->nick, "alice");
        EXPECT_EQ(log->nicks()->size(), 2U);
        const Draft again = draftOf("lobby", 2, "9", "line 9");
        EXPECT_TRUE((*log->append({&again, 1}))[0].duplicate);
        EXPECT_EQ(sayTo(*log, draftOf("lobby", 2, "15", "new")), 14U);
    }
    EXPECT_THAT(readable()->wrong, IsEmpty());
}

// ---- what retention has forgotten

TEST(ForgottenEntry, IsKnownAsSaidWithItsNumberAndRoom) {
    const test::TempFolder folder;
    const auto log = openLog(folder / "log.sqlite");
    sayTo(*log, draftOf("lobby", 1, "1", "first"));
    sayTo(*log, draftOf("lobby", 1, "2", "second"));
    const Retention retention{1, 0};
    while (log->forgetSome(retention, 1'764'000'001'000)->more) {
    }
    ASSERT_EQ(log->range("lobby").first, 3U);
    const Draft again[] = {draftOf("lobby", 1, "1", "first"), draftOf("red", 1, "2", "elsewhere")};
    const auto result = log->append(again);
    ASSERT_TRUE(result);
    EXPECT_TRUE((*result)[0].duplicate);
    EXPECT_FALSE((*result)[0].elsewhere);
    EXPECT_EQ((*result)[0].seq, 1U);
    EXPECT_TRUE((*result)[1].elsewhere);
}

}  // namespace
}  // namespace netchat::store
