#include "harness/simulate/sim_connection.h"

#include <algorithm>

namespace netchat::simulate {

std::string Stream::take(size_t size) {
    std::string out = bytes_.substr(taken_, size);
    taken_ += size;
    if (taken_ == bytes_.size()) {
        bytes_.clear();
        taken_ = 0;
    }
    return out;
}

// What was on its way is lost from some byte on.
void SimConnection::cut(SimRng& rng) {
    if (state == State::Cut) return;
    state = State::Cut;
    reason = "connection reset by peer";
    up.cutTo(static_cast<size_t>(rng.between(0, up.held())));
    down.cutTo(static_cast<size_t>(rng.between(0, down.held())));
    up.ended = down.ended = true;
    halfOpen = false;
}

void SimConnection::clientGone() {
    handler = nullptr;
    up.ended = true;
    down.cutTo(0);
    if (state == State::Asked) state = State::Cut;
}

void SimConnection::serverGone() {
    session = nullptr;
    down.ended = true;
    up.cutTo(0);
}

bool SimConnection::mayWrite() {
    if (down.ended && state != State::Cut) complaint = "the server writes after its end";
    if (down.writerWaits) complaint = "the server writes before the connection is writable";
    return complaint.empty();
}

size_t SimConnection::write(std::span<const iovec> pieces, bool) {
    if (!mayWrite()) return 0;
    // The kernel takes what nobody will get.
    const bool lost = state == State::Cut || !handler;
    size_t taken = 0;
    for (const iovec& piece : pieces) {
        const size_t part = lost ? piece.iov_len : std::min(piece.iov_len, down.room());
        if (!lost) down.put({static_cast<const char*>(piece.iov_base), part});
        taken += part;
        if (part == piece.iov_len) continue;
        down.writerWaits = true;
        break;
    }
    return taken;
}

ssize_t SimConnection::sendFile(const store::StoredFile& file, uint64_t offset, size_t size) {
    if (!mayWrite()) return -1;
    const bool lost = state == State::Cut || !handler;
    const size_t part = lost ? size : std::min(size, down.room());
    std::string bytes(part, '\0');
    if (!file.read(offset, bytes)) return -1;
    if (!lost) down.put(bytes);
    down.writerWaits = part < size;
    return static_cast<ssize_t>(part);
}

void SimConnection::shutdownWrite() {
    if (down.ended && state != State::Cut) complaint = "the server ends its direction twice";
    down.ended = true;
}

size_t SimConnection::clientWrite(std::span<const iovec> pieces) {
    if (up.ended && state != State::Cut) complaint = "the client writes after its end";
    const bool lost = state == State::Cut || !session;
    size_t taken = 0;
    for (const iovec& piece : pieces) {
        const size_t part = lost ? piece.iov_len : std::min(piece.iov_len, up.room());
        const std::string_view bytes(static_cast<const char*>(piece.iov_base), part);
        if (onClientWrites) onClientWrites(bytes);
        if (!lost) up.put(bytes);
        taken += part;
        if (part == piece.iov_len) continue;
        up.writerWaits = true;
        break;
    }
    return taken;
}

}  // namespace netchat::simulate
