#include "modes/store/postgres/replicated_files.h"

#include <algorithm>
#include <future>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/limits.h"

namespace netchat::store {

namespace {

constexpr uint64_t kChunk = limits::kMiB;
// How often a server that waits looks for new files.
constexpr int64_t kFollowMs = 1000;

// The chunks need not wait for the standby: the row of the file, behind them, does.
constexpr const char* kPutChunk =
    "WITH p AS (INSERT INTO netchat.blob (sha256, n, bytes) VALUES ($1, $2, $3)"
    " ON CONFLICT DO NOTHING RETURNING 1)"
    " SELECT count(*) FROM p, set_config('synchronous_commit', 'off', true)";
constexpr const char* kPutFile =
    "INSERT INTO netchat.file (sha256, size) VALUES ($1, $2) ON CONFLICT DO NOTHING";
constexpr const char* kHasFile = "SELECT 1 FROM netchat.file WHERE sha256 = $1";
constexpr const char* kDropFile =
    "WITH f AS (DELETE FROM netchat.file WHERE sha256 = $1 AND ($2 > 0 OR NOT EXISTS"
    "  (SELECT 1 FROM netchat.entry e WHERE e.sha256 = $1)) RETURNING sha256)"
    " DELETE FROM netchat.blob b USING f WHERE b.sha256 = f.sha256";
constexpr const char* kListFiles = "SELECT sha256, size FROM netchat.file ORDER BY added DESC";
constexpr const char* kGetChunk = "SELECT bytes FROM netchat.blob WHERE sha256 = $1 AND n = $2";

// Waits for what the disk answers on a thread of its own.
template <class T>
class Awaited {
  public:
    auto take() {
        return [promise = promise_](Result<T> result) { promise->set_value(std::move(result)); };
    }
    Result<T> get() { return promise_->get_future().get(); }

