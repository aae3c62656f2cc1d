#include "modes/store/postgres/postgres_append.h"

#include <map>
#include <string_view>
#include <utility>

#include "modes/store/postgres/postgres_schema.h"

namespace netchat::store {

namespace {

constexpr std::string_view kDiskFull = "53100";

struct Growth {
    uint64_t last = 0, bytes = 0;
};

std::string_view orNull(std::string_view text) {
    return text.empty() ? std::string_view() : text;
}

}  // namespace

bool PostgresAppend::run(PostgresConnection& connection, Writer& writer, int64_t batch,
                         std::string& why) {
    if (!planned_) plan();
    if (!appended_ && !sent_.empty() && !append(connection, writer, batch, why)) return false;
    if (outcome_) return true;  // it was refused
    appended_ = true;
    if (!asked_.empty() && !lookUp(connection, why)) return false;
    repeatWithin();
    outcome_.emplace(std::move(result_));
    return true;
}

// An id that a user has twice in the batch is sent once.
void PostgresAppend::plan() {
    planned_ = true;
    result_.resize(items_.size());
    std::map<std::pair<uint64_t, std::string_view>, size_t> first;
    for (size_t i = 0; i < items_.size(); ++i) {
        const auto& [entry, room, last, isLookUp] = items_[i];
        if (!entry.id.empty() && !isLookUp) {
            const auto [it, isNew] = first.try_emplace({entry.user, entry.id}, i);
            if (!isNew) {
                repeats_.emplace_back(i, it->second);
                continue;
            }
        }
        (isLookUp ? asked_ : sent_).push_back(i);
    }
}

bool PostgresAppend::append(PostgresConnection& connection, Writer& writer, int64_t batch,
                            std::string& why) {
    std::vector<int64_t> numbers, rooms, seqs, times, users, kinds, sizes;
    std::map<int64_t, Growth> grown;
    std::vector<std::string_view> names, ids, senders, texts, hashes;
    for (const NewRoom& room : newRooms_) {
        numbers.push_back(room.number);
        names.push_back(room.name);
    }
    for (const size_t i : sent_) {
        const Entry& entry = items_[i].entry;
        Growth& growth = grown.try_emplace(items_[i].room, Growth{items_[i].last, 0}).first->second;
        growth.bytes += textBytes(entry);
        rooms.push_back(items_[i].room);
        seqs.push_back(static_cast<int64_t>(++growth.last));
        times.push_back(entry.time);
        users.push_back(static_cast<int64_t>(entry.user));
        kinds.push_back(static_cast<int64_t>(entry.kind));
        sizes.push_back(static_cast<int64_t>(entry.size));
        ids.push_back(orNull(entry.id));
        senders.push_back(orNull(entry.from));
        texts.push_back(orNull(entry.text));
        hashes.push_back(orNull(entry.sha256));
    }
    SqlParams params;
    params.number(writer.epoch).number(writer.batch).number(batch).numbers(numbers).blobs(names);
    std::vector<int64_t> growing, lasts, bytes;
    for (const auto& [room, growth] : grown) {
        growing.push_back(room);
        lasts.push_back(static_cast<int64_t>(growth.last));
        bytes.push_back(static_cast<int64_t>(growth.bytes));
    }
    params.numbers(growing).numbers(lasts).numbers(bytes);
    params.numbers(rooms).numbers(seqs).numbers(times).numbers(users).blobs(ids).numbers(kinds);
    params.blobs(senders).blobs(texts).blobs(hashes).numbers(sizes);
    const SqlAnswer answer = connection.ask(
        "SELECT * FROM"
        " netchat.append_1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        " $15, $16, $17, $18)",
        params);
    if (!answer.isGood()) return failed(answer, why);
    if (answer.rows() == 0 && !findOut(connection, why)) return false;
    writer.batch = batch;
    if (answer.rows() == 0) return true;
    if (answer.number(0, 0) == 0) {
        for (size_t k = 0; k < sent_.size(); ++k) {
            result_[sent_[k]] = {static_cast<uint64_t>(seqs[k]), false, false};
        }
        return true;
    }
    for (size_t k = 0; k < sent_.size(); ++k) {
        const bool duplicate = answer.flag(k, 2);
        const bool elsewhere = answer.number(k, 1) != items_[sent_[k]].room;
        result_[sent_[k]] = {static_cast<uint64_t>(answer.number(k, 0)), duplicate,
                             duplicate && elsewhere};
    }
    return true;
}

// An error after a try that was lost says nothing of that one.
bool PostgresAppend::failed(const SqlAnswer& answer, std::string& why) {
    why = answer.text();
    fenced_ = answer.state() == kFencedState;
    wasLost_ = wasLost_ || answer.isLost();
    if (wasLost_ || fenced_) return false;
    const bool full = answer.state() == kDiskFull;
    outcome_.emplace(full ? Error{ErrorCode::NoRoom, "the disk of the database is full"}
                          : Error{ErrorCode::Internal, "the database refuses it: " + why});
    return true;
}

// An earlier try has appended this batch. Of each room its entries are those behind `last`, in the
// order of the drafts; the ids of the others were said before.
bool PostgresAppend::findOut(PostgresConnection& connection, std::string& why) {
    const auto before = said(connection, sent_, why);
    if (!before) return false;
    std::map<int64_t, uint64_t> next;
    for (size_t k = 0; k < sent_.size(); ++k) {
        const Item& item = items_[sent_[k]];
        uint64_t& seq = next.try_emplace(item.room, item.last + 1).first->second;
        const auto saidSeq = static_cast<uint64_t>(before->number(k, 0));
        const int64_t saidRoom = before->number(k, 1);
        const bool isOurs = item.entry.id.empty() || (saidRoom == item.room && saidSeq == seq);
        result_[sent_[k]] =
            isOurs ? Appended{seq, false, false} : Appended{saidSeq, true, saidRoom != item.room};
        if (isOurs) ++seq;
    }
    return true;
}

bool PostgresAppend::lookUp(PostgresConnection& connection, std::string& why) {
    const auto before = said(connection, asked_, why);
    if (!before) return false;
    for (size_t k = 0; k < asked_.size(); ++k) {
        const auto seq = static_cast<uint64_t>(before->number(k, 0));
        const bool elsewhere = before->number(k, 1) != items_[asked_[k]].room;
        result_[asked_[k]] = {seq, seq > 0, seq > 0 && elsewhere};
    }
    return true;
}

std::optional<SqlAnswer> PostgresAppend::said(PostgresConnection& connection,
                                              const std::vector<size_t>& which, std::string& why) {
    std::vector<int64_t> users;
    std::vector<std::string_view> ids;
    for (const size_t i : which) {
        users.push_back(static_cast<int64_t>(items_[i].entry.user));
        ids.push_back(orNull(items_[i].entry.id));
    }
    SqlParams params;
    params.numbers(users).blobs(ids);
    SqlAnswer answer = connection.ask("SELECT * FROM netchat.said_1($1, $2)", params);
    if (answer.isGood() && answer.rows() == which.size()) return answer;
    why = answer.text();
    return {};
}

void PostgresAppend::repeatWithin() {
    for (const auto& [repeat, first] : repeats_) {
        result_[repeat] = {result_[first].seq, true,
                           items_[repeat].room != items_[first].room || result_[first].elsewhere};
    }
}

}  // namespace netchat::store
