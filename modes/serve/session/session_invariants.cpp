// What always holds in a session: which of its members may be set together in which state.
//
//                 parting   peerEnded   lost   user     subscriptions   dialogue
//     Undecided   No        no          no     none     none            none
//     Talking     No        no          no     any      any             any
//     Leaving     any       any         any    any      any             any
//     Closing     any       any         no     any      none            any
//     Draining    any       no          no     any      none            any, nothing left to send
//     Dead        any       any         any    any      none            any

#include "modes/serve/session/session.h"
#include "modes/serve/session/session_context.h"
#include "modes/serve/session/session_host.h"

namespace netchat::serve {

std::string Session::checkInvariants() const {
    auto fault = stateFault();
    if (fault.empty()) fault = dialogueFault();
    if (fault.empty() && uploadsIfAny()) fault = uploadsIfAny()->checkInvariants();
    return fault.empty() ? outgoing_.checkInvariants(*this) : fault;
}

std::string Session::stateFault() const {
    if (lost_ && !peerEnded_) return "it is lost, and its peer has not ended";
    if (keepalive_.silent >= SessionHost::kChecksPerLife) return "it is silent for too long";
    switch (state_) {
        case State::Undecided:
            if (bound_) return "it has a dialogue before its dialect is known";
            if (user_ != 0) return "it is a user before its dialect is known";
            if (outgoing_.piece() || outgoing_.rooms() > 0)
                return "it is sent something before its dialect is known";
            [[fallthrough]];
        case State::Talking:
            if (parting_ != Parting::No) return "it parts, and still talks";
            if (peerEnded_) return "its peer has ended, and it still talks";
            return {};
        case State::Leaving:
            return {};
        case State::Closing:
        case State::Draining:
        case State::Dead:
            return endFault();
    }
    return "it is in no state";
}

std::string Session::endFault() const {
    if (outgoing_.rooms() > 0) return "it has ended, and has a subscription";
    if (state_ == State::Dead) return {};
    if (uploadsIfAny()) return "it has ended, and has uploads";
    if (lost_) return "it is lost, and not dead";
    if (state_ == State::Closing) return {};
    if (outgoing_.holdsBytes()) return "our direction has ended, and something is to be sent";
    return peerEnded_ ? "both directions have ended, and it is not dead" : "";
}

std::string Session::dialogueFault() const {
    if (!bound_) return {};
    if (bound_->context.id() != id_) return "its dialogue serves another session";
    if (spoken().dialect() != dialect()) return "its dialogue speaks another dialect";
    return {};
}

}  // namespace netchat::serve
