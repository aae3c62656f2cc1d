// The room log on a PostgreSQL pair: what every log does, and what it promises when a machine goes.

#include "modes/store/postgres/postgres_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "harness/postgres/pair.h"
#include "modes/store/postgres/postgres_searcher.h"
#include "tests/store/any_room_log.h"

namespace netchat::store {
namespace {

using harness::PostgresPair;
using testing::HasSubstr;

// One for all tests of the process: each takes a database of its own.
PostgresPair& pair() {
    static const auto kPair = [] {
        auto pair = PostgresPair::start();
        if (!pair) {
            ADD_FAILURE() << pair.error().text;
            std::abort();
        }
        return std::move(*pair);
    }();
    return *kPair;
}

void asked(const std::string& sql) {
    const auto answer = pair().ask(sql);
    ASSERT_TRUE(answer) << answer.error().text << "\n" << sql;
}

void awaitSetting(const std::string& name, const std::string& value) {
    std::string now = "?";
    while (now != value) {
        const auto answer = pair().ask("SHOW " + name);
        if (answer) now = *answer;
    }
}

// A target with a database that nobody has used.
std::string freshTarget() {
    static int made = 0;
    const std::string name = "log" + std::to_string(++made);
    asked("CREATE DATABASE " + name + " OWNER netchat");
    std::string uri = pair().uri();
    const std::string was = "/netchat?";
    const size_t at = uri.find(was);
    EXPECT_NE(at, std::string::npos) << uri;
    return uri.replace(at, was.size(), "/" + name + "?");
}

struct Heard {
    void tell(const std::string& text) {
        const std::lock_guard lock(mutex);
        texts.push_back(text);
    }
    std::vector<std::string> all() {
        const std::lock_guard lock(mutex);
        return texts;
    }
    std::mutex mutex;
    std::vector<std::string> texts;
    std::atomic<bool> stops{false};
};

PostgresOptions optionsOf(const std::string& target, Heard& heard, const std::string& node = "n1") {
    PostgresOptions options;
    options.target = target;
    options.node = {node, "node " + node};
    options.fingerprint = "sha256:one";
    options.tell = [&heard](const std::string& text) { heard.tell(text); };
    options.isStopping = [&heard] { return heard.stops.load(); };
    return options;
}

std::unique_ptr<PostgresLog> openedOn(const std::string& target, Heard& heard,
                                      const std::string& node = "n1") {
    auto log = PostgresLog::open(optionsOf(target, heard, node));
    EXPECT_TRUE(log) << log.error().text;
    return log ? std::move(*log) : nullptr;
}

Heard& anyone() {
    static Heard heard;
    return heard;
}

std::unique_ptr<RoomLog> onPostgres(const Folder&) {
    return openedOn(freshTarget(), anyone());
}

INSTANTIATE_TEST_SUITE_P(Logs, AnyRoomLog, testing::Values(LogKind{"postgres", onPostgres}),
                         nameOfLog);

class PostgresLogTest : public testing::Test {
  protected:
    void open(const std::string& node = "n1") {
        log_.reset();
        log_ = openedOn(target_, heard_, node);
        ASSERT_TRUE(log_);
    }
    // As another thread, which waits for what the test breaks meanwhile.
    std::future<uint64_t> later(const Draft& draft) {
        return std::async(std::launch::async, [this, draft] { return append(*log_, draft); });
    }

    // In the log's database, beside it; how many rows the answer has.
    size_t byHand(const std::string& sql) {
        const PostgresTarget target = *PostgresTarget::parse(target_);
        Interrupt interrupt;
        PostgresConnection connection(target, interrupt, "test");
        EXPECT_EQ(connection.connect(), "");
        const SqlAnswer answer = connection.run(sql);
        EXPECT_TRUE(answer.isGood()) << answer.text();
        return answer.rows();
    }

