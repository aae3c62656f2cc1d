#pragma once

// v2's downloads: a queue of announced files, fetched one at a time. A cut download goes on where
// it stopped, with the next connection.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "modes/client/incoming_file.h"
#include "modes/client/progress.h"
#include "modes/client/session.h"
#include "modes/client/transfer_port.h"

namespace netchat::client {

// Loop thread only. A file that was not placed is removed with this object.
class Downloads {
  public:
    // `sink` is told FileReceived, FileFailed and Progress.
    Downloads(TransferPort& port, SessionSink& sink, DownloadsFolder folder)
        : port_(port), sink_(sink), folder_(std::move(folder)) {}

    // Of a FileReceived and its kin: room, from, name, size, sha256. FileFailed (too-many) when too
    // many wait already.
    void want(const Event& file);
    // Begins what can be begun; to be called after want() and whenever a download is over.
    void advance();
    // The connection is there (again).
    void open();
    void connectionEnded() { state_ = State::Waiting; }

    void chunk(std::string_view sha256, uint64_t off, std::string_view bytes);
    // False: this file is not the one under way.
    bool refused(const Event& refusal);

    size_t pending() const { return queue_.size(); }

  private:
    enum class State {
        Waiting,   // for a connection, or for something to fetch
        Fetching,  // the front of the queue is on its way
    };
    struct Wanted {
        std::string room, from, name, sha256;
        uint64_t size;
    };

    void begin();
    void finish();
    void fail(std::string_view code, std::string_view text);
    Event eventOf(const Wanted& wanted, EventKind kind) const;

    TransferPort& port_;
    SessionSink& sink_;
    DownloadsFolder folder_;
    State state_ = State::Waiting;
    std::deque<Wanted> queue_;
    std::unique_ptr<IncomingFile> file_;  // of the front, once it was begun
    Progress progress_{0};
};

}  // namespace netchat::client
