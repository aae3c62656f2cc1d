#pragma once

// The file store of a server whose log is on PostgreSQL: each file is in the database, too, before
// anybody hears of it, so that it survives the server's machine. Every server has a copy of its own
// on its disk, from which it sends; the one that waits as standby fetches what it lacks meanwhile.
//
//     upload -> disk (DiskFileStore) -> finish(): chunks -> blob, then a row of file -> done
//     start, and while it waits: rows of file that are not on the disk -> chunks -> disk

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "modes/store/file_store.h"
#include "modes/store/postgres/postgres_target.h"
#include "modes/store/postgres/postgres_worker.h"

namespace netchat::store {

// As FileStore. A finish() is answered when the database has the file, however long that takes.
class ReplicatedFiles : public FileStore {
  public:
    struct Options {
        uint64_t bytesMax = 0;  // of the disk's store: no more is fetched
        std::function<void(const std::string& text)> tell;  // any thread
    };
    ReplicatedFiles(std::unique_ptr<FileStore> disk, const PostgresTarget& target, Options options);
    ~ReplicatedFiles() override;

    // Once there are tables. What is missing on the disk is fetched, newest first; `follows`: also
    // what others put there later. Once `follows` is false, all that is known then is fetched.
    void fetch(bool follows);
    // The database is believed to hang: it is asked again.
    void interrupt() {
        putter_.interrupt();
        fetcher_.interrupt();
    }

    UploadId begin(uint64_t size, std::string_view sha256, Owner owner, Begun done) override {
        return disk_->begin(size, sha256, owner, std::move(done));
    }
    void write(UploadId id, std::string bytes, Written done) override {
        disk_->write(id, std::move(bytes), std::move(done));
    }
    void finish(UploadId id, std::string_view sha256, Finished done) override;
    void suspend(UploadId id) override { disk_->suspend(id); }
    void abort(UploadId id) override { disk_->abort(id); }
    std::shared_ptr<const StoredFile> open(std::string_view sha256) override {
        return disk_->open(sha256);
    }
    void verify(std::string_view sha256, Verified done) override {
        disk_->verify(sha256, std::move(done));
    }
    void unneeded(std::string_view sha256) override;
    bool remove(std::string_view sha256) override;

  private:
    bool put(PostgresConnection& connection, const std::string& sha256, const Finished& done,
             std::string& why);
    void drop(std::string_view sha256, bool always);
    bool fetchMissing(PostgresConnection& connection, std::string& why);
    bool fetchOne(PostgresConnection& connection, const std::string& sha256, uint64_t size,
                  std::string& why);
    void fetchAgainLater();

    const std::unique_ptr<FileStore> disk_;
    const Options options_;
    const PostgresTarget target_;
    std::atomic<bool> follows_{false}, ends_{false};
    PostgresWorker putter_, fetcher_;  // last: they use all of the above
};

}  // namespace netchat::store