    const std::string target_ = freshTarget();
    Heard heard_;
    std::unique_ptr<PostgresLog> log_;
};

TEST_F(PostgresLogTest, GoesOnWhereItWasAfterAnEnd) {
    open();
    const std::string identity(log_->identity());
    append(*log_, draftOf("a", 1, "1", "before"));
    open();
    EXPECT_EQ(log_->identity(), identity);
    EXPECT_EQ(log_->durability(), "replicated");
    EXPECT_EQ(append(*log_, draftOf("a", 1, "1", "before")), 1U);
    EXPECT_EQ(append(*log_, draftOf("a", 1, "2", "after")), 2U);
    EXPECT_EQ(append(*log_, draftOf("b", 1, "3", "elsewhere")), 1U);
    EXPECT_THAT(textsFrom(*log_, "a", 1), ElementsAre("before", "after"));
    EXPECT_EQ(log_->sharedWith(identity, "a"), 2U);
    EXPECT_EQ(log_->sharedWith("another", "a"), std::nullopt);
}

TEST_F(PostgresLogTest, AnIdIsUniqueForAUserInAllRooms) {
    open();
    append(*log_, draftOf("a", 1, "1", "here"));
    const Draft elsewhere = draftOf("b", 1, "1", "there");
    const auto appended = log_->append({&elsewhere, 1});
    ASSERT_TRUE(appended);
    EXPECT_TRUE((*appended)[0].duplicate);
    EXPECT_TRUE((*appended)[0].elsewhere);
    EXPECT_EQ(log_->range("b").last, 0U);
    EXPECT_EQ(append(*log_, draftOf("b", 1, "2", "there")), 1U) << "the room is made with it";
}

TEST_F(PostgresLogTest, WhatIsAskedForIsNotAppended) {
    open();
    append(*log_, draftOf("a", 1, "1", "here"));
    std::promise<std::vector<Appended>> done;
    log_->use({[](const std::function<void()>& task) { task(); }, {}});
    const std::vector<Draft> drafts = {draftOf("a", 1, "1", "here"), draftOf("a", 1, "2", "new"),
                                       draftOf("a", 1, "3", "asked"),
                                       draftOf("no", 1, "4", "asked")};
    log_->appendLater(drafts, {true, false, true, true}, {},
                      [&](const auto& outcome) { done.set_value(*outcome); });
    const auto outcome = done.get_future().get();
    EXPECT_EQ(outcome[0].seq, 1U);
    EXPECT_TRUE(outcome[0].duplicate);
    EXPECT_EQ(outcome[1].seq, 2U);
    EXPECT_EQ(outcome[2].seq, 0U);
    EXPECT_EQ(outcome[3].seq, 0U);
    EXPECT_THAT(textsFrom(*log_, "a", 1), ElementsAre("here", "new"));
}

TEST_F(PostgresLogTest, AnswersAreSeenOnlyOnceTheyAreGiven) {
    open();
    std::vector<std::function<void()>> tasks;
    std::mutex mutex;
    std::promise<void> posted;
    log_->use({[&](std::function<void()> task) {
                   const std::lock_guard lock(mutex);
                   tasks.push_back(std::move(task));
                   posted.set_value();
               },
               {}});
    const Draft draft = draftOf("a", 1, "1", "x");
    bool told = false;
    log_->appendLater({&draft, 1}, {}, {}, [&](const auto&) { told = true; });
    posted.get_future().wait();
    EXPECT_EQ(log_->range("a").last, 0U);
    tasks.at(0)();
    EXPECT_TRUE(told);
    EXPECT_EQ(log_->range("a").last, 1U);
}

TEST_F(PostgresLogTest, UsersNicksAndRulingsLast) {
    open();
    const auto first = log_->reserve(5);
    ASSERT_TRUE(first);
    const std::vector<UserRecord> users = {{*first, "alice", "secret"}};
    ASSERT_TRUE(log_->add(users));
    const std::vector<NickRecord> nicks = {{"alice", *first, 7}, {"gone", *first, 8}};
    ASSERT_TRUE(log_->keep(nicks));
    const std::vector<NickRecord> freed = {{"gone", 0, 9}};
    ASSERT_TRUE(log_->keep(freed));
    Sanction ban;
    ban.target = "192.0.2.0/24";
    ban.sinceMs = 5;
    ban.text = "spam";
    ban.by = "op";
    ASSERT_TRUE(log_->put(ban));
    ban.target = "bob";
    ASSERT_TRUE(log_->put(ban));
    ASSERT_TRUE(log_->drop(Sanction::Kind::Ban, "bob"));
    append(*log_, draftOf("a", *first, "1", "x"));  // it is behind all of them

    open();
    ASSERT_TRUE(log_->find(*first, "secret"));
    EXPECT_EQ(log_->find(*first, "secret")->nick, "alice");
    EXPECT_FALSE(log_->find(*first, "another"));
    EXPECT_FALSE(log_->find(*first + 1, "secret"));
    EXPECT_EQ(*log_->reserve(1), *first + 5) << "a number is not given twice";
    const auto kept = log_->nicks();
    ASSERT_TRUE(kept);
    ASSERT_EQ(kept->size(), 1U);
    EXPECT_EQ((*kept)[0].nick, "alice");
    EXPECT_EQ((*kept)[0].user, *first);
    const auto rulings = log_->all();
    ASSERT_TRUE(rulings);
    ASSERT_EQ(rulings->size(), 1U);
    EXPECT_EQ((*rulings)[0].target, "192.0.2.0/24");
    EXPECT_EQ((*rulings)[0].text, "spam");
}

TEST_F(PostgresLogTest, WhoMayComeIsKnownAfterAnEndThoughNothingElseWasKept) {
    open();
    const auto first = log_->reserve(3);
    ASSERT_TRUE(first);
    std::vector<UserRecord> users;
    for (uint64_t i = 0; i < 3; ++i) {
        users.push_back({*first + i, {}, "secret " + std::to_string(i)});
    }
    log_->prepare(users);
    for (int starts = 0; starts < 2; ++starts) {
        open();
        EXPECT_FALSE(log_->find(*first + 1, "secret 0"));
        const auto known = log_->find(*first + 1, "secret 1");
        ASSERT_TRUE(known);
        EXPECT_EQ(known->nick, "");
        EXPECT_NE(log_->proofOf(*first + 1), "");
        EXPECT_FALSE(log_->find(*first + 3, "secret 3"));
    }
}

TEST_F(PostgresLogTest, WhatOperatorsTakeOutIsGoneAndItsNumbersStay) {
    open();
    for (const uint64_t user : {1, 2, 2, 1}) {
        append(*log_, draftOf("a", user, std::to_string(log_->range("a").last),
                              "by " + std::to_string(user)));
    }
    Draft file = draftOf("a", 2, "file", "x.bin");
    const std::string hash(64, 'a');
    file.entry.kind = EntryKind::File;
    file.entry.sha256 = hash;
    append(*log_, file);
    Purge purge;
    purge.user = 2;
    Purged all;
    for (bool more = true; more;) {
        const auto purged = log_->purgeSome(purge);
        ASSERT_TRUE(purged) << purged.error().text;
        more = purged->more;
        all.entries += purged->entries;
        all.files.insert(all.files.end(), purged->files.begin(), purged->files.end());
        std::this_thread::yield();
    }
    EXPECT_EQ(all.entries, 3U);
    EXPECT_THAT(all.files, ElementsAre(hash));
    std::vector<std::string> kinds;
    ASSERT_TRUE(log_->read("a", 1, [&](const Entry& entry) {
        kinds.emplace_back(entry.kind == EntryKind::Lost ? "lost" : std::string(entry.text));
        return true;
    }));
    EXPECT_THAT(kinds, ElementsAre("by 1", "lost", "lost", "by 1", "lost"));
    EXPECT_EQ(append(*log_, draftOf("a", 2, "file", "again")), 5U) << "its id stays known";
    open();
    EXPECT_EQ(log_->range("a").last, 5U);
}

TEST_F(PostgresLogTest, ReadsAPageFromEitherEnd) {
    open();
    appendMany(*log_, "a", 50, std::string(1000, 'x'));
    log_->use({[](const std::function<void()>& task) { task(); }, {}});
    const auto page = [&](const PostgresRead& request) {
        std::promise<std::vector<KeptEntry>> done;
        log_->readLater("a", request, [&](const Result<std::vector<KeptEntry>>& entries) {
            done.set_value(*entries);
        });
        return done.get_future().get();
    };
    auto entries = page({11, 41, 100, 5000});
    ASSERT_EQ(entries.size(), 5U);
    EXPECT_EQ(entries.front().seq, 11U);
    entries = page({11, 41, 100, 5000, true});
    ASSERT_EQ(entries.size(), 5U);
    EXPECT_EQ(entries.back().seq, 40U);
    EXPECT_EQ(page({1, 51, 3, 1 << 20}).size(), 3U);
    EXPECT_EQ(page({50, 51, 3, 1}).size(), 1U) << "one comes whatever its size";
}

// As PostgreSQL says it of a page that the disk has damaged.
TEST_F(PostgresLogTest, ARoomThatCannotBeReadHoldsUpNoOther) {
    open();
    append(*log_, draftOf("bad", 1, "1", "x"));
    append(*log_, draftOf("good", 1, "2", "y"));
    byHand(
        "ALTER TABLE netchat.entry RENAME TO kept; CREATE VIEW netchat.entry AS"
        " SELECT room, seq, kind, CASE WHEN room = 1 THEN 1 / (room - 1) ELSE time"
        " END AS time, usr, id, sender, txt, sha256, size FROM netchat.kept");
    EXPECT_FALSE(log_->read("bad", 1, [](const Entry&) { return true; }));
    EXPECT_THAT(textsFrom(*log_, "good", 1), ElementsAre("y"));
}

// An old primary that comes back does not know that it is none any longer.
TEST_F(PostgresLogTest, AHostThatLacksWhatWasSaidIsNotBelieved) {
    open();
    append(*log_, draftOf("a", 1, "1", "x"));
    append(*log_, draftOf("a", 1, "2", "y"));
    byHand("UPDATE netchat.room SET last = 1");
    auto waiting =
        std::async(std::launch::async, [this] { return textsFrom(*log_, "a", 1).size(); });
    EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
    byHand("UPDATE netchat.room SET last = 2");
    EXPECT_EQ(waiting.get(), 2U);
}

TEST_F(PostgresLogTest, SearchesWhatWasSaid) {
    open();
    append(*log_, draftOf("a", 1, "1", "the quick fox"));
    append(*log_, draftOf("a", 1, "2", "nothing"));
    append(*log_, draftOf("b", 1, "3", "another fox"));
    PostgresSearcher searcher(*log_);
    std::promise<Result<SearchResult>> done;
    searcher.search({"a", "FOX", 0, 10}, [&](auto result) { done.set_value(std::move(result)); });
    const auto found = done.get_future().get();
    ASSERT_TRUE(found);
    ASSERT_EQ(found->entries.size(), 1U);
    EXPECT_EQ(found->entries[0].text, "the quick fox");
}

TEST_F(PostgresLogTest, ADatabaseWithoutAStandbyIsRefusedUnlessThatIsAccepted) {
    const auto was = pair().ask("SHOW synchronous_standby_names");
    ASSERT_TRUE(was);
    asked("ALTER SYSTEM SET synchronous_standby_names = ''");
    asked("SELECT pg_reload_conf()");
    awaitSetting("synchronous_standby_names", "");
    auto refused = PostgresLog::open(optionsOf(target_, heard_));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text, HasSubstr("set synchronous_standby_names"));
    EXPECT_THAT(refused.error().text, HasSubstr("--log-unreplicated"));
    auto options = optionsOf(target_, heard_);
    options.unreplicated = true;
    {
        const auto accepted = PostgresLog::open(options);
        ASSERT_TRUE(accepted) << accepted.error().text;
        EXPECT_EQ((*accepted)->durability(), "disk");
    }
    asked("ALTER SYSTEM RESET synchronous_standby_names");
    asked("SELECT pg_reload_conf()");
    awaitSetting("synchronous_standby_names", *was);
}

TEST_F(PostgresLogTest, AnotherNodeWaitsAndTakesOverWhatWasGivenBack) {
    open("n1");
    append(*log_, draftOf("a", 1, "1", "x"));
    Heard other;
    auto second = std::async(std::launch::async, [&] { return openedOn(target_, other, "n2"); });
    while (other.all().empty()) std::this_thread::yield();
    EXPECT_THAT(other.all().front(), HasSubstr("node n1"));
    EXPECT_THAT(other.all().front(), HasSubstr("standby"));
    log_.reset();
    log_ = second.get();
    ASSERT_TRUE(log_);
    EXPECT_EQ(append(*log_, draftOf("a", 1, "1", "x")), 1U);
    EXPECT_EQ(append(*log_, draftOf("a", 1, "2", "y")), 2U);
}

TEST_F(PostgresLogTest, WhoWaitsCanBeStopped) {
    open("n1");
    Heard other;
    auto second = std::async(std::launch::async,
                             [&] { return PostgresLog::open(optionsOf(target_, other, "n2")); });
    while (other.all().empty()) std::this_thread::yield();
    other.stops = true;
    const auto stopped = second.get();
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, ErrorCode::Closing);
}

