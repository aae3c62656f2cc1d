#include "modes/serve/session/session.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "modes/serve/session/session_context.h"
#include "modes/serve/session/session_host.h"
#include "protocol/limits.h"
#include "protocol/message.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::serve {

Session::Session(SessionId id, SessionHost& host, Transport& transport)
    : transport_(transport), host_(host), id_(id) {
}

Session::~Session() = default;

std::string Session::label() const {
    const std::string_view nick = nick_.data();
    return transport_.peer() + (nick.empty() ? std::string() : " (" + forLog(nick) + ")");
}

void Session::setNick(std::string_view nick) {
    static constexpr std::string_view kCut = "\u2026";
    const size_t most = nick_.size() - 1;
    const bool whole = nick.size() <= most;
    std::string shown(whole ? nick : utf8::prefix(nick, most - kCut.size()));
    if (!whole) shown += kCut;
    nick_ = {};
    std::copy(shown.begin(), shown.end(), nick_.begin());
}

// ---- input

void Session::receive(std::string_view bytes) {
    keepalive_.heard = 1;
    host_.stir();
    if (state_ == State::Undecided) {
        decide(bytes);
    } else if (state_ == State::Talking) {
        dialogue().receive(bytes);
    }
    release();
    watchPartialInput();
}

// ---- what is there only while it is of use

void Session::release() {
    if (bound_ && spoken().isIdle()) host_.release(std::move(bound_));
    if (weighs_ || bound_ || outgoing_.busy()) weigh();
}

// ---- which dialect

// Collects in the outbox, which has no other use yet, until the dialect is clear.
void Session::decide(std::string_view bytes) {
    std::string& seen = outgoing_.outbox();
    const size_t known = seen.size();
    seen.append(bytes.substr(0, 64));
    const Guess guess = guessDialect(seen);
    if (guess == Guess::Open) return;
    const std::string before = seen.substr(0, known);
    outgoing_.dropOutbox();
    beginDialogue(guess);
    state_ = State::Talking;
    if (const Status status = admitted(); !status) return fail(status.error());
    if (!before.empty()) spoken().receive(before);
    if (state_ == State::Talking) spoken().receive(bytes);
}

// Whether this dialect is spoken here, and in this way.
Status Session::admitted() const {
    if (const Error* why = host_.whyUnwelcome(id_)) return *why;
    const ShardOptions& options = host_.options();
    const bool outside = transport_.fromOutside();
    const bool plainV2 = options.plainV2 && !outside;
    const bool classic = options.classic && (!outside || options.classicFromOutside);
    if (dialect() == Dialect::V2 && !plainV2 && !transport_.secure()) {
        return Error{ErrorCode::NeedsTls, "this server requires TLS; connect without --insecure"};
    }
    if (dialect() == Dialect::Classic && !classic) {
        return Error{ErrorCode::NeedsTls,
                     "this server does not accept the classic protocol from other machines, "
                     "because it is not encrypted; its operator can allow it with --classic"};
    }
    if (dialect() == Dialect::Classic && options.password) {
        return Error{ErrorCode::BadPassword,
                     "this server requires a password, which the classic protocol cannot send; use "
                     "netchat connect"};
    }
    return Ok{};
}

void Session::passwordChecked(const Status& status) {
    if (!listens()) return;
    if (!status) return fail(status.error());
    dialogue().passwordGood();
    answered();
}

void Session::verified(const std::string& sha256, bool whole) {
    if (!listens() || !bound_) return;
    spoken().verified(sha256, whole);
    answered();
    release();
}

void Session::peerEnded(std::string_view reason) {
    peerEnded_ = true;
    if (state_ == State::Draining || (state_ == State::Closing && !reason.empty())) die();
    lost_ = !reason.empty();
    if (lost_ && state_ == State::Leaving) leave();
    if (!takesInput()) return;
    if (!reason.empty()) host_.log().detail(label() + ": connection lost: " + std::string(reason));
    if (state_ == State::Undecided) {
        close();
        return;
    }
    state_ = State::Leaving;
    leave();
}

void Session::die() {
    if (state_ == State::Dead) return;
    state_ = State::Dead;
    host_.died(*this);
}