  private:
    std::shared_ptr<std::promise<Result<T>>> promise_ = std::make_shared<std::promise<Result<T>>>();
};

}  // namespace

ReplicatedFiles::ReplicatedFiles(std::unique_ptr<FileStore> disk, const PostgresTarget& target,
                                 Options options)
    : disk_(std::move(disk)),
      options_(std::move(options)),
      target_(target),
      putter_(target_, "files", [](const std::string&) {}),
      fetcher_(target_, "files", [](const std::string&) {}) {
    putter_.start();
    fetcher_.start();
}

ReplicatedFiles::~ReplicatedFiles() {
    ends_ = true;
    putter_.end();
    fetcher_.end();
}

// ---- to the database

void ReplicatedFiles::finish(UploadId id, std::string_view sha256, Finished done) {
    disk_->finish(id, sha256, [this, done = std::move(done)](Result<std::string> kept) {
        if (!kept) return done(std::move(kept));
        putter_.add([this, sha = *kept, done](PostgresConnection& connection, std::string& why) {
            return put(connection, sha, done, why);
        });
    });
}

bool ReplicatedFiles::put(PostgresConnection& connection, const std::string& sha256,
                          const Finished& done, std::string& why) {
    const auto failed = [&](const SqlAnswer& answer) {
        why = answer.text();
        if (answer.isLost() || !answer.state().starts_with("53")) return false;
        done(Error{ErrorCode::NoRoom, "the disk of the database is full"});
        return true;
    };
    const auto known = connection.ask(kHasFile, SqlParams().bytes(sha256));
    if (!known.isGood()) return failed(known);
    const auto file = disk_->open(sha256);
    if (!file) {
        done(Error{ErrorCode::Internal, "the file was lost while it was copied"});
        return true;
    }
    for (uint64_t at = 0; known.rows() == 0 && at < file->size(); at += kChunk) {
        std::string bytes(std::min(kChunk, file->size() - at), '\0');
        if (!file->read(at, bytes)) {
            done(Error{ErrorCode::Internal, "the file cannot be read while it is copied"});
            return true;
        }
        SqlParams chunk;
        chunk.bytes(sha256).number(static_cast<int64_t>(at / kChunk)).bytes(bytes);
        const auto answer = connection.ask(kPutChunk, chunk);
        if (!answer.isGood()) return failed(answer);
    }
    SqlParams row;
    row.bytes(sha256).number(static_cast<int64_t>(file->size()));
    const auto answer = connection.ask(kPutFile, row);
    if (!answer.isGood()) return failed(answer);
    done(sha256);
    return true;
}

void ReplicatedFiles::unneeded(std::string_view sha256) {
    disk_->unneeded(sha256);
    drop(sha256, false);
}

bool ReplicatedFiles::remove(std::string_view sha256) {
    drop(sha256, true);
    return disk_->remove(sha256);
}

void ReplicatedFiles::drop(std::string_view sha256, bool always) {
    SqlParams params;
    params.bytes(sha256).number(always ? 1 : 0);
    putter_.add([params = std::move(params)](PostgresConnection& connection, std::string& why) {
        const auto answer = connection.ask(kDropFile, params);
        why = answer.text();
        return !answer.isLost();
    });
}

// ---- to the disk

void ReplicatedFiles::fetch(bool follows) {
    follows_ = follows;
    fetcher_.add([this](PostgresConnection& connection, std::string& why) {
        const bool isLast = !follows_;
        if (!fetchMissing(connection, why)) return false;
        if (!isLast) fetchAgainLater();
        return true;
    });
}

void ReplicatedFiles::fetchAgainLater() {
    fetcher_.rest(kFollowMs);
    if (follows_ && !ends_) fetch(true);
}

bool ReplicatedFiles::fetchMissing(PostgresConnection& connection, std::string& why) {
    const auto files = connection.ask(kListFiles);
    if (!files.isGood()) {
        why = files.text();
        // No server has made the tables yet.
        return !files.isLost();
    }
    uint64_t bytes = 0;
    for (size_t i = 0; i < files.rows() && !ends_; ++i) {
        const std::string sha256(files.bytes(i, 0));
        const auto size = static_cast<uint64_t>(files.number(i, 1));
        bytes += size;
        if (bytes > options_.bytesMax) break;
        if (disk_->open(sha256)) continue;
        if (!fetchOne(connection, sha256, size, why)) return false;
    }
    return true;
}

bool ReplicatedFiles::fetchOne(PostgresConnection& connection, const std::string& sha256,
                               uint64_t size, std::string& why) {
    Awaited<uint64_t> begun;
    const UploadId id = disk_->begin(size, sha256, 0, begun.take());
    const auto from = begun.get();
    if (!from) {
        options_.tell("cannot fetch the file " + sha256 + ": " + from.error().text);
        return true;
    }
    for (uint64_t at = *from; at < size;) {
        SqlParams params;
        params.bytes(sha256).number(static_cast<int64_t>(at / kChunk));
        const auto chunk = connection.ask(kGetChunk, params);
        if (!chunk.isGood() || ends_) {
            why = chunk.text();
            disk_->suspend(id);
            return false;
        }
        const std::string_view bytes = chunk.rows() > 0 ? chunk.bytes(0, 0) : std::string_view();
        if (bytes.size() <= at % kChunk) {
            disk_->abort(id);  // it was removed meanwhile
            return true;
        }
        Awaited<size_t> written;
        disk_->write(id, std::string(bytes.substr(at % kChunk)), written.take());
        const auto count = written.get();
        if (!count) {
            options_.tell("cannot fetch the file " + sha256 + ": " + count.error().text);
            return true;
        }
        at += *count;
    }
    Awaited<std::string> finished;
    disk_->finish(id, sha256, finished.take());
    const auto kept = finished.get();
    if (!kept) options_.tell("cannot fetch the file " + sha256 + ": " + kept.error().text);
    return true;
}

}  // namespace netchat::store
