#include "modes/store/sqlite_searcher.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "modes/store/entry_scan.h"
#include "modes/store/search_walk.h"
#include "modes/store/search_words.h"
#include "modes/store/sqlite_statement.h"
#include "modes/store/sqlite_support.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;
using Poco::Data::Session;

constexpr int kIndexVersion = 3;
constexpr int kSeqBits = 40;
constexpr uint64_t kSeqMax = (uint64_t{1} << kSeqBits) - 1;
// Entries that are indexed in one transaction: fewer make more of the index be merged again, more
// keep questions waiting.
constexpr size_t kBatchRows = 10'000;
// The same for texts that are long.
constexpr size_t kBatchBytes = 4 * limits::kMiB;
// Entries that are looked through before the index is asked what it answers with joined lists: what
// many of them have needs no lists.
constexpr uint64_t kNewestEntries = 4096;
// When so many entries in the index are forgotten by the log, and more than are kept, it is made
// anew: it cannot forget.
constexpr uint64_t kForgottenMax = 100'000;

uint64_t rowid(uint64_t room, uint64_t seq) {
    return room << kSeqBits | std::min(seq, kSeqMax);
}

Status removeDatabase(const std::filesystem::path& file) {
    Status status = Ok{};
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
        const std::string name = file.string() + ending;
        std::error_code error;
        std::filesystem::remove(name, error);
        if (error && status) {
            status = Error{ErrorCode::Internal,
                           "the search index " + name + " cannot be removed: " + error.message()};
        }
    }
    return status;
}

}  // namespace

// Both databases, open. The searcher's thread; throws Poco::Exception.
class SqliteSearcher::Index {
  public:
    Index(const std::filesystem::path& log, const std::filesystem::path& file)
        : log_(openSqliteToRead(log)), index_(openSqlite(file)) {
        prepare();
        statements_.emplace(log_, index_);
    }

    // Indexes a batch; false when all was indexed that was there.
    bool indexSome() {
        loadRooms();
        size_t left = kBatchRows;
        batchBytes_ = 0;
        bool begun = false;
        for (const auto& [number, room] : rooms_) {
            const uint64_t done = std::max(indexed_[number], room.first - 1);
            if (done >= room.last) continue;
            if (!std::exchange(begun, true)) index_.begin();
            left -= indexRoom(number, done, left);
            if (left == 0 || batchBytes_ >= kBatchBytes) break;
        }
        if (begun) index_.commit();
        return left == 0 || batchBytes_ >= kBatchBytes;
    }
    // True where most of the index is of no use.
    bool isStale() const {
        uint64_t forgotten = 0, kept = 0;
        for (const auto& [number, room] : rooms_) {
            kept += room.last + 1 - room.first;
            const auto begun = begun_.find(number);
            if (begun != begun_.end() && room.first > begun->second) {
                forgotten += room.first - begun->second;
            }
        }
        return forgotten > kForgottenMax && forgotten > kept;
    }

    SearchResult find(const SearchQuery& query, const std::vector<std::string>& words) {
        Hunt hunt{query.limit, words, {}, 0};
        const auto number = std::find_if(rooms_.begin(), rooms_.end(), [&](const auto& item) {
            return item.second.name == query.room;
        });
        if (number == rooms_.end()) return {};
        const Room& room = number->second;
        const uint64_t last = query.before == 0 ? room.last : std::min(query.before - 1, room.last);
        if (last >= room.first) findBetween(hunt, number->first, room.first, last);
        std::reverse(hunt.result.entries.begin(), hunt.result.entries.end());
        return std::move(hunt.result);
    }

  private:
    struct Room {
        std::string name;
        uint64_t first = 1, last = 0;
    };
    // One question, on its way from the newest entry back.
    struct Hunt {
        const size_t limit;
        const std::vector<std::string>& words;
        SearchResult result;  // newest first
        size_t looked;
    };
    // What every batch and every question run.
    struct Statements {
        Statements(Session& log, Session& index)
            : rooms(log, "SELECT number, name, first, last FROM room"),
              texts(log,
                    "SELECT seq, text FROM entry WHERE room = ? AND seq > ? ORDER BY seq LIMIT ?"),
              newest(log,
                     "SELECT seq, text FROM entry WHERE room = ? AND seq BETWEEN ? AND ?"
                     " ORDER BY seq DESC"),
              candidates(index,
                         "SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?"
                         " ORDER BY rowid DESC"),
              insert(index, "INSERT INTO words (rowid, text) VALUES (?, ?)"),
              indexed(index, "INSERT OR REPLACE INTO indexed VALUES (?, ?, ?)") {}
        SqliteStatement rooms, texts, newest, candidates, insert, indexed;
    };

