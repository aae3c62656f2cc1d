#include "modes/store/sqlite_searcher.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "modes/store/search_words.h"
#include "modes/store/sqlite_support.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;
using Poco::Data::Session;

constexpr int kIndexVersion = 1;
constexpr int kSeqBits = 40;
constexpr uint64_t kSeqMax = (uint64_t{1} << kSeqBits) - 1;
// Entries that are indexed in one transaction.
constexpr size_t kBatchRows = 2000;
// When so many entries in the index are forgotten by the log, and more than are kept, it is made
// anew: it cannot forget.
constexpr uint64_t kForgottenMax = 100'000;
// How often the log is looked at when nobody asks.
constexpr auto kPause = std::chrono::seconds(1);

uint64_t rowid(uint64_t room, uint64_t seq) {
    return room << kSeqBits | std::min(seq, kSeqMax);
}

void removeDatabase(const std::filesystem::path& file) {
    std::error_code ignored;
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
        std::filesystem::remove(file.string() + ending, ignored);
    }
}

}  // namespace

// Both databases, open. The searcher's thread; throws Poco::Exception.
class SqliteSearcher::Index {
  public:
    Index(const std::filesystem::path& log, const std::filesystem::path& file)
        : log_(openSqliteToRead(log)), index_(openSqlite(file)) {
        prepare();
    }

    // Indexes a batch of one room; false when there is nothing new.
    bool indexSome() {
        loadRooms();
        for (const auto& [number, room] : rooms_) {
            const uint64_t done = std::max(indexed_[number], room.first - 1);
            if (done >= room.last) continue;
            indexRoom(number, done);
            return true;
        }
        return false;
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

    SearchResult find(const SearchQuery& query, const std::vector<SoughtPart>& sought) {
        SearchResult result;
        const auto number = std::find_if(rooms_.begin(), rooms_.end(), [&](const auto& item) {
            return item.second.name == query.room;
        });
        if (number == rooms_.end()) return result;
        const Room& room = number->second;
        const uint64_t last = query.before == 0 ? room.last : std::min(query.before - 1, room.last);
        uint64_t low = rowid(number->first, room.first), high = rowid(number->first, last);
        if (last < room.first) return result;
        std::string expression = ftsExpression(sought);
        std::vector<uint64_t> rows;
        index_ << "SELECT rowid FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?"
                  " ORDER BY rowid DESC LIMIT " +
                      std::to_string(query.limit + 1),
            use(expression), use(low), use(high), into(rows), now;
        result.more = rows.size() > query.limit;
        if (result.more) rows.resize(query.limit);
        for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
            addEntry(result, number->first, *row & kSeqMax);
        }
        return result;
    }

  private:
    struct Room {
        std::string name;
        uint64_t first = 1, last = 0;
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
        }
        loadRooms();
        for (const auto& [number, last] : indexed_) {
            if (last > rooms_[number].last) {
                throw Poco::DataFormatException("the index is ahead of the log");
            }
        }
    }

    void create(BLOB identity) {
        index_.begin();
        index_ << "CREATE VIRTUAL TABLE words USING fts5(text, content='',"
                  " tokenize='unicode61 remove_diacritics 2')",
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
        std::vector<uint64_t> numbers, firsts, lasts;
        std::vector<BLOB> names;
        log_ << "SELECT number, name, first, last FROM room", into(numbers), into(names),
            into(firsts), into(lasts), now;
        for (size_t i = 0; i < numbers.size(); ++i) {
            rooms_[numbers[i]] = {textOf(names[i]), firsts[i], lasts[i]};
        }
    }

    void indexRoom(uint64_t room, uint64_t done) {
        std::vector<uint64_t> seqs;
        std::vector<BLOB> texts;
        log_ << "SELECT seq, text FROM entry WHERE room = ? AND seq > ? ORDER BY seq LIMIT " +
                    std::to_string(kBatchRows),
            use(room), use(done), into(seqs), into(texts), now;
        if (seqs.empty()) return;
        std::vector<uint64_t> rows;
        std::vector<std::string> words;
        for (size_t i = 0; i < seqs.size(); ++i) {
            rows.push_back(rowid(room, seqs[i]));
            words.push_back(textOf(texts[i]));
            std::replace(words.back().begin(), words.back().end(), '\0', ' ');
        }
        uint64_t begun = begun_.count(room) ? begun_[room] : seqs.front();
        uint64_t last = seqs.back();
        index_.begin();
        index_ << "INSERT INTO words (rowid, text) VALUES (?, ?)", use(rows), use(words), now;
        index_ << "INSERT OR REPLACE INTO indexed VALUES (?, ?, ?)", use(room), use(begun),
            use(last), now;
        index_.commit();
        begun_[room] = begun;
        indexed_[room] = last;
    }

    void addEntry(SearchResult& result, uint64_t room, uint64_t seq) {
        std::vector<uint64_t> times, users, sizes;
        std::vector<int> kinds;
        std::vector<BLOB> ids, senders, texts, hashes;
        log_ << "SELECT kind, time, user, id, sender, text, sha256, size FROM entry"
                " WHERE room = ? AND seq = ?",
            use(room), use(seq), into(kinds), into(times), into(users), into(ids), into(senders),
            into(texts), into(hashes), into(sizes), now;
        if (kinds.empty()) return;  // the log has forgotten it since
        result.entries.push_back(
            {static_cast<EntryKind>(kinds[0]), seq, static_cast<int64_t>(times[0]), users[0],
             textOf(ids[0]), textOf(senders[0]), textOf(texts[0]), textOf(hashes[0]), sizes[0]});
    }

    Session log_, index_;
    std::map<uint64_t, Room> rooms_;
    std::map<uint64_t, uint64_t> begun_, indexed_;  // by room: the first and last seq in the index
};

