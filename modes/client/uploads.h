#pragma once

// v2's uploads: each file is hashed in slices, offered, sent from where the server asks for it, and
// done when it comes back in its room's log. Over a reconnect it is offered again, with its id.
//
//     Waiting -> Hashing -> Ready -> Offered -> Sending -> Sent -> (Uploaded, or Refused)
//                             ^---------- a lost connection
//
// One that is given up is gone at once, unless it is Offered: until the server's answer is there,
// to be cancelled there as well, it keeps its place among those that may be under way.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "modes/client/outgoing.h"
#include "modes/client/progress.h"
#include "modes/client/session.h"
#include "modes/client/sha256.h"
#include "modes/client/transfer_port.h"

namespace netchat::client {

class Uploads : public Outgoing {
  public:
    // `sink` is told Uploaded, Refused (re "offer") and Progress.
    Uploads(TransferPort& port, SessionSink& sink) : port_(port), sink_(sink) {}

    void add(std::string id, std::string_view room, std::string name, std::unique_ptr<Source> file,
             std::string folder = {}) override;
    bool prepare() override;
    bool produce() override;
    size_t pending() const override { return list_.size(); }
    // Whether one that was offered on an earlier connection waits for its answer.
    bool offeredAgainIn(std::string_view room) const;
    // Whether one was sent whole whose entry in the room's log is due.
    bool isSentIn(std::string_view room) const;
    void connectionEnded() override;
    void list(Transfers& out) const override;
    bool cancel(std::string_view id) override;
    // The server does not know this user any longer: what was complete is refused as unsure.
    void forgotten();

    // The connection is there (again). What waits for a room that is being joined goes on waiting;
    // what is for one that nobody joins is offered, to be refused by name.
    void open();
    void roomReady(std::string_view room);
    void accepted(std::string_view id, uint64_t transfer, uint64_t at);
    void stored(uint64_t transfer, uint64_t off);
    void uploaded(std::string_view id);
    // By id or, where that is empty, by transfer; false: there is none.
    bool refused(const event::Refused& refusal, uint64_t transfer);

  private:
    struct Upload {
        enum class State {
            Waiting,  // for its turn
            Hashing,  // done_ bytes are hashed
            Ready,    // to be offered as soon as the room allows it
            Offered,  // the server's accept is due
            Sending,  // done bytes are at the server or on their way
            Sent,     // the entry in the room's log is due
            GivenUp,  // after it was offered: the server's answer is due, and nothing else
        };
        std::string id, room, name;
        std::unique_ptr<Source> file;  // null: GivenUp
        std::string sha256;
        Progress progress;
        State state = State::Waiting;
        uint64_t done = 0;
        uint64_t stored = 0;         // of them, those that the server is known to have written
        uint64_t transfer = 0;       // from `accept`
        bool offeredBefore = false;  // on an earlier connection
        bool unsure = false;         // all of it was sent on an earlier connection
        bool resumed = false;        // it went on with what the server had kept
        std::string folder = {};     // where it lay, below what was sent
    };
    using Place = std::deque<Upload>::iterator;

    template <class Pred>
    Place find(Pred pred);
    Place active(Upload::State state);
    bool fits(const Upload& upload) const;
    uint64_t nextPiece(const Upload& upload) const;
    bool startHashing();
    void hashSlice(Upload& upload);
    void offer(Upload& upload);
    bool isForLater(const event::Refused& refusal, Upload& upload);
    void fail(Place place, const Error& error);
    void tellProgress(Upload& upload);
    static bool mayCancel(const Upload& upload);
    static Transfer transferOf(const Upload& upload);

    TransferPort& port_;
    SessionSink& sink_;
    std::deque<Upload> list_;  // in the order of adding
    Sha256 hash_;              // of the one that is Hashing
    std::string buffer_;
};

}  // namespace netchat::client
