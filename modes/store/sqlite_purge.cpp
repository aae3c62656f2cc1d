// What an operator takes out of the log on SQLite, a little at a time. At the front of a room the
// rows go; behind it each leaves an empty one with its number (kind Lost, and its time):
//
//     4 5 6 7 8     all of bob's, 4, 5 and 7, are taken out:   6 Lost 8
//
// What was deleted is overwritten in the database's pages. Copies may be left in the write-ahead
// log until it begins anew, and on the disk below. Ids stay known in `said`.

#include <Poco/Data/LOB.h>

#include <algorithm>
#include <set>
#include <utility>

#include "modes/store/reserve.h"
#include "modes/store/sqlite_room_log.h"
#include "modes/store/sqlite_support.h"
#include "protocol/limits.h"

namespace netchat::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;

constexpr size_t kFilesNamedMax = 100;
// Texts that are taken out at a time: each of their pages is overwritten, and so written twice.
constexpr uint64_t kTextBytesAtOnce = 256 * limits::kKiB;
// The same where a full disk has no room for so much.
constexpr size_t kEmptiedOnFullDisk = 8, kForgottenOnFullDisk = 32;
constexpr uint64_t kTextBytesOnFullDisk = 16 * limits::kKiB;

bool hasNoRoom(const Status& status) {
    return !status && status.error().code == ErrorCode::NoRoom;
}

}  // namespace

// A stretch of a room, how much of it goes at most, and what is to become of it.
struct SqliteRoomLog::StretchMax {
    size_t emptied;  // in their places: each may be in a page of its own
    size_t first;    // at the front of the room
    uint64_t bytes;
};
struct SqliteRoomLog::Stretch {
    uint64_t end = 0;    // the first seq after it; 0: the room has no more
    uint64_t first = 0;  // the first seq of the room that stays
    std::vector<uint64_t> emptied;
    uint64_t bytes = 0;  // of what goes
    std::vector<std::string> files;
};

Result<Purged> SqliteRoomLog::purgeSome(Purge& purge) {
    Purged result;
    result.more = true;
    if (doubt_) return result;
    beginPurge(purge);
    auto it = rooms_.end();
    for (; !purge.ends.empty(); purge.ends.erase(purge.ends.begin()), purge.atSeq = 0) {
        const auto& [name, end] = *purge.ends.begin();
        it = rooms_.find(name);
        if (it != rooms_.end() && it->second.range.first < end) break;  // not forgotten meanwhile
    }
    if (purge.ends.empty()) {
        result.more = false;
        return result;
    }
    purge.atSeq = std::max(purge.atSeq, it->second.range.first);
    try {
        Room& room = it->second;
        Stretch stretch;
        const auto takeUpTo = [&](const StretchMax& most) {
            stretch = stretchToPurge(room, purge, most, result);
            return withReserve([&] {
                return inTransaction([&] { take(it->first, room, stretch, result.files); });
            });
        };
        Status status =
            takeUpTo({limits::kPurgedAtOnceMax, limits::kForgottenAtOnceMax, kTextBytesAtOnce});
        if (hasNoRoom(status)) {
            status = takeUpTo({kEmptiedOnFullDisk, kForgottenOnFullDisk, kTextBytesOnFullDisk});
        }
        if (hasNoRoom(status)) {
            return Error{ErrorCode::NoRoom,
                         "the disk is full, and the rest of the reserve is kept for kicks, bans "
                         "and mutes: free some space, for example with netchat ctl remove-file"};
        }
        if (!status) return status.error();
        if (room.range.first != stretch.first) room.oldestMs = -1;
        room.range.first = stretch.first;
        room.bytes -= stretch.bytes;
        purge.atSeq = stretch.end;
        if (stretch.end != 0 && stretch.end < purge.ends.begin()->second) return result;
        purge.ends.erase(purge.ends.begin());
        purge.atSeq = 0;
        result.more = !purge.ends.empty();
        if (!result.more && reserve_ && reserve_->isFull()) releaseWal();
        return result;
    } catch (const Poco::Exception& e) {
        return sqliteError(e, file_);
    }
}

