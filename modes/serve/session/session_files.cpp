// The stretches of a session's output that hold a file's bytes: one in line in a room, or a chunk
// that was asked for. A stretch that has begun is sent to its end before anything else.

#include <algorithm>

#include "modes/serve/host/shard.h"
#include "modes/serve/session/session.h"
#include "protocol/limits.h"

namespace netchat::serve {

namespace {

// Shorter files go out in one call with what surrounds them: the original's clients read a file
// with one recv().
constexpr size_t kFileBytesInOneCall = 64 * limits::kKiB;

}  // namespace

// True when it was sent to its end.
bool Session::sendPiece() {
    FilePiece& p = *piece_;
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
        if (p.sent < p.before.size()) return !(blocked_ = true);
    }
    if (p.left > 0) {
        const auto part = static_cast<size_t>(std::min<uint64_t>(p.left, kFileBytesPerTurn));
        // Who speaks v2 compares the hash, and is told behind this chunk.
        const bool there = dialect_ == Dialect::V2 || p.file->holds(p.offset + part);
        const ssize_t n = there ? transport_.sendFile(*p.file, p.offset, part) : -1;
        if (n < 0) {
            // The peer was promised bytes that are not there: no word would be understood now.
            shard_.log().notice(label() +
                                ": disconnected, because a stored file is unreadable or damaged");
            piece_.reset();
            dropOutbox();
            if (listens()) shard_.commands().commands.push_back(Gone{id_});
            close();
            return false;
        }
        p.offset += static_cast<uint64_t>(n);
        p.left -= static_cast<uint64_t>(n);
        if (static_cast<size_t>(n) < part) return !(blocked_ = true);
        if (p.left > 0) {
            shard_.wantFlush(*this);
            return false;
        }
    }
    const size_t done = p.sent - p.before.size();
    if (done < p.after.size()) {
        const iovec rest{p.after.data() + done, p.after.size() - done};
        p.sent += transport_.write({&rest, 1}, false);
        if (p.sent < p.before.size() + p.after.size()) return !(blocked_ = true);
    }
    piece_.reset();
    return true;
}

// Begins the next stretch of a file: one in line in a room, or one that was asked for.
bool Session::nextPiece() {
    if (!listens()) return false;
    for (const SubscriptionRef& ref : subscriptions_) {
        if (subscriptionOf(ref).at != kCatchingUp) {
            if (beginLiveFile(ref)) return true;
        } else if (Behind* behind = behindIn(*ref.tail)) {
            if (beginPageFile(*behind)) return true;
        }
    }
    if (!dialogue_) return false;
    auto piece = std::make_unique<FilePiece>();
    if (!dialogue_->nextPiece(*piece)) return false;
    piece_ = std::move(piece);
    return true;
}

bool Session::beginLiveFile(const SubscriptionRef& ref) {
    Subscription& subscription = subscriptionOf(ref);
    const size_t d = dialect();
    if (ref.tail->nextFile(d, subscription.at) != subscription.at) return false;
    const Tail::Found found = ref.tail->find(d, subscription.at);
    const auto& files = found.publication->files;
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&found](const InlineFile& f) { return f.item == found.item; });
    subscription.at = found.end;
    if (found.publication->items[found.item].author == user_ && ownPending_ > 0) {
        --ownPending_;
        return true;
    }
    const char* const run = found.publication->runs[d].data();
    const size_t end = found.publication->items[found.item].end[d];
    const size_t begin = end - static_cast<size_t>(found.end - found.begin);
    beginFile(*file, {run + begin, file->at - begin}, {run + file->at, end - file->at});
    return true;
}

bool Session::beginPageFile(Behind& behind) {
    const Page& page = behind.page;
    if (behind.nextFile >= page.files.size()) return false;
    const InlineFile& file = page.files[behind.nextFile];
    const size_t begin = file.item == 0 ? 0 : page.items[file.item - 1].end[dialect()];
    if (behind.sent != begin) return false;
    const size_t end = page.items[file.item].end[dialect()];
    ++behind.nextFile;
    behind.sent = end;
    beginFile(file, page.bytes.substr(begin, file.at - begin),
              page.bytes.substr(file.at, end - file.at));
    return true;
}

void Session::beginFile(const InlineFile& file, std::string before, std::string after) {
    auto stored = shard_.files().open(file.sha256);
    if (!stored || stored->size() != file.size) {
        dialogue().fileGone(file);
        return;
    }
    // It is read meanwhile; where it turns out to be damaged, the connection ends.
    if (!stored->certain()) shard_.files().verify(file.sha256, [](bool) {});
    piece_ = std::make_unique<FilePiece>();
    piece_->before = std::move(before);
    piece_->file = std::move(stored);
    piece_->left = file.size;
    piece_->after = std::move(after);
}

}  // namespace netchat::serve
