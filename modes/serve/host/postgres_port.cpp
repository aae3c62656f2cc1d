#include "modes/serve/host/postgres_port.h"

#include <utility>

namespace netchat::serve {

std::optional<LogPort::Outcome> PostgresPort::append(std::shared_ptr<const DraftBatch> batch) {
    const DraftBatch& drafts = *batch;
    log_.appendLater(drafts.drafts, drafts.lookUps, std::move(batch),
                     [this](const Outcome& outcome) { answer(LogAnswered{outcome}); });
    return {};
}

std::optional<LogPort::ReadOutcome> PostgresPort::read(uint64_t ticket, ReadRequest request) {
    const store::PostgresRead wanted{request.from, request.end, request.entriesMax,
                                     request.bytesMax, request.newest};
    log_.readLater(request.room, wanted, [this, ticket](ReadOutcome entries) {
        answer(LogRead{ticket, std::move(entries)});
    });
    return {};
}

}  // namespace netchat::serve
