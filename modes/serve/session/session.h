#pragma once

// One connection's state machine: which dialect, how far it has come, and how it ends. Nearly all
// sessions are at rest nearly always: then it is a cursor and little else, and has no buffer and no
// dialogue.
//
//     bytes in --> Dialogue --> commands            effects --> Dialogue --> Outgoing
//
//     flush:   Outgoing --> Transport
//
// What is sent next, and in which order, is Outgoing's. Chat goes before files.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "modes/serve/limits/address_key.h"
#include "modes/serve/limits/rate_limiter.h"
#include "modes/serve/session/dialogue.h"
#include "modes/serve/session/outgoing.h"
#include "modes/serve/session/tail.h"
#include "modes/serve/session/transport.h"
#include "protocol/limits.h"

namespace netchat::serve {

struct BoundDialogue;
class SessionHost;

// The shard's loop only. Pure: all I/O goes through the Transport.
class Session : public Subscriber {
  public:
    enum class State : uint8_t {
        Undecided,  // the first field could still be either dialect's
        Talking,    // the dialect is known; its dialogue says how far it has come
        Leaving,    // the peer has ended; what it asked before is being done
        Closing,    // nothing more is read; what is left is sent
        Draining,   // our direction has ended; the peer is to end its own
        Dead,       // to be destroyed at the end of the turn
    };

    Session(SessionId id, SessionHost& host, Transport& transport);
    ~Session();

    SessionId id() const { return id_; }
    State state() const { return state_; }
    Transport& transport() { return transport_; }

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
    // Whatever the dialogue has an answer() for.
    template <class Answer>
    void on(const Answer& e) {
        if (!listens()) return;
        dialogue().answer(e);
        answered();
    }
    void on(const Notice& e) {
        if (state_ == State::Talking && user_ != 0) dialogue().notice(*e.text);
    }
    void on(const Operated& e) {
        if (listens()) dialogue().operated(e);
    }
    void on(const OfferAllowed& e);
    void on(const Hold& e);
    void on(CaughtUp& e);
    void on(const BarrierReached& e);
    void on(const Departed& e);
    void on(const Refused& e);
    void storeAnswered(const StoreAnswer& answer);
    void passwordChecked(const Status& status);
    void verified(const std::string& sha256, bool whole);

    // ---- from its host
    void flush();
    // What most sessions are when something new comes: there is one room, and nothing else to send.
    bool owesOnlyItsSubscription() const {
        return state_ == State::Talking && outgoing_.owesOnlyItsSubscription();
    }
    // Sends such a session what its subscription is owed.
    void send(Subscription& subscription, const Tail::Stretch& stretch);
    void subscriptionMoved(const Tail& tail, size_t index) {
        outgoing_.subscriptionMoved(tail, index);
    }
    // The tail is about to drop the place where this subscription is.
    void fallBehind(const Tail& tail);
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
    bool blocked() const { return outgoing_.blocked(); }
    // Something is still to be sent, received or written that was begun.
    bool busy() const;

    // Gives back what it has no use for until something happens, and says how much it holds.
    void release();
    // It holds too much: it is told so, and holds nothing any more.
    void refuseToHold();

    // ---- what it is
    UserId user() const { return user_; }
    // What its address may take; null: it is not counted.
    AddressBudget* budget() const { return transport_.budget(); }
    bool takesInput() const { return state_ == State::Undecided || state_ == State::Talking; }
    // What has been read is still acted on.
    bool listens() const { return state_ == State::Talking || state_ == State::Leaving; }
    // Of answers to this session alone.
    size_t outboxBytes() const { return outgoing_.outboxBytes(); }
    // Ends the session: its dialogue says why, then nothing more is read.
    void fail(const Error& why);

    // What is not as it should be between two calls, its uploads and output included; empty:
    // nothing.
    std::string checkInvariants() const;
    // How many subscriptions it has in all.
    size_t rooms() const { return outgoing_.rooms(); }

  private:
    friend class SessionContext;
    friend struct InvariantsTest;  // plants faults

    // What one session sends of files in one turn, so that others are served in between.
    static constexpr size_t kFileBytesPerTurn = 64 * limits::kKiB;

    // For logs: ends with a zero, and is cut where it is longer.
    using ShortNick = std::array<char, 16>;

    void decide(std::string_view bytes);
    // Its address and nick, for logs.
    std::string label() const;
    void setNick(std::string_view nick);
    void said(size_t bytes);
    Status mayAsk(RateLimiter::Action act);
    Status mayStore(uint64_t bytes);
    void stored(size_t bytes);
    void looksUp(size_t entries);
    bool limited() const;
    AddressKey address() const;
    void close();
    void partPolitely();
    void updateReading();
    void watchPartialInput();
    void weigh();
    void pauseFor(int64_t waitMs);
    bool paused() const { return paused_ || held_; }
    void readOn();
    size_t unreadBytes() const;
    Status admitted() const;
    void leave();
    void leaveNow();
    void answered();
    void die();
    size_t writeOut(std::span<const iovec> pieces, bool more);
    void unsubscribe();
    void unsubscribed(const Outgoing::Ended& ended);
    void leaveRoom(const Unsubscribed& e);
    // Whether the session is still there for its rooms: sending may end it, and with it all of its
    // subscriptions.
    enum class Sent : uint8_t { GoesOn, Ended };
    [[nodiscard]] Sent keepRest(const Tail& tail);
    [[nodiscard]] Sent keepRests();
    Dialect dialect() const { return outgoing_.dialect(); }
    // Makes or borrows one where there is none.
    Dialogue& dialogue();
    Dialogue& spoken() const;
    void beginDialogue(Guess dialect);
    void takeDialogue();
    Uploads* uploadsIfAny() const { return bound_ ? spoken().uploadsIfAny() : nullptr; }
    void finishLeavings();
    void subscribe(Subscribed& e, uint64_t reached);

    [[nodiscard]] Sent send();
    bool sendPiece();
    bool cutShort();
    bool gatherAndSend();
    void ask(const Outgoing::Need& need);
    bool nextPiece();
    void beginFile(Outgoing::FileDue due);
    void finishClosing();

    // session_invariants.cpp
    std::string stateFault() const;
    std::string endFault() const;
    std::string dialogueFault() const;

    // What is known of its peer's being there; see session_keepalive.cpp.
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

    // What is looked at for every message comes first. Undecided: the outbox holds what has come.
    [[no_unique_address]] Outgoing outgoing_;
    State state_ = State::Undecided;  // and what follows, in the padding of the former
    Parting parting_ = Parting::No;
    bool reading_ : 1 = true;
    bool peerEnded_ : 1 = false;
    bool lost_ : 1 = false;     // the connection failed: nobody is there to be sent anything
    bool paused_ : 1 = false;   // it was too fast: not read for now
    bool held_ : 1 = false;     // nor while the log has not answered it
    bool watched_ : 1 = false;  // the host will look at what is half-said
    bool weighs_ : 1 = false;   // the host counts what it holds
    Keepalive keepalive_;
    Transport& transport_;
    SessionHost& host_;
    SessionId id_;
    UserId user_ = 0;
    std::unique_ptr<BoundDialogue> bound_;  // null: it has nothing half-said, and the host has one
    ShortNick nick_{};
};
// There are very many, most of them idle.
static_assert(sizeof(Session) <= 112);

}  // namespace netchat::serve