void Session::partPolitely() {
    state_ = State::Leaving;
    leave();
}

// The hub is told when nothing is on its way to it any more, and all that was asked has been sent.
void Session::leave() {
    Uploads* const uploads = uploadsIfAny();
    if ((bound_ && spoken().waits()) || (uploads && uploads->finishing())) return;
    // What has come and was not taken yet is taken first.
    if (paused() && !lost_) return;
    if (uploads && uploads->count() > 0) {
        host_.log().notice(label() + ": disconnected in the middle of a file");
        spoken().dropUploads();
    }
    if (lost_) return leaveNow();
    if (parting_ == Parting::No) {
        parting_ = Parting::Asked;
        host_.commands().commands.push_back(Barrier{id_});
    }
    if (parting_ == Parting::BarrierReached && !outgoing_.catchesUp() &&
        !(bound_ && spoken().owesFile())) {
        leaveNow();
    }
}

void Session::leaveNow() {
    if (parting_ == Parting::Told) return;
    parting_ = Parting::Told;
    host_.commands().commands.push_back(Gone{id_});
}

void Session::on(const BarrierReached&) {
    if (state_ != State::Leaving || parting_ != Parting::Asked) return;
    parting_ = Parting::BarrierReached;
    leave();
}

void Session::writable() {
    outgoing_.unblock();
    host_.wantFlush(*this);
}

void Session::storeAnswered(const StoreAnswer& answer) {
    Uploads* const uploads = uploadsIfAny();
    if (!uploads) return;
    uploads->answered(answer);
    answered();
    release();
    watchPartialInput();
}

void Session::updateReading() {
    if (!takesInput()) return;
    const bool on = !paused() && !(bound_ && spoken().waits()) &&
                    !(uploadsIfAny() && uploadsIfAny()->full(host_.isTight(*this)));
    if (on == reading_) return;
    reading_ = on;
    transport_.setReading(on);
}

// ---- effects

void Session::on(const Greeted& e) {
    user_ = e.user;
    if (listens()) dialogue().greeted(e);
}

void Session::on(Subscribed& e) {
    subscribe(e, e.seq);
}

// `reached`: how far the room has gone.
void Session::subscribe(Subscribed& e, uint64_t reached) {
    if (!listens()) return;
    Tail& tail = host_.tail(e.room, e.name, reached);
    if (outgoing_.waits(tail, e)) return;
    dialogue().subscribed(e);
    outgoing_.subscribe(tail, e.nextSeq, *this);
    host_.wantFlush(*this);
}

void Session::on(const Unsubscribed& e) {
    const Tail* const tail = outgoing_.tailOf(e.room);
    if (!tail) return;
    // What was said before is owed: `left` comes when the log has been read so far.
    if (outgoing_.waits(*tail, e)) return host_.wantFlush(*this);
    leaveRoom(e);
}

void Session::leaveRoom(const Unsubscribed& e) {
    const Tail& tail = *outgoing_.tailOf(e.room);
    if (keepRest(tail) == Sent::Ended) return;
    const std::string room = tail.name();
    unsubscribed(outgoing_.unsubscribe(tail));
    dialogue().unsubscribed(e, room);
    host_.wantFlush(*this);
}

void Session::on(const SaidBefore& e) {
    if (!listens()) return;
    outgoing_.ownEntryAnswered();
    outgoing_.outbox() += e.bytes;
    host_.wantFlush(*this);
    if (!e.offered) return;
    dialogue().offerKnown();
    answered();
}

void Session::on(const Departed&) {
    if (!listens()) return;
    if (keepRests() == Sent::GoesOn && !peerEnded_) dialogue().bye({});
    close();
}

// What was said before a subscription ends is still owed, even where the kernel is full. Whatever a
// short write cut comes before everything else.
Session::Sent Session::keepRest(const Tail& tail) {
    if (send() == Sent::Ended) return Sent::Ended;
    if (outgoing_.blocked()) outgoing_.keepRest(tail);
    return Sent::GoesOn;
}

Session::Sent Session::keepRests() {
    for (size_t i = 0; i < outgoing_.rooms(); ++i) {
        if (keepRest(outgoing_.tailAt(i)) == Sent::Ended) return Sent::Ended;
    }
    return Sent::GoesOn;
}