// The same node, as after its process was killed: the first has not ended, and is refused.
TEST_F(PostgresLogTest, WhoWasReplacedWritesNothingMore) {
    open("n1");
    append(*log_, draftOf("a", 1, "1", "x"));
    std::promise<void> fenced;
    std::once_flag once;
    log_->use({[](const std::function<void()>& task) { task(); },
               [&](const std::string&) { std::call_once(once, [&] { fenced.set_value(); }); }});
    const auto next = openedOn(target_, heard_, "n1");
    ASSERT_TRUE(next);
    EXPECT_EQ(append(*next, draftOf("a", 1, "2", "y")), 2U);
    std::atomic<bool> answered{false};
    const Draft late = draftOf("a", 1, "3", "late");
    log_->appendLater({&late, 1}, {}, {}, [&](const auto&) { answered = true; });
    fenced.get_future().wait();
    log_->stop();
    EXPECT_FALSE(answered);
    EXPECT_THAT(textsFrom(*next, "a", 1), ElementsAre("x", "y"));
}

TEST_F(PostgresLogTest, WhatWaitsWhileTheStandbyIsAwayIsThereOnceAfterwards) {
    open();
    append(*log_, draftOf("a", 1, "1", "before"));
    ASSERT_TRUE(pair().stopStandby());
    auto waiting = later(draftOf("a", 1, "2", "waits"));
    EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
    ASSERT_TRUE(pair().startStandby());
    EXPECT_EQ(waiting.get(), 2U);
    EXPECT_THAT(textsFrom(*log_, "a", 1), ElementsAre("before", "waits"));
}

