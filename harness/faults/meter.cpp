#include "harness/faults/meter.h"

#include <algorithm>

#include "protocol/frame.h"
#include "protocol/limits.h"
#include "protocol/message.h"
#include "protocol/message_codec.h"

namespace netchat::harness {

void Meter::connectionBegins() {
    ++connection_;
    for (Side& side : dialects_) side = Side();
    accepted_.clear();
}

void Meter::bytes(Direction direction, std::string_view bytes) {
    Side& side = dialects_[static_cast<size_t>(direction)];
    if (side.lost) return;
    side.reader.feed(bytes);
    std::string_view payload;
    FieldReader::State state{};
    while ((state = side.reader.takeField(limits::kFrameBytesMax, payload)) ==
           FieldReader::State::Ready) {
        frame(direction, payload);
    }
    side.lost = state == FieldReader::State::Failed;
    side.reader.release();
}

void Meter::frame(Direction direction, std::string_view payload) {
    // Most frames are messages: they are passed over by their first letters.
    const bool interesting = payload.starts_with("data\t") || payload.starts_with("offer\t") ||
                             payload.starts_with("accept\t");
    if (!interesting) return;
    const auto parsed = parseFrame(payload);
    if (!parsed) return;
    if (parsed->verb == v2::Data::kVerb) {
        const auto piece = v2::decode<v2::Data>(*parsed);
        if (!piece) return;
        if (direction == Direction::Down) {
            return data(direction, std::string(piece->sha256), piece->off, piece->bytes.size());
        }
        const auto at = accepted_.find(piece->transfer);
        if (at != accepted_.end()) data(direction, at->second, piece->off, piece->bytes.size());
    } else if (parsed->verb == v2::Offer::kVerb) {
        const auto offer = v2::decode<v2::Offer>(*parsed);
        if (offer) offered_[std::string(offer->id)] = offer->sha256;
    } else if (const auto accept = v2::decode<v2::Accept>(*parsed)) {
        const auto at = offered_.find(std::string(accept->id));
        if (at != offered_.end()) accepted_[accept->transfer] = at->second;
    }
}

void Meter::data(Direction direction, const std::string& sha256, uint64_t off, uint64_t size) {
    Transfer& transfer = transfers_[{sha256, direction}];
    if (transfer.lastConnection != connection_) {
        transfer.lastConnection = connection_;
        ++transfer.connections;
    }
    const uint64_t end = off + size;
    if (off < transfer.reached) transfer.again += std::min(end, transfer.reached) - off;
    transfer.reached = std::max(transfer.reached, end);
}

}  // namespace netchat::harness
