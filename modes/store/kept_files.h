#pragma once

// The complete files of a store: which there are, how long each is, and how far each is believed.
//
//     Doubted    nothing says that it is whole: it was found at the start, without a record
//     Recorded   the record knows its length; not read since the start, or changed since
//     Verified   its bytes were hashed since the start; the disk shows no change since then
//
// A file's length is compared whenever it is opened. What is not Verified is hashed: at once where
// it is small, before an upload of the same content is spared, when a receiver says that it got
// other bytes, and else when there is nothing else to do. A file that turns out to be damaged
// leaves the store: it is moved aside to <sha256>.damaged, and whoever runs the server is told.

#include <Poco/Crypto/DigestEngine.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "modes/mutex.h"
#include "modes/store/disk.h"
#include "modes/store/file_store.h"
#include "modes/store/size_record.h"
#include "protocol/limits.h"

namespace netchat::store {

enum class FileSync {
    No,      // nothing outlives the server
    Behind,  // a kept file survives the process at once, and the machine when syncBehind() has run
    OnKeep   // and the machine: it and its name are synced before anyone hears of it
};

class KeptFiles {
  public:
    // A file that was read again so recently is not read once more: whoever asks for it could keep
    // the server busy.
    static constexpr int64_t kReadAgainMs = 30'000;

    struct Options {
        FileSync sync = FileSync::No;
        // A file up to this long that is not Verified is hashed when it is opened.
        uint64_t checkAtOnceBytes = limits::kHashSliceBytes;
        // What whoever runs the server should know. Called with a lock held.
        std::function<void(const std::string& text)> tell = {};
    };

    // Takes stock of the disk, which must outlive this.
    KeptFiles(Disk& disk, Options options);

    // ---- any thread
    // Null: it is not here, or was damaged.
    std::shared_ptr<const StoredFile> open(std::string_view sha256);
    void unneeded(std::string_view sha256);
    bool remove(std::string_view sha256);
    // Of complete files and those that were moved aside.
    uint64_t bytes() const { return bytes_.load(); }
    // There are files to be hashed when there is nothing else to do: checkSome().
    bool doubtful() const { return doubtful_.load(); }
    bool unsynced() const { return unsynced_.load(); }
    // Syncs what was kept since the last call, and its names. May wait for the disk for long; one
    // thread at a time.
    void syncBehind();

    // ---- the store's thread only
    // Here, with this size; it is used now.
    bool has(std::string_view sha256, uint64_t size);
    // And Verified.
    bool isVerified(std::string_view sha256);
    // Gives the file `from`, whose bytes are these, its name; one that is here and Verified stays.
    Status keep(const std::string& from, const std::string& sha256, uint64_t size);
    // A file moved aside, and the longest unused of the complete ones, those that are being sent
    // last. False: there is none.
    bool dropDamaged();
    bool dropOldest();

    enum class Check {
        Going,  // call it again
        Whole,
        Gone  // it is not here, or was damaged
    };
    // Hashes a slice of it. Whole at once where it was Verified at `sinceMs` or later (Unix time;
    // nothing: since the start).
    Check checkOn(const std::string& sha256, std::optional<int64_t> sinceMs, int64_t nowMs);
    // A slice of a doubtful file.
    void checkSome(int64_t nowMs);

    // What is not as it should be between two calls; empty: nothing.
    std::string checkInvariants();
    // The names of all that is counted, with their sizes.
    std::map<std::string, uint64_t> counted();

  private:
    friend struct InvariantsTest;  // plants faults

    enum class Belief : uint8_t { Doubted, Recorded, Verified };
    struct Kept {
        uint64_t size = 0;
        std::list<std::string>::iterator use;
        uint64_t serial = 0;  // no other file of this name has the same
        Belief belief = Belief::Doubted;
        bool inDoubts = false;
        FileStamp stamp = {};    // when it was Verified
        int64_t verifiedMs = 0;  // by reading it
        std::weak_ptr<const StoredFile> opened = {};
    };
    using Files = std::unordered_map<std::string, Kept>;
    // Of one file that is being hashed.
    struct Reading {
        std::unique_ptr<DiskFile> file;
        FileStamp stamp;  // before
        uint64_t serial = 0;
        uint64_t at = 0;
        std::unique_ptr<Poco::Crypto::DigestEngine> digest;
    };
    struct Unsynced {
        std::string sha256;
        uint64_t serial;
    };

    void takeStock();
    void takeStockOfRecord();
    void tell(const std::string& text) const;
    Kept& add(const std::string& sha256, uint64_t size, Belief belief) REQUIRES(mutex_);
    void drop(Files::iterator it) REQUIRES(mutex_);
    void lose(Files::iterator it, const std::string& why) REQUIRES(mutex_);
    void doubt(Files::iterator it) REQUIRES(mutex_);
    bool hashAtOnce(Files::iterator it, const DiskFile& file, const FileStamp& stamp)
        REQUIRES(mutex_);
    void verified(Files::iterator it, const FileStamp& stamp, int64_t nowMs) REQUIRES(mutex_);
    void behindSync(const std::string& sha256, uint64_t serial) REQUIRES(mutex_);

    bool beginReading(const std::string& sha256, Reading& reading);
    Check finishReading(const std::string& sha256, Reading& reading, int64_t nowMs);

    Disk& disk_;
    const Options options_;
    const std::unique_ptr<SizeRecord> record_;  // null: nothing outlives the server
    std::atomic<uint64_t> bytes_{0};
    std::atomic<bool> doubtful_{false}, unsynced_{false};
    std::map<std::string, Reading> readings_;  // the store's thread's
    bool syncFails_ = false;                   // syncBehind()'s

    Mutex mutex_;
    Files files_ GUARDED_BY(mutex_);
    std::list<std::string> uses_ GUARDED_BY(mutex_);     // the longest unused first
    std::deque<std::string> doubts_ GUARDED_BY(mutex_);  // to be hashed
    std::map<std::string, uint64_t> aside_
        GUARDED_BY(mutex_);                            // damaged ones, by name, with their sizes
    std::vector<Unsynced> behind_ GUARDED_BY(mutex_);  // kept, and not synced yet
    uint64_t lastSerial_ GUARDED_BY(mutex_) = 0;
};

}  // namespace netchat::store