TEST_F(PostgresLogTest, TheDatabasesMachineMayGo) {
    open();
    std::atomic<int> said_{0};
    std::atomic<bool> ends{false};
    std::thread speaker([&] {
        for (int i = 1; !ends; ++i) {
            const std::string id = std::to_string(i);
            const Draft draft = draftOf("a", 1, id, id);
            const auto appended = log_->append({&draft, 1});
            EXPECT_TRUE(appended && !(*appended)[0].duplicate);
            said_ = i;
        }
    });
    const auto saysMore = [&] {
        for (const int before = said_; said_ < before + 3;) std::this_thread::yield();
    };
    saysMore();
    pair().killPrimary();
    const Status promoted = pair().promoteStandby();
    const Status rebuilt = pair().rebuild();
    saysMore();
    ends = true;
    speaker.join();
    ASSERT_TRUE(promoted) << promoted.error().text;
    ASSERT_TRUE(rebuilt) << rebuilt.error().text;
    const auto texts = textsFrom(*log_, "a", 1);
    ASSERT_EQ(texts.size(), static_cast<size_t>(said_));
    for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(texts[i], std::to_string(i + 1));
    EXPECT_THAT(heard_.all(), testing::Contains(HasSubstr("the database answers again")));
}

TEST_F(PostgresLogTest, ADatabaseThatWasRestoredUnderItIsNotWrittenTo) {
    open();
    append(*log_, draftOf("a", 1, "1", "x"));
    std::promise<std::string> fenced;
    std::once_flag once;
    log_->use(
        {[](const std::function<void()>& task) { task(); },
         [&](const std::string& why) { std::call_once(once, [&] { fenced.set_value(why); }); }});
    // As a backup of before would have it.
    byHand("UPDATE netchat.writer SET batch = batch - 1");
    std::atomic<bool> answered{false};
    const Draft late = draftOf("a", 1, "2", "late");
    log_->appendLater({&late, 1}, {}, {}, [&](const auto&) { answered = true; });
    EXPECT_THAT(fenced.get_future().get(), HasSubstr("was a backup restored?"));
    log_->stop();
    EXPECT_FALSE(answered);
    EXPECT_EQ(byHand("SELECT * FROM netchat.entry"), 1U);
}

