// The stretches of a session's output that hold a file's bytes: one in line in a room, or a chunk
// that was asked for. A stretch that has begun is sent to its end before anything else.

#include <algorithm>

#include "modes/serve/session/session.h"
#include "modes/serve/session/session_host.h"
#include "protocol/limits.h"

namespace netchat::serve {

namespace {

// Shorter files go out in one call with what surrounds them: the original's clients read a file
// with one recv().
constexpr size_t kFileBytesInOneCall = 64 * limits::kKiB;

}  // namespace

// The kernel has not taken all: for `return`.
bool Session::cutShort() {
    outgoing_.block();
    return false;
}

// True when it was sent to its end.
bool Session::sendPiece() {
    FilePiece& p = *outgoing_.piece();
    keepalive_.sent = 1;
    if (p.file && p.left > 0 && p.left <= kFileBytesInOneCall && p.sent == 0) {
        std::string bytes(static_cast<size_t>(p.left), '\0');
        if (p.file->read(p.offset, bytes)) {
            p.before += bytes;
            p.before += p.after;
            p.after.clear();
            p.left = 0;
        }
    }
    if (p.sent < p.before.size()) {
        const iovec rest{p.before.data() + p.sent, p.before.size() - p.sent};
        p.sent += transport_.write({&rest, 1}, p.left > 0);
        if (p.sent < p.before.size()) return cutShort();
    }
    if (p.left > 0) {
        const auto part = static_cast<size_t>(std::min<uint64_t>(p.left, kFileBytesPerTurn));
        // Who speaks v2 compares the hash, and is told behind this chunk.
        const bool there = dialect() == Dialect::V2 || p.file->holds(p.offset + part);
        const ssize_t n = there ? transport_.sendFile(*p.file, p.offset, part) : -1;
        if (n < 0) {
            // The peer was promised bytes that are not there: no word would be understood now.
            host_.log().notice(label() +
                               ": disconnected, because a stored file is unreadable or damaged");
            outgoing_.endPiece();
            outgoing_.dropOutbox();
            if (listens()) host_.commands().commands.push_back(Gone{id_});
            close();
            return false;
        }
        p.offset += static_cast<uint64_t>(n);
        p.left -= static_cast<uint64_t>(n);
        if (static_cast<size_t>(n) < part) return cutShort();
        if (p.left > 0) {
            host_.wantFlush(*this);
            return false;
        }
    }
    const size_t done = p.sent - p.before.size();
    if (done < p.after.size()) {
        const iovec rest{p.after.data() + done, p.after.size() - done};
        p.sent += transport_.write({&rest, 1}, false);
        if (p.sent < p.before.size() + p.after.size()) return cutShort();
    }
    outgoing_.endPiece();
    return true;
}

// Begins the next stretch of a file: one in line in a room, or one that was asked for.
bool Session::nextPiece() {
    if (!listens()) return false;
    if (auto due = outgoing_.takeFile(user_)) {
        if (!due->own) beginFile(std::move(*due));
        return true;
    }
    if (!bound_) return false;
    auto piece = std::make_unique<FilePiece>();
    if (!spoken().nextPiece(*piece)) return false;
    outgoing_.beginPiece(std::move(piece));
    return true;
}

void Session::beginFile(Outgoing::FileDue due) {
    auto stored = host_.files().open(due.file.sha256);
    if (!stored || stored->size() != due.file.size) {
        dialogue().fileGone(due.file);
        return;
    }
    // It is read meanwhile; where it turns out to be damaged, the connection ends.
    if (!stored->certain()) host_.files().verify(due.file.sha256, [](bool) {});
    auto piece = std::make_unique<FilePiece>();
    piece->before = std::move(due.before);
    piece->file = std::move(stored);
    piece->left = due.file.size;
    piece->after = std::move(due.after);
    outgoing_.beginPiece(std::move(piece));
}

}  // namespace netchat::serve
