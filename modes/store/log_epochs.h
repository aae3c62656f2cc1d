#pragma once

// The identities that a log had, one after the other, and where each room stood when one of them
// ended. A copy that is restored has those up to its making, so that whoever has read on under one
// of them can be told how far it was the same log.
//
//     epoch      1 5f1c…   2 9e07…   3 c2d8…          the last is the log's
//     epoch_end  (room, 1) 30   (room, 2) 41          only where the room had grown meanwhile
//
// A row that is damaged counts as not there: what is common then seems less than it is, never more.
//
// Within the caller's transaction; throws Poco::Exception. One thread, the log's.

#include <Poco/Data/Session.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/limits.h"

namespace netchat::store {

class LogEpochs {
  public:
    explicit LogEpochs(Poco::Data::Session& session, size_t kept = limits::kLogIdentitiesKept)
        : session_(session), kept_(kept) {}

    // As it is there, damaged or not. Empty: the log had none so far.
    std::string newest() const;
    // The rooms stand where their table says. What is derived from the log, an index, stays good
    // where it is `intact`. Of identities beyond `kept`, the oldest are
    // forgotten; all of them where one is damaged, since a number may be another's.
    void begin(std::string_view identity, bool intact);
    // The room's last entry when this identity ended; `last`, its last now, if it is the newest.
    // None: the identity is not known.
    std::optional<uint64_t> endOf(std::string_view identity, uint64_t room, uint64_t last) const;

  private:
    void forgetIfDamaged();
    void forgetBefore(uint64_t oldest);
    std::optional<uint64_t> lookUp(std::string_view identity, uint64_t room) const;

    Poco::Data::Session& session_;
    const size_t kept_;
    // What was asked for last: after a start everybody who comes back asks for the same.
    mutable std::map<std::pair<std::string, uint64_t>, std::optional<uint64_t>> answered_;
};

}  // namespace netchat::store
