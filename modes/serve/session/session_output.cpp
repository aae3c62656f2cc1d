// A session's sending: Outgoing says what, the transport takes it, and what Outgoing needs is
// asked.

#include <cassert>

#include "modes/serve/session/session.h"
#include "modes/serve/session/session_host.h"
#include "protocol/limits.h"

namespace netchat::serve {

void Session::flush() {
    if (send() == Sent::GoesOn) {
        finishLeavings();
        if (state_ == State::Leaving && parting_ == Parting::BarrierReached) leave();
    }
    finishClosing();
    release();
    assert(outgoing_.checkInvariants(*this).empty());
}

void Session::send(Subscription& subscription, const Tail::Stretch& stretch) {
    const size_t written = writeOut(stretch.view(), false);
    outgoing_.wroteOnly(subscription, stretch.to, written);
}

size_t Session::writeOut(std::span<const iovec> pieces, bool more) {
    keepalive_.sent = 1;
    return transport_.write(pieces, more);
}

// Ends no subscription, unless it ends the session.
Session::Sent Session::send() {
    if (state_ == State::Undecided || state_ == State::Draining || state_ == State::Dead) {
        return Sent::Ended;
    }
    if (outgoing_.unsentAnswers() > limits::kOutboxBytesMax && state_ != State::Closing) {
        fail({ErrorCode::TooMany, "you send requests without reading the replies"});
    }
    size_t filePieces = 0;
    while (!outgoing_.blocked()) {
        if (outgoing_.unsentAnswers() > 0) outgoing_.keepCut();
        if (outgoing_.piece()) {
            if (!sendPiece()) break;
        } else if (!gatherAndSend()) {
            if (filePieces++ * limits::kPieceBytes >= kFileBytesPerTurn) {
                host_.wantFlush(*this);
                break;
            }
            if (!nextPiece()) break;
        }
    }
    return listens() ? Sent::GoesOn : Sent::Ended;
}

// False when there was nothing to send.
bool Session::gatherAndSend() {
    static thread_local Outgoing::Gathered g;  // keeps its memory
    outgoing_.gather(g, user_);
    for (const Outgoing::Need& need : g.needs()) ask(need);
    if (g.empty()) {
        outgoing_.written(g, 0);  // passes over own entries
        return false;
    }
    outgoing_.written(g, writeOut(g.pieces(), false));
    return true;
}

void Session::ask(const Outgoing::Need& need) {
    if (need.kind == Outgoing::Need::Kind::Page) {
        host_.commands().commands.push_back(CatchUp{id_, need.tail->id(), need.seq});
    } else {
        dialogue().rejoined(need.tail->name());
    }
}

}  // namespace netchat::serve
