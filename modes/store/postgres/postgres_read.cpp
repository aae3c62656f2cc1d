#include "modes/store/postgres/postgres_read.h"

#include "modes/store/postgres/postgres_schema.h"

#include <utility>

namespace netchat::store {

namespace {

KeptEntry entryOf(const SqlAnswer& rows, size_t i) {
    KeptEntry entry;
    entry.seq = static_cast<uint64_t>(rows.number(i, 0));
    entry.kind = static_cast<EntryKind>(rows.number(i, 1));
    entry.time = rows.number(i, 2);
    entry.user = static_cast<uint64_t>(rows.number(i, 3));
    entry.id = rows.bytes(i, 4);
    entry.from = rows.bytes(i, 5);
    entry.text = rows.bytes(i, 6);
    entry.sha256 = rows.bytes(i, 7);
    entry.size = static_cast<uint64_t>(rows.number(i, 8));
    if (entry.kind == EntryKind::Lost) entry.size = 1;
    return entry;
}

KeptEntry lostEntries(uint64_t first, uint64_t count) {
    KeptEntry lost;
    lost.kind = EntryKind::Lost;
    lost.seq = first;
    lost.size = count;
    return lost;
}

// None is missing in silence.
std::vector<KeptEntry> entriesOf(const SqlAnswer& rows, const PostgresRead& request) {
    std::vector<KeptEntry> entries;
    uint64_t due = request.newest ? 0 : request.from;
    for (size_t i = 0; i < rows.rows(); ++i) {
        KeptEntry entry = entryOf(rows, i);
        if (due != 0 && entry.seq > due) entries.push_back(lostEntries(due, entry.seq - due));
        due = entry.seq + 1;
        entries.push_back(std::move(entry));
    }
    if (entries.empty() && request.from < request.end) {
        entries.push_back(lostEntries(request.from, request.end - request.from));
    }
    return entries;
}

}  // namespace

Status visitPages(uint64_t from, uint64_t last, const PostgresPage& page,
                  const RoomLog::Visitor& visit) {
    while (from <= last) {
        const auto entries = page(from);
        if (!entries) return entries.error();
        for (const KeptEntry& entry : *entries) {
            if (!visit(entry.view())) return Ok{};
            from = entry.seq + (entry.kind == EntryKind::Lost ? entry.size : 1);
        }
    }
    return Ok{};
}

std::optional<Result<std::vector<KeptEntry>>> readPostgres(PostgresConnection& connection,
                                                           int64_t room,
                                                           const PostgresRead& request,
                                                           std::string& why) {
    SqlParams params;
    params.number(room)
        .number(static_cast<int64_t>(request.from))
        .number(static_cast<int64_t>(request.end))
        .number(static_cast<int64_t>(request.entriesMax))
        .number(static_cast<int64_t>(request.bytesMax))
        .number(request.newest ? 1 : 0);
    const SqlAnswer rows =
        connection.ask("SELECT * FROM netchat.read_1($1, $2, $3, $4, $5, $6)", params);
    if (rows.isGood()) return entriesOf(rows, request);
    why = rows.text();
    if (rows.isLost() || mayPass(rows.state())) return {};
    return Error{ErrorCode::Internal, "the database cannot read this part of the log"};
}

}  // namespace netchat::store