void Session::on(const OfferAllowed& e) {
    if (!listens()) return;
    dialogue().offerAllowed(e);
    answered();
}

// Something that the session waited for before it reads on or leaves.
void Session::answered() {
    state_ == State::Leaving ? leave() : updateReading();
}

void Session::on(const Refused& e) {
    if (!listens()) return;
    if (e.wasEntry) outgoing_.ownEntryAnswered();
    if (e.fatal) {
        fail(e.error);
        return;
    }
    dialogue().refused(e);
    host_.wantFlush(*this);
    answered();
}

void Session::on(CaughtUp& e) {
    const auto gaps = outgoing_.takePage(e.room, e.seq, e.page);
    if (!gaps) return;
    for (const auto& [first, last] : gaps->ranges) dialogue().gap(*gaps->room, first, last);
    host_.wantFlush(*this);
}

// Who has left, and has been sent what was owed, is told; then what came afterwards happens.
void Session::finishLeavings() {
    while (auto parted = outgoing_.takeParted()) {
        leaveRoom(parted->left);
        for (Outgoing::RoomChange& change : parted->afterwards) {
            // What was published meanwhile has passed the tail in which it will sit, and with it
            // who came and went: the list in `joined` is older.
            if (auto* subscribed = std::get_if<Subscribed>(&change)) {
                subscribe(*subscribed, std::max(subscribed->seq, parted->reached));
                if (listens()) dialogue().rejoined(subscribed->name);
            } else {
                on(std::get<Unsubscribed>(change));
            }
        }
    }
}

void Session::fallBehind(const Tail& tail) {
    outgoing_.fallBehind(tail);
    if (host_.log().wantsDetail()) {
        host_.log().detail(label() + ": slow reader, catching up in " + forLog(tail.name()));
    }
}

// ---- ending

void Session::fail(const Error& why) {
    if (state_ == State::Closing || state_ == State::Draining || state_ == State::Dead) return;
    host_.log().notice(label() + ": refused: " + forLog(why.text, 200));
    if (state_ != State::Undecided) dialogue().farewell(why);
    // A session in Leaving has told the hub already, or will not any more.
    if (listens()) {
        host_.commands().commands.push_back(Gone{id_});
    }
    close();
}

void Session::kill() {
    if (state_ == State::Dead) return;
    if (listens()) host_.commands().commands.push_back(Gone{id_});
    unsubscribe();
    die();
}

void Session::close() {
    if (state_ == State::Closing || state_ == State::Draining || state_ == State::Dead) return;
    if (state_ == State::Undecided) outgoing_.dropOutbox();
    unsubscribe();
    if (bound_) spoken().dropUploads();
    if (lost_) return die();
    state_ = State::Closing;
    host_.drainSoon(*this);
    host_.wantFlush(*this);
}

void Session::unsubscribe() {
    // The item that a short write cut is sent to its end: half a frame must not be the last thing.
    outgoing_.keepCut();
    while (const auto ended = outgoing_.unsubscribeOne()) unsubscribed(*ended);
}

void Session::unsubscribed(const Outgoing::Ended& ended) {
    if (ended.moved) {
        static_cast<Session*>(ended.moved)->subscriptionMoved(*ended.tail, ended.index);
    }
    host_.subscriptionLeft(*ended.tail);
}

void Session::bye(std::string_view reason) {
    const bool isTold = state_ == State::Talking;
    if (isTold && keepRests() == Sent::GoesOn) dialogue().bye(reason);
    close();
}

void Session::finishClosing() {
    if (state_ != State::Closing || outgoing_.holdsBytes()) return;
    transport_.shutdownWrite();
    if (!reading_) transport_.setReading(true);
    state_ = State::Draining;
    if (peerEnded_) die();
}

bool Session::busy() const {
    if (state_ == State::Draining || state_ == State::Dead || state_ == State::Undecided) {
        return false;
    }
    return outgoing_.blocked() || outgoing_.busy() || (paused() && bound_) ||
           (uploadsIfAny() && uploadsIfAny()->count() > 0) || (bound_ && spoken().busy());
}

}  // namespace netchat::serve
