#include "modes/store/log_epochs.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "modes/store/sqlite_support.h"
#include "protocol/log_places.h"

namespace netchat::store {

using namespace Poco::Data::Keywords;
using Poco::Data::BLOB;

std::string LogEpochs::newest() const {
    std::vector<BLOB> ids;
    session_ << "SELECT id FROM epoch ORDER BY number DESC LIMIT 1", into(ids), now;
    return ids.empty() ? std::string() : textOf(ids[0]);
}

void LogEpochs::begin(std::string_view identity, bool intact) {
    answered_.clear();
    forgetIfDamaged();
    uint64_t before = 0;
    session_ << "SELECT coalesce(max(number), 0) FROM epoch", into(before), now;
    session_ << "INSERT INTO epoch_end (room, epoch, last, sum)"
                " SELECT number, ?1, last, row_sum(number, ?1, last) FROM room WHERE last >"
                " coalesce((SELECT e.last FROM epoch_end AS e WHERE e.room = number"
                " ORDER BY e.epoch DESC LIMIT 1), 0) AND ?1 > 0",
        use(before), now;
    uint64_t number = before + 1;
    BLOB id = blobOf(identity);
    session_ << "INSERT INTO epoch (number, id, sum) VALUES (?1, ?2, row_sum(?1, ?2))", use(number),
        use(id), now;
    if (!intact) {
        session_ << "UPDATE counter SET identity = randomblob(16)", now;
        session_ << "UPDATE counter SET sum = row_sum(users, identity)", now;
    }
    if (number > kept_) forgetBefore(number - kept_ + 1);
}

void LogEpochs::forgetIfDamaged() {
    uint64_t damaged = 0;
    session_ << "SELECT EXISTS (SELECT 1 FROM epoch WHERE sum IS NOT row_sum(number, id))"
                " OR EXISTS (SELECT 1 FROM epoch_end WHERE sum IS NOT row_sum(room, epoch, last))",
        into(damaged), now;
    if (damaged == 0) return;
    session_ << "DELETE FROM epoch", now;
    session_ << "DELETE FROM epoch_end", now;
}

// Where a room stood last before that is still to be known: rooms that have not grown since say
// nothing anew.
void LogEpochs::forgetBefore(uint64_t oldest) {
    session_ << "DELETE FROM epoch WHERE number < ?", use(oldest), now;
    session_ << "DELETE FROM epoch_end WHERE epoch < ? AND EXISTS (SELECT 1 FROM epoch_end AS e"
                " WHERE e.room = epoch_end.room AND e.epoch > epoch_end.epoch AND e.epoch <= ?)",
        use(oldest), use(oldest), now;
}

std::optional<uint64_t> LogEpochs::endOf(std::string_view identity, uint64_t room,
                                         uint64_t last) const {
    constexpr size_t kAnsweredMax = 1000;
    auto key = std::make_pair(std::string(identity), room);
    auto it = answered_.find(key);
    if (it == answered_.end()) {
        if (answered_.size() >= kAnsweredMax) answered_.clear();
        it = answered_.emplace(std::move(key), lookUp(identity, room)).first;
    }
    if (!it->second) return {};
    return std::min(*it->second, last);
}

std::optional<uint64_t> LogEpochs::lookUp(std::string_view identity, uint64_t room) const {
    if (identity == newest()) return std::numeric_limits<uint64_t>::max();
    std::vector<uint64_t> numbers, ends;
    BLOB id = blobOf(identity);
    session_ << "SELECT number FROM epoch WHERE id = ? AND sum = row_sum(number, id)", use(id),
        into(numbers), now;
    if (numbers.empty()) return {};
    uint64_t number = numbers[0];
    session_ << "SELECT last FROM epoch_end WHERE room = ? AND epoch <= ?"
                " AND sum = row_sum(room, epoch, last) ORDER BY epoch DESC LIMIT 1",
        use(room), use(number), into(ends), now;
    return ends.empty() ? 0 : ends[0];
}

}  // namespace netchat::store