SqliteSearcher::SqliteSearcher(std::filesystem::path log, std::filesystem::path index)
    : logFile_(std::move(log)), indexFile_(std::move(index)) {
    thread_ = std::thread([this] { work(); });
}

SqliteSearcher::~SqliteSearcher() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
    for (Question& question : questions_) {
        question.done(Error{ErrorCode::Closing, "the server is shutting down"});
    }
}

void SqliteSearcher::search(SearchQuery query, Done done) {
    {
        const std::lock_guard lock(mutex_);
        if (questions_.size() < limits::kSearchesWaitingMax) {
            questions_.push_back({std::move(query), std::move(done)});
            done = nullptr;
        }
    }
    wake_.notify_one();
    if (done) done(Error{ErrorCode::TooMany, "too many searches at once; try again later"});
}

void SqliteSearcher::work() {
    // Chat goes first.
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 19);
    std::unique_ptr<Index> index;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (questions_.empty()) {
            lock.unlock();
            indexSome(index);
            lock.lock();
            continue;
        }
        Question question = std::move(questions_.front());
        questions_.pop_front();
        lock.unlock();
        auto result = answer(index, question.query);
        question.done(std::move(result));
        question.done = nullptr;
        lock.lock();
    }
}

// A batch; where there is nothing to do, a pause until somebody asks.
void SqliteSearcher::indexSome(std::unique_ptr<Index>& index) {
    bool more = false;
    try {
        if (!index) index = std::make_unique<Index>(logFile_, indexFile_);
        more = index->indexSome();
        if (!more && index->isStale()) {
            index.reset();
            removeDatabase(indexFile_);
            more = true;
        }
    } catch (const Poco::DataFormatException&) {
        // Made anew after the pause: one that cannot even be removed must not keep this busy.
        index.reset();
        removeDatabase(indexFile_);
    } catch (const Poco::Exception&) {
        // A full disk may have room later; a damaged index is found by the next question.
        index.reset();
    }
    std::unique_lock lock(mutex_);
    if (!more) {
        wake_.wait_for(lock, kPause, [this] { return stopping_ || !questions_.empty(); });
    }
}

Result<SearchResult> SqliteSearcher::answer(std::unique_ptr<Index>& index,
                                            const SearchQuery& query) {
    const auto sought = readQuestion(query.words);
    if (sought.empty()) return Error{ErrorCode::BadText, "there is no word to search for"};
    // An index that cannot be used is made anew, once.
    for (int attempt = 0;; ++attempt) {
        try {
            if (!index) index = std::make_unique<Index>(logFile_, indexFile_);
            while (index->indexSome()) {
                const std::lock_guard lock(mutex_);
                if (stopping_) return Error{ErrorCode::Closing, "the server is shutting down"};
            }
            return index->find(query, sought);
        } catch (const Poco::Exception& e) {
            index.reset();
            if (attempt > 0) return sqliteError(e, indexFile_);
            removeDatabase(indexFile_);
        }
    }
}

}  // namespace netchat::store
