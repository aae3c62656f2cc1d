#include "modes/store/postgres/postgres_mirror.h"

#include <algorithm>
#include <iterator>

namespace netchat::store {

namespace {

class MirrorLoader {
  public:
    explicit MirrorLoader(PostgresConnection& connection) : connection_(connection) {}

    Result<PostgresMirror> run() {
        eachRow("SELECT users FROM netchat.writer", [this](const SqlAnswer& rows, size_t i) {
            mirror_.usersGiven = static_cast<uint64_t>(rows.number(i, 0));
        });
        eachRow(
            "SELECT r.number, r.name, r.first, r.last, r.bytes, coalesce(e.time, -1)"
            " FROM netchat.room r LEFT JOIN netchat.entry e"
            " ON e.room = r.number AND e.seq = r.first",
            [this](const SqlAnswer& rows, size_t i) { addRoom(rows, i); });
        eachRow("SELECT number, nick, proof FROM netchat.usr",
                [this](const SqlAnswer& rows, size_t i) {
                    mirror_.users[static_cast<uint64_t>(rows.number(i, 0))] = {
                        std::string(rows.bytes(i, 1)), std::string(rows.bytes(i, 2))};
                });
        eachRow("SELECT first, proofs FROM netchat.prepared",
                [this](const SqlAnswer& rows, size_t i) {
                    mirror_.prepared[static_cast<uint64_t>(rows.number(i, 0))] = rows.bytes(i, 1);
                });
        eachRow("SELECT nick, usr, used FROM netchat.nick ORDER BY used DESC",
                [this](const SqlAnswer& rows, size_t i) {
                    mirror_.nicks.push_back({std::string(rows.bytes(i, 0)),
                                             static_cast<uint64_t>(rows.number(i, 1)),
                                             rows.number(i, 2)});
                });
        eachRow("SELECT kind, target, usr, proof, since, until, txt, by FROM netchat.sanction",
                [this](const SqlAnswer& rows, size_t i) { addSanction(rows, i); });
        eachRow("SELECT number, identity FROM netchat.identity ORDER BY number",
                [this](const SqlAnswer& rows, size_t i) {
                    mirror_.identities.emplace_back(rows.number(i, 0), rows.bytes(i, 1));
                });
        eachRow("SELECT number, room, last FROM netchat.identity_end",
                [this](const SqlAnswer& rows, size_t i) {
                    mirror_.identityEnds[{rows.number(i, 0), rows.number(i, 1)}] =
                        static_cast<uint64_t>(rows.number(i, 2));
                });
        if (!why_.empty()) return Error{ErrorCode::BadState, "the log cannot be read: " + why_};
        return std::move(mirror_);
    }

  private:
    template <class Visit>
    void eachRow(const char* sql, const Visit& visit) {
        if (!why_.empty()) return;
        const SqlAnswer rows = connection_.ask(sql);
        if (!rows.isGood()) why_ = rows.text();
        for (size_t i = 0; i < rows.rows(); ++i) visit(rows, i);
    }

    void addRoom(const SqlAnswer& rows, size_t i) {
        PostgresMirror::Room room;
        room.number = rows.number(i, 0);
        room.range.first = static_cast<uint64_t>(rows.number(i, 2));
        room.range.last = static_cast<uint64_t>(rows.number(i, 3));
        room.bytes = static_cast<uint64_t>(rows.number(i, 4));
        room.oldestMs = rows.number(i, 5);
        mirror_.lastRoom = std::max(mirror_.lastRoom, room.number);
        mirror_.rooms.emplace(std::string(rows.bytes(i, 1)), room);
    }

    void addSanction(const SqlAnswer& rows, size_t i) {
        Sanction sanction;
        sanction.kind = static_cast<Sanction::Kind>(rows.number(i, 0));
        sanction.target = rows.bytes(i, 1);
        sanction.user = static_cast<uint64_t>(rows.number(i, 2));
        sanction.proof = rows.bytes(i, 3);
        sanction.sinceMs = rows.number(i, 4);
        sanction.untilMs = rows.number(i, 5);
        sanction.text = rows.bytes(i, 6);
        sanction.by = rows.bytes(i, 7);
        mirror_.sanctions.push_back(std::move(sanction));
    }

    PostgresConnection& connection_;
    PostgresMirror mirror_;
    std::string why_;
};

}  // namespace

Result<PostgresMirror> PostgresMirror::load(PostgresConnection& connection) {
    return MirrorLoader(connection).run();
}

const PostgresMirror::Room* PostgresMirror::find(std::string_view room) const {
    const auto it = rooms.find(room);
    return it == rooms.end() ? nullptr : &it->second;
}

PostgresMirror::Room& PostgresMirror::at(std::string_view name) {
    const auto it = rooms.find(name);
    if (it != rooms.end()) return it->second;
    Room room;
    room.number = ++lastRoom;
    room.made = false;
    return rooms.emplace(std::string(name), room).first->second;
}

uint64_t PostgresMirror::total() const {
    uint64_t total = 0;
    for (const auto& [name, room] : rooms) total += room.range.last;
    return total;
}

std::string_view PostgresMirror::preparedProof(uint64_t number) const {
    constexpr size_t kDigits = 64;
    const auto next = prepared.upper_bound(number);
    if (next == prepared.begin()) return {};
    const auto& [first, proofs] = *std::prev(next);
    const size_t at = (number - first) * kDigits;
    return at < proofs.size() ? std::string_view(proofs).substr(at, kDigits) : std::string_view();
}

std::optional<uint64_t> PostgresMirror::sharedWith(std::string_view identity,
                                                   std::string_view name) const {
    const auto known = std::find_if(identities.begin(), identities.end(),
                                    [&](const auto& one) { return one.second == identity; });
    if (known == identities.end()) return {};
    const Room* const room = find(name);
    if (room == nullptr) return 0;
    // As far as the room went when any of the identities since then began.
    uint64_t shared = room->range.last;
    for (auto it = known; it != identities.end(); ++it) {
        const auto end = identityEnds.find({it->first, room->number});
        if (end != identityEnds.end()) shared = std::min(shared, end->second);
    }
    return shared;
}

}  // namespace netchat::store