TEST_F(PostgresLogTest, AfterARestoreItsPastIsAnother) {
    auto options = optionsOf(target_, heard_);
    const Folder folder;
    options.mark = folder / "mark";
    std::unique_ptr<PostgresLog> log;
    const auto openAgain = [&] {
        log.reset();
        auto opened = PostgresLog::open(options);
        ASSERT_TRUE(opened) << opened.error().text;
        log = std::move(*opened);
    };
    openAgain();
    const std::string before(log->identity());
    for (const char* id : {"1", "2", "3"}) append(*log, draftOf("a", 1, id, "x"));
    log.reset();
    byHand(
        "UPDATE netchat.room SET last = 2; DELETE FROM netchat.entry"
        " WHERE seq = 3; DELETE FROM netchat.said WHERE seq = 3");
    openAgain();
    EXPECT_NE(log->identity(), before);
    EXPECT_EQ(log->sharedWith(before, "a"), 2U);
    EXPECT_THAT(heard_.all(), testing::Contains(HasSubstr("1 messages less")));
    EXPECT_EQ(append(*log, draftOf("a", 1, "4", "another")), 3U);
    const std::string after(log->identity());
    openAgain();
    EXPECT_EQ(log->identity(), after);
    EXPECT_EQ(log->sharedWith(before, "a"), 2U);
}

