// What the log on SQLite forgets by age and size, a little at a time.

#include <Poco/Data/LOB.h>

#include <algorithm>
#include <utility>

#include "modes/store/sqlite_room_log.h"
#include "modes/store/sqlite_support.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;

// Rooms that are looked at for something to forget, at a time.
constexpr size_t kRoomsLookedAtMax = 1000;
// While it is not known whether an append stands in the log.
constexpr int64_t kForgetLaterMs = 1000;

}  // namespace

// The oldest entries of a room that are to go.
struct SqliteRoomLog::Prefix {
    uint64_t end = 0;  // the first seq that stays
    uint64_t bytes = 0;
    int64_t oldestMs = -1;           // of what stays
    std::vector<std::string> files;  // announced by what goes
};

Result<Forgotten> SqliteRoomLog::forgetSome(const Retention& retention, int64_t nowMs) {
    Forgotten result;
    if (rooms_.empty() || !retention.any()) return result;
    if (doubt_) {
        result.nextMs = nowMs + kForgetLaterMs;
        return result;
    }
    try {
        const uint64_t all = retention.allBytes > 0 ? bytesInAll() : 0;
        if (all > retention.allBytes) {
            // The oldest of the largest first: a busy room does not push out the others.
            const auto it = largestRoom();
            if (it != rooms_.end()) {
                Retention less;
                const uint64_t over = all - retention.allBytes;
                less.bytes =
                    std::max<uint64_t>(it->second.bytes - std::min(it->second.bytes, over), 1);
                const auto status = forgetPrefix(it->second, less, nowMs, result.files);
                if (!status) return status.error();
                result.more = true;
                return result;
            }
        }
        auto it = rooms_.lower_bound(forgetFrom_);
        for (size_t looked = 0; looked < kRoomsLookedAtMax && it != rooms_.end(); ++looked, ++it) {
            if (!keptTooLong(it->second, retention, nowMs)) {
                noteNext(it->second, retention);
                continue;
            }
            const auto status = forgetPrefix(it->second, retention, nowMs, result.files);
            if (!status) return status.error();
            forgetFrom_ = it->first;
            result.more = true;
            return result;
        }
        result.more = it != rooms_.end();
        forgetFrom_ = result.more ? it->first : std::string();
        if (!result.more) result.nextMs = std::exchange(forgetNextMs_, {});
        return result;
    } catch (const Poco::Exception& e) {
        return sqliteError(e, file_);
    }
}

Status SqliteRoomLog::forgetPrefix(Room& room, const Retention& retention, int64_t nowMs,
                                   std::vector<std::string>& files) {
    const Prefix prefix = prefixToForget(room, retention, nowMs);
    auto status = inTransaction([&] { forget(room, prefix, files); });
    if (!status) return status;
    room.range.first = prefix.end;
    room.bytes -= prefix.bytes;
    room.oldestMs = prefix.oldestMs;
    return Ok{};
}

SqliteRoomLog::Rooms::iterator SqliteRoomLog::largestRoom() {
    auto largest = rooms_.end();
    for (auto it = rooms_.begin(); it != rooms_.end(); ++it) {
        // One without texts has nothing to give: its entries were taken out.
        if (it->second.range.first > it->second.range.last || it->second.bytes <= 1) continue;
        if (largest == rooms_.end() || costOf(it->second) > costOf(largest->second)) largest = it;
    }
    return largest;
}

bool SqliteRoomLog::keptTooLong(Room& room, const Retention& retention, int64_t nowMs) {
    if (room.range.first > room.range.last) return false;
    if (retention.bytes > 0 && room.bytes > retention.bytes) return true;
    if (retention.ageMs <= 0) return false;
    if (room.oldestMs < 0) {
        uint64_t time = 0;
        session_ << "SELECT time FROM entry WHERE room = ? AND seq = ?", use(room.number),
            use(room.range.first), into(time), now;
        room.oldestMs = static_cast<int64_t>(time);
    }
    return room.oldestMs < nowMs - retention.ageMs;
}

void SqliteRoomLog::noteNext(const Room& room, const Retention& retention) {
    if (retention.ageMs <= 0 || room.range.first > room.range.last) return;
    const int64_t ms = room.oldestMs + retention.ageMs + 1;
    forgetNextMs_ = std::min(forgetNextMs_.value_or(ms), ms);
}

SqliteRoomLog::Prefix SqliteRoomLog::prefixToForget(const Room& room, const Retention& retention,
                                                    int64_t nowMs) {
    std::vector<uint64_t> times, sizes;
    std::vector<BLOB> hashes;
    uint64_t number = room.number, first = room.range.first;
    session_ << "SELECT time, coalesce(length(id), 0) + coalesce(length(sender), 0)"
                " + coalesce(length(text), 0) + coalesce(length(sha256), 0), sha256"
                " FROM entry WHERE room = ? AND seq >= ? ORDER BY seq LIMIT " +
                    std::to_string(limits::kForgottenAtOnceMax),
        use(number), use(first), into(times), into(sizes), into(hashes), now;
    Prefix prefix;
    prefix.end = first;
    for (size_t i = 0; i < times.size(); ++i) {
        const auto time = static_cast<int64_t>(times[i]);
        const bool large = retention.bytes > 0 && room.bytes - prefix.bytes > retention.bytes;
        const bool old = retention.ageMs > 0 && time < nowMs - retention.ageMs;
        if (!large && !old) {
            prefix.oldestMs = time;
            break;
        }
        ++prefix.end;
        prefix.bytes += sizes[i];
        if (hashes[i].size() > 0) prefix.files.push_back(textOf(hashes[i]));
    }
    return prefix;
}

void SqliteRoomLog::forget(const Room& room, const Prefix& prefix,
                           std::vector<std::string>& files) {
    uint64_t number = room.number, end = prefix.end, bytes = room.bytes - prefix.bytes;
    session_ << "DELETE FROM entry WHERE room = ? AND seq < ?", use(number), use(end), now;
    session_ << "UPDATE room SET first = ?, bytes = ? WHERE number = ?", use(end), use(bytes),
        use(number), now;
    addUnannounced(prefix.files, files);
}

// Those of `gone` that no kept entry announces any more. Throws Poco::Exception.
void SqliteRoomLog::addUnannounced(const std::vector<std::string>& gone,
                                   std::vector<std::string>& files) {
    for (const std::string& sha256 : gone) {
        BLOB sought = blobOf(sha256);
        uint64_t announced = 0;
        session_ << "SELECT EXISTS (SELECT 1 FROM entry WHERE sha256 = ?)", use(sought),
            into(announced), now;
        if (announced == 0) files.push_back(sha256);
    }
}

}  // namespace netchat::store
