#pragma once

// One connection's state machine: which dialect, whose subscriptions, and what is next to be sent.
// It keeps no queue of messages: a cursor per room, the answers addressed to it alone, and at most
// one stretch that must not be interrupted. Nearly all sessions are at rest nearly always: then it
// is a cursor and little else, and has no buffer and no dialogue.
//
//     bytes in --> Dialogue --> commands            effects --> Dialogue --> outbox_
//
//     flush:   piece_  >  the subscription that was cut  >  outbox_  >  subscriptions  >  next
//     piece of a file
//
// A source is left only where its frames end, so that frames never mix: whatever a short write cut
// is sent to its end first. Chat goes before files.

#include <array>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "modes/serve/base/inlined_vector.h"
#include "modes/serve/limits/address_key.h"
#include "modes/serve/limits/rate_limiter.h"
#include "modes/serve/session/dialogue.h"
#include "modes/serve/session/tail.h"
#include "modes/serve/session/transport.h"
#include "protocol/limits.h"

namespace netchat::serve {

class Shard;

// The shard's loop only. Pure: all I/O goes through the Transport.
class Session {
  public:
    enum class State : uint8_t {
        Undecided,  // the first field could still be either dialect's
        Talking,    // the dialect is known; its dialogue says how far it has come
        Leaving,    // the peer has ended; what it asked before is being done
        Closing,    // nothing more is read; what is left is sent
        Draining,   // our direction has ended; the peer is to end its own
        Dead,       // to be destroyed at the end of the turn
    };

    Session(SessionId id, Shard& shard, Transport& transport);
    ~Session();

    SessionId id() const { return id_; }
    State state() const { return state_; }
    Transport& transport() { return transport_; }
    Shard& shard() { return shard_; }

    // ---- from the connection
    void receive(std::string_view bytes);
    void peerEnded(std::string_view reason);
    void writable();

    // ---- from the hub and the store; nothing follows a farewell
    void on(const Greeted& e);
    void on(Subscribed& e);
    void on(const Unsubscribed& e);
    void on(const SaidBefore& e);
    void on(const Told& e) {
        if (listens()) dialogue().told(e);
    }
    void on(const Renamed& e) {
        if (listens()) dialogue().renamed(e);
    }
    void on(const RosterReady& e) {
        if (!listens()) return;
        dialogue().roster(e);
        answered();
    }
    void on(const RoomsReady& e) {
        if (!listens()) return;
        dialogue().rooms(e);
        answered();
    }
    void on(const HistoryReady& e) {
        if (!listens()) return;
        dialogue().history(e);
        answered();
    }
    void on(const SearchReady& e) {
        if (!listens()) return;
        dialogue().found(e);
        answered();
    }
    void on(const Notice& e) {
        if (state_ == State::Talking && user_ != 0) dialogue().notice(*e.text);
    }
    void on(const Operated& e) {
        if (listens()) dialogue().operated(e);
    }
    void on(const OfferAllowed& e);
    void on(CaughtUp& e);
    void on(const BarrierReached& e);
    void on(const Departed& e);
    void on(const Refused& e);
    void storeAnswered(const StoreAnswer& answer);
    void passwordChecked(const Status& status);
    void verified(const std::string& sha256, bool whole);

    // ---- from the shard
    void flush();
    // What most sessions are when something new comes: there is one room, and nothing else to send.
    bool owesOnlyItsSubscription() const {
        return state_ == State::Talking && !blocked_ && cutSubscription_ < 0 && ownPending_ == 0 &&
               !piece_ && subscriptions_.size() == 1 && !outbox_;
    }
    // Sends such a session what its subscription is owed.
    void send(Subscription& subscription, const Tail::Stretch& stretch);
    void subscriptionMoved(const Tail& tail, size_t index);
    // The tail is about to drop the place where this subscription is.
    void fallBehind(Tail& tail);
    void bye(std::string_view reason);
    // The time for which it was too fast is over.
    void resume();
    // Whether what it has begun has taken too long.
    void checkInputTimeout();
    // Once per look: whether its peer is alive. False: there is nothing to look for until it is
    // sent something or heard.
    bool checkKeepalive();
    // Ends it at once; what is left is not sent.
    void kill();
    bool blocked() const { return blocked_; }
    // Something is still to be sent, received or written that was begun.
    bool busy() const;

    // Gives back what it has no use for until something happens, and says how much it holds.
    void release();
    // It holds too much: it is told so, and holds nothing any more.
    void refuseToHold();