// Each try may have been done, and its answer lost: none is there twice, and none is missing.
TEST_F(PostgresLogTest, LostAnswersLeaveNothingTwice) {
    open();
    std::atomic<bool> ends{false};
    std::atomic<int> batches{0};
    std::thread breaker([&] {
        while (!ends) {
            for (const int before = batches; batches == before && !ends;) std::this_thread::yield();
            (void)pair().ask(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE application_name IN ('netchat writer', 'netchat reader')");
        }
    });
    uint64_t last = 0;
    for (int batch = 0; batch < 60; ++batch) {
        std::vector<std::string> ids;
        std::vector<Draft> drafts;
        for (int i = 0; i < 8; ++i) ids.push_back(std::to_string(batch * 8 + i));
        for (const std::string& id : ids) {
            // Some have no id, as classic users': only the batch's number tells.
            const bool isClassic = id.back() == '3';
            drafts.push_back(draftOf("a", 1, isClassic ? std::string_view() : id, id));
        }
        const auto appended = log_->append(drafts);
        ASSERT_TRUE(appended) << appended.error().text;
        for (const Appended& one : *appended) {
            EXPECT_FALSE(one.duplicate);
            EXPECT_EQ(one.seq, ++last);
        }
        ++batches;
    }
    ends = true;
    breaker.join();
    const auto texts = textsFrom(*log_, "a", 1);
    ASSERT_EQ(texts.size(), 480U);
    for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(texts[i], std::to_string(i));
}

TEST(PostgresLogOptions, AreRefusedByName) {
    Heard heard;
    const auto why = [&](const std::string& target) {
        const auto log = PostgresLog::open(optionsOf(target, heard));
        EXPECT_FALSE(log) << target;
        return log ? std::string() : log.error().text;
    };
    EXPECT_THAT(why("postgresql://netchat:secret@127.0.0.1/netchat"), HasSubstr(".pgpass"));
    EXPECT_THAT(why("http://127.0.0.1/netchat"), HasSubstr("postgresql://USER@HOST"));
    EXPECT_THAT(why("postgresql://netchat@a,b,c/netchat?port=1,2"), HasSubstr("3 hosts"));
    EXPECT_THAT(why("postgresql://netchat@127.0.0.1:1/netchat"), HasSubstr("127.0.0.1:1"));
}

}  // namespace
}  // namespace netchat::store