// Reads on from where the purge is, until enough is found or looked at.
SqliteRoomLog::Stretch SqliteRoomLog::stretchToPurge(const Room& room, const Purge& purge,
                                                     const StretchMax& most, Purged& result) {
    result.entries = 0;
    std::vector<uint64_t> seqs, times, users, sizes;
    std::vector<int> kinds;
    std::vector<BLOB> senders, hashes;
    uint64_t number = room.number, at = purge.atSeq, end = purge.ends.begin()->second;
    session_ << "SELECT seq, kind, time, user, sender, coalesce(length(id), 0)"
                " + coalesce(length(sender), 0) + coalesce(length(text), 0)"
                " + coalesce(length(sha256), 0), sha256"
                " FROM entry WHERE room = ? AND seq >= ? AND seq < ? ORDER BY seq LIMIT " +
                    std::to_string(limits::kPurgeLookedAtMax),
        use(number), use(at), use(end), into(seqs), into(kinds), into(times), into(users),
        into(senders), into(sizes), into(hashes), now;
    Stretch stretch;
    stretch.first = room.range.first;
    std::set<uint64_t> speakers;
    for (size_t i = 0; i < seqs.size(); ++i) {
        const bool isGone = kinds[i] == static_cast<int>(EntryKind::Lost);
        const bool goes =
            !isGone && purge.matches(users[i], textOf(senders[i]), static_cast<int64_t>(times[i]));
        stretch.end = seqs[i] + 1;
        if (goes) {
            stretch.bytes += sizes[i];
            ++result.entries;
            speakers.insert(users[i]);
            if (hashes[i].size() > 0) stretch.files.push_back(textOf(hashes[i]));
        }
        if ((goes || isGone) && seqs[i] == stretch.first) {
            ++stretch.first;
        } else if (goes) {
            stretch.emptied.push_back(seqs[i]);
        }
        if (stretch.emptied.size() >= most.emptied || stretch.bytes >= most.bytes) break;
        if (stretch.first - room.range.first >= most.first) break;
    }
    if (stretch.end != 0 && seqs.back() + 1 == stretch.end &&
        seqs.size() < limits::kPurgeLookedAtMax) {
        stretch.end = 0;
    }
    stretch.bytes = std::min(stretch.bytes, room.bytes);
    result.users.assign(speakers.begin(), speakers.end());
    return stretch;
}

void SqliteRoomLog::take(const std::string& name, const Room& room, const Stretch& stretch,
                         std::vector<std::string>& files) {
    files.clear();  // the work may be done again
    session_ << "PRAGMA secure_delete=ON", now;
    uint64_t number = room.number, first = stretch.first, bytes = room.bytes - stretch.bytes;
    BLOB nameBytes = blobOf(name);
    for (uint64_t seq : stretch.emptied) {
        session_ << "UPDATE entry SET kind = 2, time = max(time, 1), user = 0, id = NULL,"
                    " sender = NULL, text = NULL, sha256 = NULL, size = 0,"
                    " sum = row_sum(?1, seq, 2, max(time, 1), 0, NULL, NULL, NULL, NULL, 0)"
                    " WHERE room = ?2 AND seq = ?3",
            use(nameBytes), use(number), use(seq), now;
    }
    session_ << "DELETE FROM entry WHERE room = ? AND seq < ?", use(number), use(first), now;
    session_ << "UPDATE room SET first = ?, bytes = ? WHERE number = ?", use(first), use(bytes),
        use(number), now;
    addUnannounced(stretch.files, files);
}

Result<std::vector<std::string>> SqliteRoomLog::filesNamed(std::string_view name) {
    try {
        std::vector<BLOB> hashes;
        // With or without labels behind it, before which stands a TAB.
        BLOB sought = blobOf(name), labelled = blobOf(std::string(name) + "\t");
        session_ << "SELECT DISTINCT sha256 FROM entry WHERE sha256 IS NOT NULL AND (text = ? OR "
                    "substr(text, 1, " +
                        std::to_string(name.size() + 1) + ") = ?) LIMIT " +
                        std::to_string(kFilesNamedMax),
            use(sought), use(labelled), into(hashes), now;
        std::vector<std::string> files;
        for (const BLOB& hash : hashes) files.push_back(textOf(hash));
        return files;
    } catch (const Poco::Exception& e) {
        return sqliteError(e, file_);
    }
}

}  // namespace netchat::store