    // ---- from its dialogue
    std::string& outbox();
    UserId user() const { return user_; }
    // Its address and nick, for logs.
    std::string label() const;
    void setNick(std::string_view nick);
    // It has not had all of this room's log yet.
    bool catchesUp(std::string_view room) const;
    // A message of so many bytes was taken; what follows it may have to wait: paused().
    void said(size_t bytes);
    bool paused() const { return paused_; }
    // TooFast; NoRoom.
    Status mayAsk(RateLimiter::AdminAction act);
    Status mayStore(uint64_t bytes);
    // So many bytes of a file have come.
    void stored(size_t bytes);
    // What it asks for is read from so many entries; what follows may have to wait, as said().
    void looksUp(size_t entries);
    // Rates and quotas are for this one.
    bool limited();
    // What its address may take (null: it is not counted), and by what the hub and the store know
    // the address.
    AddressBudget* budget() const { return transport_.budget(); }
    AddressKey address() const;
    // Its peer is one that answers when it is asked for a sign of life.
    void answersPings() { keepalive_.answers = 1; }
    // An entry was sent to the hub that will not come back to this session.
    void expectOwnEntry() { ++ownPending_; }
    // Ends the session: its dialogue says why, then nothing more is read.
    void fail(const Error& why);
    void close();
    // The user is leaving: what was asked before is done first.
    void partPolitely();
    // Reading stops while the disk is behind or the dialogue must wait.
    void updateReading();
    bool takesInput() const { return state_ == State::Undecided || state_ == State::Talking; }
    // What has been read is still acted on.
    bool listens() const { return state_ == State::Talking || state_ == State::Leaving; }

  private:
    // Pieces of memory in one call.
    static constexpr size_t kPiecesMax = 64;
    // What one session sends of files in one turn, so that others are served in between.
    static constexpr size_t kFileBytesPerTurn = 64 * limits::kKiB;

    // For logs: ends with a zero, and is cut where it is longer.
    using ShortNick = std::array<char, 16>;
    struct SubscriptionRef {
        Tail* tail;
        size_t index;
    };
    // Answers to this session alone, while there are any.
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
        std::vector<std::variant<Subscribed, Unsubscribed>> afterwards = {};  // in the same room
    };
    struct Gathered;

    void decide(std::string_view bytes);
    void watchPartialInput();
    void weigh();
    void pauseFor(int64_t waitMs);
    size_t unreadBytes() const;
    void dropUnread();
    Status admitted() const;
    void leave();
    void leaveNow();
    void answered();
    void die();
    size_t writeOut(std::span<const iovec> pieces, bool more);
    void unsubscribe();
    void keepRest(size_t index);
    void keepCut();
    size_t dialect() const { return indexOf(dialect_); }
    Dialogue& dialogue();
    Uploads* uploadsIfAny() const { return dialogue_ ? dialogue_->uploadsIfAny() : nullptr; }
    void dropOutbox() { outbox_.reset(); }
    Subscription& subscriptionOf(const SubscriptionRef& ref) {
        return ref.tail->subscriptions(dialect())[ref.index];
    }
    Behind* behindIn(const Tail& tail);
    void cutPage(Page& page, uint64_t last) const;
    void finishLeavings();
    void subscribe(Subscribed& e, uint64_t reached);

    void send();
    bool sendPiece();
    bool gatherAndSend();
    void gatherOutbox(Gathered& g);
    void gatherSubscription(Gathered& g, size_t subscription);
    void gatherLive(Gathered& g, size_t subscription);
    std::pair<uint64_t, uint64_t> nextOwn(const Tail& tail, uint64_t at, uint64_t end) const;
    void gatherBehind(Gathered& g, size_t subscription, Behind& behind);
    void settle(const Gathered& g, size_t written);
    bool nextPiece();
    bool beginLiveFile(const SubscriptionRef& ref);
    bool beginPageFile(Behind& behind);
    void beginFile(const InlineFile& file, std::string before, std::string after);
    void turnPage(Behind& behind);
    void finishClosing();

    // What is known of its peer's being there; see session_life.cpp.
    struct Keepalive {
        uint8_t heard : 1 = 0;    // since the last look
        uint8_t sent : 1 = 0;     // something that may not be acknowledged yet
        uint8_t answers : 1 = 0;  // it has answered a ping
        uint8_t silent : 4 = 0;   // looks since it was heard last
    };
    // How far a session that is Leaving has come.
    enum class Parting : uint8_t {
        No,
        Asked,           // the hub is still answering what was asked before
        BarrierReached,  // what is left is to be sent: catching up, and files
        Told,            // the hub knows that it goes
    };

    // What is looked at for every message comes first.
    State state_ = State::Undecided;
    bool blocked_ = false;  // the kernel is full
    Dialect dialect_ = Dialect::Classic;
    Parting parting_ = Parting::No;
    bool reading_ : 1 = true;
    bool peerEnded_ : 1 = false;
    bool lost_ : 1 = false;     // the connection failed: nobody is there to be sent anything
    bool paused_ : 1 = false;   // it was too fast: not read for now
    bool watched_ : 1 = false;  // the shard will look at what is half-said
    bool weighs_ : 1 = false;   // the shard counts what it holds
    Keepalive keepalive_;
    int16_t cutSubscription_ = -1;  // the subscription whose item a short write cut
    std::unique_ptr<FilePiece> piece_;
    std::unique_ptr<Outbox> outbox_;  // Undecided: what has come so far
    [[no_unique_address]] InlinedVector<SubscriptionRef> subscriptions_;
    uint32_t ownPending_ =
        0;  // own entries that are still to be left out; behind the subscriptions' count
    Transport& transport_;
    Shard& shard_;
    SessionId id_;
    UserId user_ = 0;
    std::unique_ptr<Dialogue> dialogue_;  // null: it has nothing half-said, and the shard has one
    std::forward_list<Behind> behind_;
    ShortNick nick_{};
};

}  // namespace netchat::serve
