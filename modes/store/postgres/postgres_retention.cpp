// What retention forgets and operators take out of a log on PostgreSQL: one step at a time is under
// way to the writer, and whoever calls again gets what came of it.

#include <algorithm>
#include <atomic>
#include <utility>

#include "modes/store/postgres/postgres_log.h"
#include "protocol/limits.h"

namespace netchat::store {

// The owner makes it, the writer fills it in and says so, the owner reads it.
struct PostgresLog::Step {
    std::string room;
    bool purges = false;  // or forgets
    std::atomic<bool> done{false};
    bool good = false;
    std::string why;
    uint64_t next = 0, first = 0, bytes = 0, entries = 0;
    int64_t oldestMs = -1;
    std::vector<uint64_t> users;
    std::vector<std::string> files;
};

namespace {

constexpr const char* kForgetSql = "SELECT * FROM netchat.forget_1($1, $2, $3, $4, $5)";
constexpr const char* kPurgeSql = "SELECT * FROM netchat.purge_1($1, $2, $3, $4, $5, $6, $7, $8)";

uint64_t unsignedAt(const SqlAnswer& rows, size_t row, int column) {
    return static_cast<uint64_t>(rows.number(row, column));
}

uint64_t costOf(const PostgresMirror::Room& room) {
    return room.bytes + kEntryBytes * (room.range.last + 1 - room.range.first);
}

bool isEmpty(const PostgresMirror::Room& room) {
    return room.range.first > room.range.last;
}

// The room whose oldest entries are the next to go, and how many bytes may stay of it.
struct Due {
    PostgresMirror::Room* room = nullptr;
    std::string name;
    uint64_t bytes = 0;
};

Due largestOf(PostgresMirror& mirror, uint64_t over) {
    Due due;
    for (auto& [name, room] : mirror.rooms) {
        if (isEmpty(room) || room.bytes <= 1) continue;
        if (due.room == nullptr || costOf(room) > costOf(*due.room)) due = {&room, name, 0};
    }
    if (due.room != nullptr) {
        due.bytes = std::max<uint64_t>(due.room->bytes - std::min(due.room->bytes, over), 1);
    }
    return due;
}

}  // namespace

// `take` is called on the writer's thread, for each row of the answer.
void PostgresLog::beginStep(const std::string& room, const char* sql, SqlParams params,
                            void (*take)(Step& step, const SqlAnswer& rows, size_t row)) {
    step_ = std::make_shared<Step>();
    step_->room = room;
    writer_.add([step = step_, sql, params = std::move(params), take](
                    PostgresConnection& connection, std::string& why) {
        const SqlAnswer rows = connection.ask(sql, params);
        why = step->why = rows.text();
        if (rows.isLost()) return false;
        step->good = rows.isGood();
        for (size_t i = 0; i < rows.rows(); ++i) take(*step, rows, i);
        step->done = true;
        return true;
    });
}

Result<Forgotten> PostgresLog::forgetSome(const Retention& retention, int64_t nowMs) {
    Forgotten result;
    if (step_) {
        result.more = true;
        if (!step_->done) return result;
        const auto step = std::exchange(step_, {});
        if (!step->good) return Error{ErrorCode::BadState, step->why};
        PostgresMirror::Room& room = mirror_.at(step->room);
        room.range.first = step->first;
        room.bytes = step->bytes;
        room.oldestMs = step->oldestMs;
        result.files = step->files;
        return result;
    }
    const auto isOld = [&](const PostgresMirror::Room& room) {
        return retention.ageMs > 0 && room.oldestMs < nowMs - retention.ageMs;
    };
    const auto isLarge = [&](const PostgresMirror::Room& room) {
        return retention.bytes > 0 && room.bytes > retention.bytes;
    };
    Due due;
    const uint64_t all = retention.allBytes > 0 ? bytesInAll() : 0;
    if (all > retention.allBytes) due = largestOf(mirror_, all - retention.allBytes);
    for (auto& [name, room] : mirror_.rooms) {
        if (due.room != nullptr || isEmpty(room)) continue;
        if (isOld(room) || isLarge(room)) {
            due = {&room, name, retention.bytes};
        } else if (retention.ageMs > 0) {
            const int64_t ms = room.oldestMs + retention.ageMs + 1;
            result.nextMs = std::min(result.nextMs.value_or(ms), ms);
        }
    }
    if (due.room == nullptr) return result;

    SqlParams params;
    params.number(epoch_).number(due.room->number);
    params.number(retention.ageMs > 0 ? nowMs - retention.ageMs : INT64_MIN);
    params.number(static_cast<int64_t>(due.bytes));
    params.number(static_cast<int64_t>(limits::kForgottenAtOnceMax));
    beginStep(due.name, kForgetSql, std::move(params),
              [](Step& step, const SqlAnswer& rows, size_t i) {
                  step.first = unsignedAt(rows, i, 0);
                  step.bytes = unsignedAt(rows, i, 1);
                  step.oldestMs = rows.number(i, 2);
                  if (!rows.isNull(i, 3)) step.files.emplace_back(rows.bytes(i, 3));
              });
    result.more = true;
    result.nextMs.reset();
    return result;
}

Result<Purged> PostgresLog::purgeSome(Purge& purge) {
    Purged result;
    result.more = true;
    if (step_) {
        if (!step_->done) return result;
        const auto step = std::exchange(step_, {});
        if (!step->good) return Error{ErrorCode::BadState, step->why};
        PostgresMirror::Room& room = mirror_.at(step->room);
        if (room.range.first != step->first) room.oldestMs = step->oldestMs;
        room.range.first = step->first;
        room.bytes = step->bytes;
        if (!step->purges) return result;
        result.entries = step->entries;
        result.users = step->users;
        result.files = step->files;
        purge.atSeq = step->next;
        if (step->next == 0) purge.ends.erase(purge.ends.begin());
        result.more = !purge.ends.empty();
        return result;
    }
    beginPurge(purge);
    const PostgresMirror::Room* room = nullptr;
    for (; !purge.ends.empty(); purge.ends.erase(purge.ends.begin()), purge.atSeq = 0) {
        const auto& [name, end] = *purge.ends.begin();
        room = mirror_.find(name);
        if (room != nullptr && room->range.first < end) break;  // not forgotten meanwhile
    }
    if (purge.ends.empty() || room == nullptr) {
        result.more = false;
        return result;
    }
    const auto& [name, end] = *purge.ends.begin();
    SqlParams params;
    params.number(epoch_).number(room->number).number(static_cast<int64_t>(purge.atSeq));
    params.number(static_cast<int64_t>(end)).number(static_cast<int64_t>(purge.user));
    params.bytesOrNull(purge.from).number(purge.beforeMs);
    params.number(static_cast<int64_t>(limits::kPurgedAtOnceMax));
    beginStep(name, kPurgeSql, std::move(params), [](Step& step, const SqlAnswer& rows, size_t i) {
        step.next = unsignedAt(rows, i, 0);
        step.first = unsignedAt(rows, i, 1);
        step.bytes = unsignedAt(rows, i, 2);
        step.entries = unsignedAt(rows, i, 3);
        if (rows.number(i, 4) != 0) step.users.push_back(unsignedAt(rows, i, 4));
        if (!rows.isNull(i, 5)) step.files.emplace_back(rows.bytes(i, 5));
    });
    step_->purges = true;
    return result;
}

// Would have to wait for the database.
Result<std::vector<std::string>> PostgresLog::filesNamed(std::string_view) {
    return Error{ErrorCode::BadValue,
                 "with a log on PostgreSQL, name the file by its SHA-256, which netchat ctl and "
                 "the announcement show"};
}

}  // namespace netchat::store
