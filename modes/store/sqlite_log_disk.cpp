// What becomes of the log on SQLite when its disk is full, and when somebody removes its files.

#include <Poco/Exception.h>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "modes/store/reserve.h"
#include "modes/store/sqlite_room_log.h"
#include "modes/store/sqlite_support.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;

// While the write-ahead log is given back the log waits so long for others who use it.
constexpr int kMoveWaitsMs = 20;
constexpr int kBusyMs = 5000;
// What a file system itself may need when a file grows.
constexpr uint64_t kMoveSlackBytes = 64 * limits::kKiB;
// 3 s, about.
constexpr uint64_t kRescuedBytesMax = 256 * limits::kMiB;

}  // namespace

// ---- a full disk

void SqliteRoomLog::noteIfFull(const Status& status) const {
    if (reserve_ && !status && status.error().code == ErrorCode::NoRoom) reserve_->noteFull();
}

// On a full disk: what is not said by people, and is not a sanction. The file of the write-ahead
// log is given back first, which keeps many small transactions from growing it.
Status SqliteRoomLog::withReserve(const std::function<Status()>& work) {
    Status status = work();
    if (status || !reserve_ || status.error().code != ErrorCode::NoRoom) return status;
    releaseWal();
    return reserve_->spend(work, Reserve::For::Other);
}

// Moves all of it into the database. What that grows by is lent by the reserve: it is at most what
// comes back. Nobody who reads is waited for. False: there is not so much, or somebody reads.
bool SqliteRoomLog::releaseWal() {
    try {
        const uint64_t after = databaseBytes(session_);
        std::error_code error;
        const uint64_t size = std::filesystem::file_size(file_, error);
        bool done = false;
        const auto move = [&] {
            sqlite3_busy_timeout(database(), kMoveWaitsMs);
            done = sqlite3_wal_checkpoint_v2(database(), "main", SQLITE_CHECKPOINT_TRUNCATE,
                                             nullptr, nullptr) == SQLITE_OK;
            sqlite3_busy_timeout(database(), kBusyMs);
        };
        const bool lent =
            !error && reserve_->lend(after - std::min(after, size) + kMoveSlackBytes, move);
        return lent && done;
    } catch (const Poco::Exception&) {
        return false;
    }
}

// ---- files that are gone

// Before what is written is promised to anybody. The first time all that there is gets a name, and
// the owner is told.
Status SqliteRoomLog::checkNames() {
    const std::filesystem::path missing = names_.missing();
    if (missing.empty()) {
        if (std::exchange(displaced_, false))
            tell("the log's files are back; the server continues");
        return Ok{};
    }
    if (!std::exchange(displaced_, true)) {
        // Not within the transaction that has found it.
        rollBack();
        tell(missing.string() +
             " was removed or replaced while the server uses it: new messages are refused until it "
             "is back; " +
             (rescue()
                  ? "all messages are in " + rescueFile().string() +
                        ": stop the server, and rename this file to " + file_.filename().string()
                  : "if it does not come back, its messages are lost when the server stops"));
    }
    return Error{ErrorCode::Internal,
                 "the server's log was removed or replaced; new messages are refused until the "
                 "operator repairs it"};
}

std::filesystem::path SqliteRoomLog::rescueFile() const {
    std::filesystem::path file = file_;
    return file += ".rescued";
}

// A copy, beside where the log was. A large log would keep everybody waiting.
bool SqliteRoomLog::rescue() {
    try {
        if (databaseBytes(session_) > kRescuedBytesMax) return false;
        // Nobody else may read it.
        std::string name = rescueFile().string();
        ::unlink(name.c_str());
        const int fd =
            ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (fd < 0) return false;
        ::close(fd);
        session_ << "VACUUM INTO ?", use(name), now;
        return true;
    } catch (const Poco::Exception&) {
        return false;
    }
}

}  // namespace netchat::store
