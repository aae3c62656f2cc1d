#pragma once

// What one connection is sent next. There is no queue of messages: only a cursor for each room, the
// answers to this reader alone (the outbox), and at most one piece that must not be interrupted.
//
//     piece  >  the subscription that was cut  >  outbox  >  subscriptions  >  the next file
//
//     gather() --> the caller writes --> written() --> gather() ...
//
// The invariant: at most one source stands inside of a frame, and that one goes on first. So a
// source is left only where its frames end, and frames never mix.
//
// A subscription that its tail does not hold any more is behind: it reads pages of the log, one at
// a time, until the tail holds what follows. What is asked for that comes out of gather() as
// values. Pure; the loop's thread only.

#include <sys/uio.h>

#include <array>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "modes/serve/base/inlined_vector.h"
#include "modes/serve/hub/effects.h"
#include "modes/serve/session/file_piece.h"
#include "modes/serve/session/tail.h"

namespace netchat::serve {

class Outgoing {
    struct Behind;

  public:
    // Pieces of memory in one call.
    static constexpr size_t kPiecesMax = 64;

    // What a subscription that is behind asks of the hub.
    struct Need {
        enum class Kind : uint8_t {
            Page,    // of the log, from `seq` on
            Roster,  // it is in the tail again, and may have missed who came and went
        };
        Kind kind;
        const Tail* tail;
        uint64_t seq = 0;
    };

    // What one call sends, and which source each stretch of it belongs to. It may serve again and
    // keeps its memory.
    class Gathered {
      public:
        std::span<const iovec> pieces() const { return {pieces_.data(), count_}; }
        bool empty() const { return count_ == 0; }
        size_t bytes() const { return bytes_; }
        const std::vector<Need>& needs() const { return needs_; }

      private:
        friend class Outgoing;
        struct Stretch {
            int subscription;  // -1: the outbox
            Behind* behind;    // the subscription's page rather than the tail
            uint64_t to;       // where the source stands when the stretch is sent
            size_t size;       // 0: an own entry, to be passed over
        };

        void clear();
        bool full() const { return count_ == kPiecesMax; }
        void add(const char* data, size_t size);
        uint64_t addTail(const Tail& tail, size_t dialect, uint64_t at, uint64_t to);

        std::array<iovec, kPiecesMax> pieces_;  // the first count_ are set
        size_t count_ = 0;
        size_t bytes_ = 0;
        std::vector<Stretch> stretches_;
        std::vector<Need> needs_;
    };

    // The subscription that has ended.
    struct Ended {
        Tail* tail;
        size_t index;       // where it was
        Subscriber* moved;  // whose subscription is there now; null: nobody's
    };
    using RoomChange = std::variant<Subscribed, Unsubscribed>;
    // A room in which all that was owed has been sent.
    struct Parted {
        Unsubscribed left;
        std::vector<RoomChange> afterwards;  // in the same room, in this order
        uint64_t reached;                    // how far the room has gone
    };
    // Entries that a reader does not get, by their first and last.
    struct Gaps {
        const std::string* room;
        std::vector<std::pair<uint64_t, uint64_t>> ranges;
    };
    // A file in line in a room: taken out of its source, to be sent with what surrounds it.
    struct FileDue {
        InlineFile file;
        std::string before, after;
        bool own = false;  // the reader's own: it is passed over
    };

    Outgoing() = default;
    Outgoing(const Outgoing&) = delete;
    Outgoing& operator=(const Outgoing&) = delete;

    Dialect dialect() const { return dialect_; }
    void setDialect(Dialect dialect) { dialect_ = dialect; }

    // ---- answers to this reader alone
    // Whole frames are appended to it.
    std::string& outbox();
    // With what was sent of them already.
    size_t outboxBytes() const { return outbox_ ? outbox_->bytes.size() : 0; }
    size_t unsentAnswers() const { return outbox_ ? outbox_->bytes.size() - outbox_->sent : 0; }
    void dropOutbox() { outbox_.reset(); }
    // Drops all but the rest of the v2 frame that is being sent.
    void dropUnbegunAnswers();

    // ---- the piece that is sent before all else
    FilePiece* piece() const { return piece_.get(); }
    void beginPiece(std::unique_ptr<FilePiece> piece) { piece_ = std::move(piece); }
    void endPiece() { piece_.reset(); }

    // ---- subscriptions
    size_t rooms() const { return subscriptions_.size(); }
    const Tail& tailAt(size_t subscription) const { return *subscriptions_[subscription].tail; }
    // Null: it has no subscription in this room.
    const Tail* tailOf(RoomId room) const;
    // All from `nextSeq` on is owed.
    void subscribe(Tail& tail, uint64_t nextSeq, Subscriber& self);
    // Whether this must wait, since something said earlier in the room is owed from the log;
    // takeParted() gives it back.
    bool waits(const Tail& tail, Subscribed& e);
    bool waits(const Tail& tail, const Unsubscribed& e);
    std::optional<Parted> takeParted();
    // Of a room in which it is subscribed.
    Ended unsubscribe(const Tail& tail);
    // The next of all; nothing when there is none left.
    std::optional<Ended> unsubscribeOne();
    void subscriptionMoved(const Tail& tail, size_t index);
    // The tail is about to drop the place where this subscription is.
    void fallBehind(const Tail& tail);
    // Takes the page that was asked for. Nothing: it answers an earlier subscription in the room.
    std::optional<Gaps> takePage(RoomId room, uint64_t seq, Page& page);
    bool catchesUp() const { return !behind_.empty(); }
    // The first entry of the room that comes by itself, now or later; the highest number where it
    // has no subscription. One that is about to end still counts.
    uint64_t owedFrom(std::string_view room) const;

