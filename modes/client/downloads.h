#pragma once

// v2's downloads: a queue of announced files, fetched one at a time, in parts, so that no more is
// on its way than the window. A cut download goes on where it stopped: with the next connection or,
// since what came is on the disk, with the next client that wants the same bytes.
//
//     Waiting -> Rehashing -> Fetching -> (FileReceived, or FileFailed)
//        ^-----------+-----------+        a lost connection
//        ^------ Verifying <-----+        other bytes came than were announced: the server is asked
//                                         to look at its own, and they are fetched once more

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modes/client/host.h"
#include "modes/client/progress.h"
#include "modes/client/session.h"
#include "modes/client/transfer.h"
#include "modes/client/transfer_port.h"

namespace netchat::client {

// Loop thread only.
class Downloads {
  public:
    // `sink` is told FileReceived, FileFailed and Progress.
    Downloads(TransferPort& port, SessionSink& sink, Host& host)
        : port_(port), sink_(sink), host_(host) {}

    // FileFailed (too-many) when too many wait already.
    void want(const event::File& file);
    // Begins what can be begun; to be called after want() and whenever a download is over. True:
    // there is more to be hashed, in a later turn.
    bool advance();
    // The connection is there (again).
    void open() { connectionEnded(); }
    void connectionEnded();

    void chunk(std::string_view sha256, uint64_t off, std::string_view bytes);
    // False: this file is not one that was asked for.
    bool refused(const event::Refused& refusal);
    // The server has read its bytes again, and they are right.
    void verified(std::string_view sha256);

    size_t pending() const { return queue_.size(); }
    void list(Transfers& out) const;
    // Gives up all that are of these bytes; FileFailed (kCancelled) tells of each. Nothing of them
    // is left on the disk. False: there are none.
    bool cancel(std::string_view sha256);

  private:
    enum class State {
        Waiting,    // for a connection, or for something to fetch
        Rehashing,  // what an earlier time left of the front of the queue
        Fetching,   // the front of the queue is on its way
        Verifying,  // the front of the queue came wrong; the server reads its own bytes again
    };
    struct Wanted {
        std::string room, from, name, sha256;
        uint64_t size;
        std::string folder;
        std::optional<int64_t> mtime = {};
        Arriving arriving() const { return {name, size, sha256, folder, mtime}; }
        bool anew = false;     // what an earlier time had left of it was wrong
        bool doubted = false;  // so were bytes that all came from the server
    };
    // Was given up while it was Fetching, on this connection: answers may still be on their way.
    struct GivenUp {
        std::string sha256;
        uint64_t late;  // bytes that were asked for and have not come: at most so many follow
    };

    bool begin();
    void ask();
    void finish();
    void askToVerify();
    bool verifyRefused(const event::Refused& refusal);
    void fail(std::string_view code, std::string_view text);
    void failHere(const Error& error);
    bool makeRoom();
    void tellFailed(const Wanted& wanted, std::string_view code, std::string_view text);
    enum class Rest { Forgotten, Kept };
    void dropFile(Rest rest);
    void forgetEarlier(const Wanted& wanted);
    bool isFetching(std::string_view sha256) const;
    bool isVerifying(std::string_view sha256) const;
    GivenUp* findGivenUp(std::string_view sha256);
    bool isLate(std::string_view sha256, uint64_t& off, std::string_view& bytes);
    Transfer transferOf(size_t place) const;

    TransferPort& port_;
    SessionSink& sink_;
    Host& host_;
    State state_ = State::Waiting;
    std::deque<Wanted> queue_;
    std::unique_ptr<Incoming> file_;  // of the front, once it was begun
    uint64_t resumedAt_ = 0;          // where it began here
    uint64_t asked_ = 0;              // its bytes up to here were asked for on this connection
    std::vector<GivenUp> givenUp_;    // the latest last
    std::vector<Wanted> stopped_;     // for which the disk had no room; what came of each is there
    Progress progress_{0};
};

}  // namespace netchat::client