    void prepare() {
        index_ << "PRAGMA journal_mode=WAL", now;
        // It can be made again: it need not outlive the machine.
        index_ << "PRAGMA synchronous=OFF", now;
        BLOB identity;
        log_ << "SELECT identity FROM counter", into(identity), now;
        int version = 0;
        index_ << "PRAGMA user_version", into(version), now;
        if (version == 0) return create(identity);
        std::vector<BLOB> of;
        index_ << "SELECT log FROM source", into(of), now;
        if (version != kIndexVersion || of.size() != 1 || textOf(of[0]) != textOf(identity)) {
            throw Poco::DataFormatException("the index is not of this log");
        }
        std::vector<uint64_t> numbers, begun, done;
        index_ << "SELECT room, first, last FROM indexed", into(numbers), into(begun), into(done),
            now;
        for (size_t i = 0; i < numbers.size(); ++i) {
            begun_[numbers[i]] = begun[i];
            indexed_[numbers[i]] = done[i];
            uint64_t last = 0;
            log_ << "SELECT last FROM room WHERE number = ?", use(numbers[i]), into(last), now;
            if (done[i] > last) {
                throw Poco::DataFormatException("the index is ahead of the log");
            }
        }
    }

    void create(BLOB identity) {
        index_.begin();
        // Which entries have a term is all that is asked.
        index_ << "CREATE VIRTUAL TABLE words USING fts5(text, content='', columnsize=0,"
                  " detail=none, tokenize=\"" +
                      std::string(kIndexTokenizer) + "\")",
            now;
        index_ << "CREATE TABLE indexed (room INTEGER PRIMARY KEY, first INTEGER NOT NULL,"
                  " last INTEGER NOT NULL)",
            now;
        index_ << "CREATE TABLE source (log BLOB)", now;
        index_ << "INSERT INTO source VALUES (?)", use(identity), now;
        index_ << "PRAGMA user_version=" + std::to_string(kIndexVersion), now;
        index_.commit();
    }

    void loadRooms() {
        SqliteStatement& rooms = statements_->rooms;
        while (rooms.step()) {
            Room& room = rooms_[rooms.number(0)];
            if (room.name.empty()) room.name = rooms.bytes(1);
            room.first = rooms.number(2);
            room.last = rooms.number(3);
        }
        rooms.reset();
    }

    // Up to `most` entries after `done`; returns how many.
    size_t indexRoom(uint64_t room, uint64_t done, size_t most) {
        size_t count = 0;
        uint64_t first = 0, last = done;
        SqliteStatement& texts = statements_->texts;
        texts.bind(1, room).bind(2, done).bind(3, most);
        for (; batchBytes_ < kBatchBytes && texts.step(); ++count) {
            last = texts.number(0);
            if (count == 0) first = last;
            addWords(rowid(room, last), texts.bytes(1));
            batchBytes_ += texts.bytes(1).size();
        }
        texts.reset();
        const uint64_t begun = begun_.emplace(room, first).first->second;
        statements_->indexed.bind(1, room).bind(2, begun).bind(3, last).run();
        indexed_[room] = last;
        return count;
    }

    void addWords(uint64_t row, std::string_view text) {
        const std::string terms = indexTerms(folded(text));
        statements_->insert.bind(1, row).bindText(2, terms).run();
    }

    void findBetween(Hunt& hunt, uint64_t room, uint64_t first, uint64_t last) {
        const IndexQuestion question = indexQuestion(hunt.words);
        if (question.isWide) {
            const uint64_t from = last - std::min(last - first, kNewestEntries - 1);
            lookThrough(hunt, room, from, last);
            if (hunt.result.more || from == first) return;
            last = from - 1;
        }
        SqliteStatement& rows = statements_->candidates;
        rows.bindText(1, question.expression);
        rows.bind(2, rowid(room, first)).bind(3, rowid(room, last));
        while (!hunt.result.more && rows.step()) take(hunt, room, rows.number(0) & kSeqMax);
        rows.reset();
    }