    // ---- own entries, which a classic reader does not get
    void expectOwnEntry() { ++ownPending_; }
    void ownEntryAnswered() {
        if (ownPending_ > 0) --ownPending_;
    }

    // ---- sending
    bool blocked() const { return blocked_; }  // the kernel is full
    void block() { blocked_ = true; }
    void unblock() { blocked_ = false; }
    // What most readers are when something new comes: there is one room, and nothing else to send.
    bool owesOnlyItsSubscription() const {
        return !blocked_ && cut_ < 0 && ownPending_ == 0 && !piece_ && subscriptions_.size() == 1 &&
               !outbox_;
    }
    // To such a reader `written` bytes of its subscription were written, of those up to `to`.
    void wroteOnly(Subscription& subscription, uint64_t to, size_t written) {
        subscription.at += written;
        if (subscription.at == to) return;
        blocked_ = true;
        cut_ = 0;
    }
    // Everything but the piece, as much as one call takes. `self`: whose own entries are left out.
    void gather(Gathered& g, UserId self);
    // So many of the gathered bytes were written: moves every source past them.
    void written(const Gathered& g, size_t bytes);
    // The file whose turn it is when there was nothing to gather.
    std::optional<FileDue> takeFile(UserId self);
    // Answers wait for the rest of the item that was cut, not for all that is behind it: the rest
    // becomes the piece.
    void keepCut();
    // What a subscription is owed moves to where its end cannot take it away. Of a v2 reader.
    void keepRest(const Tail& tail);

    // Something is still to be sent, or to come from the log.
    bool busy() const { return piece_ || outbox_ || !behind_.empty(); }
    bool holdsBytes() const { return piece_ || outbox_; }
    size_t heldBytes() const;

    // What is not as it should be between two calls; empty: nothing.
    std::string checkInvariants(const Subscriber& self) const;

  private:
    struct SubscriptionRef {
        Tail* tail;
        size_t index;
    };
    struct Outbox {
        std::string bytes;
        size_t sent = 0;
    };
    // A subscription that is not in the tail: pages of the log, one at a time.
    struct Behind {
        Tail* tail;
        uint64_t nextSeq;  // the first entry after the page
        Page page = {};
        size_t sent = 0;      // of the page's bytes
        size_t nextFile = 0;  // of the page's inline files
        bool asked = false;
        bool wasLive = false;  // it was too slow, and has missed who came and went
        uint64_t notes = 0;    // the tail's count of who came and went, when this began
        // Its place in the tail is no earlier: whoever came before is in the list that `joined`
        // gave, and is not announced again.
        uint64_t earliest = 0;
        std::optional<Unsubscribed> left = {};  // it is owed no more than up to this
        std::vector<RoomChange> afterwards = {};
    };

    size_t index() const { return indexOf(dialect_); }
    Subscription& subscriptionOf(const SubscriptionRef& ref) const {
        return ref.tail->subscriptions(index())[ref.index];
    }
    size_t find(const Tail& tail) const;
    uint64_t nextSeqOf(const Subscription& subscription, const Tail& tail) const;
    Behind* behindIn(const Tail& tail);
    const Behind* behindIn(const Tail& tail) const;
    bool isCut(size_t subscription) const { return cut_ == static_cast<int>(subscription); }
    Ended removeAt(size_t subscription);
    void cutPage(Page& page, uint64_t last) const;
    std::string_view restOfItem(Subscription& subscription, const Tail& tail);
    std::string_view restOfItem(Behind& behind);

    void gatherOutbox(Gathered& g);
    void gatherSubscription(Gathered& g, size_t subscription, UserId self);
    void gatherLive(Gathered& g, size_t subscription, UserId self);
    void gatherBehind(Gathered& g, size_t subscription, Behind& behind, UserId self);
    std::pair<uint64_t, uint64_t> nextOwn(const Tail& tail, uint64_t at, uint64_t end,
                                          UserId self) const;
    void turnPage(Gathered& g, Behind& behind);
    std::optional<FileDue> takeLiveFile(const SubscriptionRef& ref, UserId self);
    std::optional<FileDue> takePageFile(Behind& behind);

    std::string subscriptionFault(size_t subscription, const Subscriber& self) const;
    std::string behindFault(const Behind& behind) const;

    std::unique_ptr<FilePiece> piece_;
    std::unique_ptr<Outbox> outbox_;
    std::forward_list<Behind> behind_;
    [[no_unique_address]] InlinedVector<SubscriptionRef> subscriptions_;
    uint32_t ownPending_ = 0;  // own entries that are still to be left out; behind their count
    int16_t cut_ = -1;         // the subscription whose item a short write cut
    bool blocked_ = false;
    Dialect dialect_ = Dialect::Classic;
};

}  // namespace netchat::serve
