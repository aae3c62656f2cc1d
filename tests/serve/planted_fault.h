#pragma once

// What nobody can break from outside, for tests that show that checkInvariants() sees it: the
// members of what is checked.

#include "modes/serve/host/shard.h"
#include "modes/serve/hub/hub.h"
#include "modes/serve/session/session_context.h"
#include "tests/support/planted_fault.h"

namespace netchat::serve {

// The friend of all of them. Parts of a tail may be shared with nobody here, so that they can be
// changed.
struct InvariantsTest {
    static auto& parts(Tail& tail) { return tail.parts_; }
    static Publication& publication(Tail& tail, size_t part) {
        return const_cast<Publication&>(*tail.parts_[part].publication);
    }
    static auto& partsWithFiles(Tail& tail) { return tail.partsWithFiles_; }
    static auto& lastSeq(Tail& tail) { return tail.lastSeq_; }

    static auto& state(Session& session) { return session.state_; }
    static void part(Session& session) { session.parting_ = Session::Parting::Asked; }
    static void endPeer(Session& session) { session.peerEnded_ = true; }
    static void lose(Session& session) { session.lost_ = true; }
    static void silence(Session& session) { session.keepalive_.silent = 15; }
    static auto& user(Session& session) { return session.user_; }
    static auto& bound(Session& session) { return session.bound_; }
    static auto& outgoing(Session& session) { return session.outgoing_; }
    static void beginDialogue(Session& session, Guess dialect) { session.beginDialogue(dialect); }

    static auto& lastNumber(Uploads& uploads) { return uploads.lastNumber_; }

    static auto& leases(NickLeases& leases) { return leases.leases_; }
    static auto& looks(NickLeases& leases) { return leases.looks_; }
    static auto& ofUser(NickLeases& leases) { return leases.ofUser_; }
    static auto& held(NickLeases& leases) { return leases.held_; }
    static auto& taken(NickLeases& leases) { return leases.taken_; }
    static auto& lastTaken(NickLeases& leases) { return leases.lastTaken_; }
    static auto& log(NickLeases& leases) { return leases.log_; }

    static auto& heads(Directory& directory) { return directory.nicks_.heads_; }
    static auto& count(Directory& directory) { return directory.nicks_.count_; }
    static auto& present(Directory& directory) { return directory.present_; }
    static auto& sessions(Directory& directory) { return directory.sessions_; }
    static auto& absent(Directory& directory) { return directory.absent_; }
    static auto& leavings(Directory& directory) { return directory.leavings_; }
    static auto& lastNumber(Directory& directory) { return directory.lastNumber_; }

    static auto& directory(Hub& hub) { return hub.directory_; }
    static auto& rooms(Hub& hub) { return hub.rooms_; }
    static auto& roomsByName(Hub& hub) { return hub.roomsByName_; }
    static auto& roomNames(Hub& hub) { return hub.roomNames_; }
    static auto& roomsMade(Hub& hub) { return hub.roomsMade_; }
    static auto& lastRoom(Hub& hub) { return hub.lastRoom_; }
    static auto& ending(Hub& hub) { return hub.ending_; }
    static auto& replaced(Hub& hub) { return hub.replaced_; }
    static auto& held(Hub& hub) { return hub.held_; }
    static auto& touched(Hub& hub) { return hub.touched_; }

    static auto& tails(Shard& shard) { return shard.tails_; }
    static auto& dirty(Shard& shard) { return shard.dirty_; }
    static auto& weights(Shard& shard) { return shard.weights_; }
    static auto& unwelcome(Shard& shard) { return shard.unwelcome_; }
};

using Plant = InvariantsTest;

}  // namespace netchat::serve