    void lookThrough(Hunt& hunt, uint64_t room, uint64_t first, uint64_t last) {
        std::vector<uint64_t> found;
        SqliteStatement& texts = statements_->newest;
        texts.bind(1, room).bind(2, first).bind(3, last);
        while (found.size() <= hunt.limit && texts.step()) {
            if (contains(folded(texts.bytes(1)), hunt.words)) found.push_back(texts.number(0));
        }
        texts.reset();
        for (const uint64_t seq : found) take(hunt, room, seq);
    }

    // Looks at a candidate. One more than asked for tells that there are more.
    void take(Hunt& hunt, uint64_t room, uint64_t seq) {
        SearchResult& result = hunt.result;
        if (auto entry = read(hunt, room, seq);
            entry && contains(folded(searchedText(entry->kind, entry->text)), hunt.words)) {
            if (result.entries.size() == hunt.limit) {
                result.more = true;
                return;
            }
            result.entries.push_back(std::move(*entry));
        } else if (++hunt.looked == limits::kSearchedEntriesMax) {
            result.more = true;
            result.lookedTo = seq;
        }
    }

    // Nothing where the log has forgotten it since, or it is damaged.
    std::optional<KeptEntry> read(Hunt& hunt, uint64_t room, uint64_t seq) {
        const EntryRows rows(log_, room, seq, 1);
        if (rows.size() == 0 || rows.seq(0) != seq) return std::nullopt;
        if (!rows.good(0, rooms_[room].name)) {
            hunt.result.lost.push_back(seq);
            return std::nullopt;
        }
        auto entry = rows.at(0);
        if (entry.kind == EntryKind::Lost) return std::nullopt;
        return entry;
    }

    Session log_, index_;
    std::optional<Statements> statements_;  // of the sessions, which must outlast them
    std::map<uint64_t, Room> rooms_;
    size_t batchBytes_ = 0;                         // of texts, in the batch under way
    std::map<uint64_t, uint64_t> begun_, indexed_;  // by room: the first and last seq in the index
};

SqliteSearcher::SqliteSearcher(std::filesystem::path log, std::filesystem::path index,
                               std::chrono::milliseconds pause)
    : logFile_(std::move(log)), indexFile_(std::move(index)), pause_(pause) {
    thread_ = std::thread([this] { work(); });
}

SqliteSearcher::~SqliteSearcher() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notifyOne();
    thread_.join();
    const MutexLock lock(mutex_);
    for (Question& question : questions_) {
        question.done(Error{ErrorCode::Closing, "the server is shutting down"});
    }
}

void SqliteSearcher::search(SearchQuery query, Done done) {
    {
        const MutexLock lock(mutex_);
        if (questions_.size() < limits::kSearchesWaitingMax) {
            questions_.push_back({std::move(query), std::move(done)});
            done = nullptr;
        }
    }
    wake_.notifyOne();
    if (done) done(Error{ErrorCode::TooMany, "too many searches at once; try again later"});
}

void SqliteSearcher::logGrew() {
    if (grew_.exchange(true)) return;  // it knows, and has not looked yet
    // Whoever looks at grew_ and then waits does so with the lock.
    { const MutexLock lock(mutex_); }
    wake_.notifyOne();
}

Result<bool> SqliteSearcher::logShrinks(bool begins) {
    const MutexLock lock(mutex_);
    if (begins && shrinking_ == Shrinking::Gone) return true;
    const bool stuck = begins && shrinking_ == Shrinking::Stuck;
    shrinking_ = begins && !stuck ? Shrinking::Asked : Shrinking::No;
    if (!begins) grew_ = true;
    wake_.notifyOne();
    if (stuck) return Error{ErrorCode::Internal, stuckText_};
    return false;
}

void SqliteSearcher::work() {
    // Chat goes first.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 19);
    std::unique_ptr<Index> index;
    MutexLock lock(mutex_);
    while (!stopping_) {
        if (shrinking_ == Shrinking::Asked) {
            removeIndex(index);
        } else if (shrinking_ != Shrinking::No) {
            wake_.wait(lock);
        } else if (!questions_.empty()) {
            Question question = std::move(questions_.front());
            questions_.pop_front();
            lock.unlock();
            auto result = answer(index, question.query);
            question.done(std::move(result));
            question.done = nullptr;
            lock.lock();
        } else if (grew_.load()) {
            follow(index, lock);
        } else {
            wake_.wait(lock);
        }
    }
}

