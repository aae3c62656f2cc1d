// What a session sends next: the gathering of what is new, and its settling when the kernel has
// taken some of it. The order of the sources is drawn in session.h.

#include <algorithm>
#include <array>

#include "modes/serve/host/shard.h"
#include "modes/serve/session/session.h"
#include "protocol/limits.h"

namespace netchat::serve {

// What one call sends: pieces of memory, and which source each stretch of them belongs to.
struct Session::Gathered {
    struct Stretch {
        int subscription;  // -1: the outbox
        Behind* behind;    // the subscription's page rather than the tail
        uint64_t to;       // where the source stands when the stretch is sent
        size_t size;       // 0: own entries, to be passed over
    };
    std::array<iovec, kPiecesMax> pieces;  // the first `count` are set
    size_t count = 0;
    size_t bytes = 0;
    std::vector<Stretch>& stretches;

    explicit Gathered(std::vector<Stretch>& memory) : stretches(memory) {}

    bool full() const { return count == kPiecesMax; }
    void add(const char* data, size_t size) {
        pieces[count++] = {const_cast<char*>(data), size};  // iovec is not const-correct
        bytes += size;
    }
    // Adds the tail's bytes from `at` up to `to`, or as far as the pieces reach; says how far.
    uint64_t addTail(const Tail& tail, size_t dialect, uint64_t at, uint64_t to) {
        const size_t end =
            count + tail.gather(dialect, at, pieces.data() + count, kPiecesMax - count);
        for (; count < end && at < to; ++count) {
            const uint64_t part = std::min<uint64_t>(pieces[count].iov_len, to - at);
            pieces[count].iov_len = static_cast<size_t>(part);
            bytes += static_cast<size_t>(part);
            at += part;
        }
        return at;
    }
};

void Session::flush() {
    send();
    finishLeavings();
    if (state_ == State::Leaving && parting_ == Parting::BarrierReached) leave();
    finishClosing();
    release();
}

void Session::send(Subscription& subscription, const Tail::Stretch& stretch) {
    subscription.at += writeOut(stretch.view(), false);
    if (subscription.at == stretch.to) return;
    blocked_ = true;
    cutSubscription_ = 0;
}

size_t Session::writeOut(std::span<const iovec> pieces, bool more) {
    keepalive_.sent = 1;
    return transport_.write(pieces, more);
}

// Ends no subscription, unless it ends the session.
void Session::send() {
    if (state_ == State::Undecided || state_ == State::Draining || state_ == State::Dead) return;
    if (outbox_ && outbox_->bytes.size() - outbox_->sent > limits::kOutboxBytesMax &&
        state_ != State::Closing) {
        fail({ErrorCode::TooMany, "you send requests without reading the replies"});
    }
    size_t filePieces = 0;
    while (!blocked_) {
        // Answers wait for the item that was cut, not for all that is behind it.
        if (cutSubscription_ >= 0 && outbox_) keepCut();
        if (piece_) {
            if (!sendPiece()) break;
        } else if (!gatherAndSend()) {
            if (filePieces++ * limits::kPieceBytes >= kFileBytesPerTurn) {
                shard_.wantFlush(*this);
                break;
            }
            if (!nextPiece()) break;
        }
    }
}

// False when there was nothing to send.
bool Session::gatherAndSend() {
    static thread_local std::vector<Gathered::Stretch> stretches;  // keeps its memory
    stretches.clear();
    Gathered g(stretches);
    if (cutSubscription_ >= 0) gatherSubscription(g, static_cast<size_t>(cutSubscription_));
    gatherOutbox(g);
    for (size_t i = 0; i < subscriptions_.size() && !g.full(); ++i) {
        if (static_cast<int>(i) != cutSubscription_) gatherSubscription(g, i);
    }
    if (g.count == 0) {
        settle(g, 0);  // passes over own entries
        return false;
    }
    const size_t written = writeOut({g.pieces.data(), g.count}, false);
    settle(g, written);
    if (written < g.bytes) blocked_ = true;
    return true;
}

void Session::gatherOutbox(Gathered& g) {
    if (!outbox_ || g.full()) return;
    const size_t size = outbox_->bytes.size() - outbox_->sent;
    g.add(outbox_->bytes.data() + outbox_->sent, size);
    g.stretches.push_back({-1, nullptr, outbox_->bytes.size(), size});
}

void Session::gatherSubscription(Gathered& g, size_t subscription) {
    Tail& tail = *subscriptions_[subscription].tail;
    if (subscriptionOf(subscriptions_[subscription]).at != kCatchingUp) {
        gatherLive(g, subscription);
    } else if (Behind* behind = behindIn(tail)) {
        gatherBehind(g, subscription, *behind);
    }
}

void Session::gatherLive(Gathered& g, size_t index) {
    const Tail& tail = *subscriptions_[index].tail;
    const auto subscription = static_cast<int>(index);
    uint64_t at = subscriptionOf(subscriptions_[index]).at;
    const uint64_t end = std::min(tail.end(dialect()), tail.nextFile(dialect(), at));
    size_t own = dialect_ == Dialect::Classic ? ownPending_ : 0;
    while (at < end && !g.full()) {
        uint64_t to = end;
        if (own > 0) {
            const auto [ownBegin, ownEnd] = nextOwn(tail, at, end);
            if (ownBegin == at) {
                g.stretches.push_back({subscription, nullptr, ownEnd, 0});
                at = ownEnd;
                --own;
                continue;
            }
            to = ownBegin;
        }
        const size_t before = g.bytes;
        const uint64_t reached = g.addTail(tail, dialect(), at, to);
        g.stretches.push_back({subscription, nullptr, reached, g.bytes - before});
        at = reached;
    }
}

// The first entry of its own that begins at or after `at`; `end` and `end` when there is none.
std::pair<uint64_t, uint64_t> Session::nextOwn(const Tail& tail, uint64_t at, uint64_t end) const {
    while (at < end) {
        const Tail::Found found = tail.find(dialect(), at);
        if (found.publication->items[found.item].author == user_) return {found.begin, found.end};
        at = found.end;
    }
    return {end, end};
}

void Session::gatherBehind(Gathered& g, size_t index, Behind& behind) {
    const Page& page = behind.page;
    size_t end = page.bytes.size();
    if (behind.nextFile < page.files.size()) {
        const size_t item = page.files[behind.nextFile].item;
        end = item == 0 ? 0 : page.items[item - 1].end[dialect()];
    }
    if (behind.sent < end) {
        g.add(page.bytes.data() + behind.sent, end - behind.sent);
        g.stretches.push_back({static_cast<int>(index), &behind, end, end - behind.sent});
    } else if (end == page.bytes.size()) {
        turnPage(behind);
        if (subscriptionOf(subscriptions_[index]).at != kCatchingUp) gatherLive(g, index);
    }
}

// The page is sent: back into the tail if it begins early enough by now, or the next page.
void Session::turnPage(Behind& behind) {
    Tail& tail = *behind.tail;
    if (behind.left && behind.nextSeq > behind.left->seq) return;  // finishLeavings()
    const bool stays = !behind.asked && !behind.left;
    uint64_t at = !stays ? kCatchingUp : tail.placeOf(dialect(), behind.nextSeq);
    if (at < behind.earliest) at = kCatchingUp;
    if (at == kCatchingUp) {
        if (!behind.asked) {
            behind.asked = true;
            behind.page = {};
            behind.sent = 0;
            shard_.commands().commands.push_back(CatchUp{id_, tail.id(), behind.nextSeq});
        }
        return;
    }
    for (const SubscriptionRef& ref : subscriptions_) {
        if (ref.tail == &tail) subscriptionOf(ref).at = at;
    }
    if (behind.wasLive || behind.notes != tail.notes()) dialogue().rejoined(tail.name());
    behind_.remove_if([&behind](const Behind& each) { return &each == &behind; });
}

// Moves every source past what was written; the one in which it ended must go on first.
void Session::settle(const Gathered& g, size_t written) {
    cutSubscription_ = -1;
    for (const auto& stretch : g.stretches) {
        const size_t part = std::min(written, stretch.size);
        const bool whole = part == stretch.size;
        written -= part;
        if (stretch.subscription < 0) {
            outbox_->sent += part;
        } else if (stretch.behind) {
            stretch.behind->sent += part;
        } else {
            Subscription& subscription =
                subscriptionOf(subscriptions_[static_cast<size_t>(stretch.subscription)]);
            subscription.at = stretch.to - (stretch.size - part);
            if (stretch.size == 0) --ownPending_;
        }
        if (!whole) {
            if (part > 0 || g.stretches.data() == &stretch)
                cutSubscription_ = static_cast<int16_t>(stretch.subscription);
            break;
        }
    }
    if (outbox_ && outbox_->sent == outbox_->bytes.size()) dropOutbox();
}

}  // namespace netchat::serve
