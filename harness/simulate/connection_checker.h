#pragma once

// Judges one v2 connection by its bytes alone, as they arrive at the client, without trusting the
// client: between a `joined` and a `left` each entry of the log comes once, in order, and whoever
// has asked for a page gets it before what it asked for afterwards.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "harness/simulate/invariant_checker.h"
#include "protocol/field.h"
#include "protocol/frame.h"

namespace netchat::simulate {

// What a client's transfers have cost, over all connections.
struct Traffic {
    std::map<std::string, uint64_t> stored;    // of an upload, by its key: what the server has
    std::map<std::string, uint64_t> received;  // of a download, by SHA-256
    // The first thing that went back further than it had to.
    std::string resent;
};

class ConnectionChecker {
  public:
    ConnectionChecker(std::string who, InvariantChecker& checker, Traffic& traffic)
        : who_(std::move(who)), checker_(checker), traffic_(traffic) {}

    void clientWrites(std::string_view bytes);
    void clientReads(std::string_view bytes);
    // It has ended the connection on what it read last, and may have acted on a part of that only.
    void clientLeft();

  private:
    void asked(const Frame& frame);
    void answered(const Frame& frame);
    void questionAnswered(std::string_view verb, std::string_view room);
    void entry(const Frame& frame, std::string_view room, const store::Entry& entry, bool again);

    std::string who_;
    InvariantChecker& checker_;
    Traffic& traffic_;
    uint64_t self_ = 0;  // the user's number, once it is welcome
    FieldReader up_{10}, down_{10};
    std::map<std::string, std::deque<std::optional<uint64_t>>, std::less<>> joins_;
    // Questions without an answer: their verbs and rooms, in the order of asking.
    std::deque<std::pair<std::string, std::string>> questions_;
    std::map<std::string, uint64_t, std::less<>> due_;        // by room: the next seq
    std::map<std::string, std::string, std::less<>> offers_;  // the upload's key, by id
    std::map<uint64_t, std::string> transfers_;               // and by transfer
    std::map<std::string, bool, std::less<>> fetched_;        // downloads on this connection
    std::map<std::string, uint64_t> receivedBefore_;  // the last read, where that brought more
};

}  // namespace netchat::simulate