// A large file takes the disk a while: who asks meanwhile does not wait for the lock.
void SqliteSearcher::removeIndex(std::unique_ptr<Index>& index) {
    mutex_.unlock();
    index.reset();
    const Status removed = removeDatabase(indexFile_);
    mutex_.lock();
    if (shrinking_ != Shrinking::Asked) return;
    shrinking_ = removed ? Shrinking::Gone : Shrinking::Stuck;
    if (!removed) stuckText_ = removed.error().text + "; nothing is deleted from the log";
}

// Lets entries gather and indexes them, until somebody asks.
void SqliteSearcher::follow(std::unique_ptr<Index>& index, MutexLock& lock) {
    const auto end = std::chrono::steady_clock::now() + pause_;
    while (!isDisturbed() && wake_.waitUntil(lock, end)) {
    }
    if (isDisturbed()) return;
    grew_ = false;  // before the log is looked at
    bool more = true;
    while (more && !isDisturbed()) {
        mutex_.unlock();
        more = indexSome(index);
        mutex_.lock();
    }
    // What is left when somebody asks is indexed for the answer, or afterwards.
    if (more) grew_ = true;
}

// A batch; false when there is no more to do, or it cannot be done now.
bool SqliteSearcher::indexSome(std::unique_ptr<Index>& index) {
    try {
        if (!index) index = std::make_unique<Index>(logFile_, indexFile_);
        if (index->indexSome()) return true;
        if (!index->isStale()) return false;
        index.reset();
        (void)removeDatabase(indexFile_);
        return true;
    } catch (const Poco::DataFormatException&) {
        // Made anew after the pause: one that cannot even be removed must not keep this busy.
        index.reset();
        (void)removeDatabase(indexFile_);
        grew_ = true;
    } catch (const Poco::Exception&) {
        // A full disk may have room when more is said; a damaged index is found by the next
        // question.
        index.reset();
    }
    return false;
}

Result<SearchResult> SqliteSearcher::answer(std::unique_ptr<Index>& index,
                                            const SearchQuery& query) {
    const auto words = wordsOf(query.words);
    if (words.empty()) return Error{ErrorCode::BadText, "there is no word to search for"};
    // An index that cannot be used is made anew, once.
    for (int attempt = 0;; ++attempt) {
        try {
            if (!index) index = std::make_unique<Index>(logFile_, indexFile_);
            while (index->indexSome()) {
                const MutexLock lock(mutex_);
                if (stopping_) return Error{ErrorCode::Closing, "the server is shutting down"};
                if (shrinking_ != Shrinking::No) {
                    return Error{ErrorCode::BadState,
                                 "an operator is deleting messages from the log; search again"};
                }
            }
            return index->find(query, words);
        } catch (const Poco::Exception& e) {
            index.reset();
            // What only reads must not need room. One that a full disk cannot bring up to date is
            // good again later.
            const bool full = sqliteError(e, indexFile_).code == ErrorCode::NoRoom;
            if (full || attempt > 0) return readThrough(query, words);
            (void)removeDatabase(indexFile_);
        }
    }
}

// Without the index.
Result<SearchResult> SqliteSearcher::readThrough(const SearchQuery& query,
                                                 const std::vector<std::string>& words) {
    try {
        Session log = openSqliteToRead(logFile_);
        SqliteStatement rows(log, "SELECT number, first, last FROM room WHERE name = ?");
        rows.bind(1, query.room);
        if (!rows.step()) return SearchResult{};
        const Range kept{rows.number(1), rows.number(2)};
        const ScannedRoom room{rows.number(0), query.room, kept.last};
        rows.reset();
        const auto read = [&](uint64_t seq, const RoomLog::Visitor& visit) -> Status {
            Scan scan;
            scan.visit = [&](const KeptEntry& entry) { return visit(entry.view()); };
            scanEntries(log, room, seq, scan);
            return Ok{};
        };
        return searchByReading({kept, read}, query, words);
    } catch (const Poco::Exception& e) {
        return sqliteError(e, logFile_);
    }
}

}  // namespace netchat::store
