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
#include <optional>
#include <string>
#include <string_view>

namespace netchat::store {

class LogEpochs {
  public:
    explicit LogEpochs(Poco::Data::Session& session) : session_(session) {}

    // As it is there, damaged or not. Empty: the log had none so far.
    std::string newest() const;
    // The rooms stand where their table says. Of identities beyond limits::kLogIdentitiesKept, the
    // oldest are forgotten; all of them where one is damaged, since a number may be another's.
    void begin(std::string_view identity);
    // The room's last entry when this identity ended; `last`, its last now, if it is the newest.
    // None: the identity is not known.
    std::optional<uint64_t> endOf(std::string_view identity, uint64_t room, uint64_t last) const;

  private:
    void forgetIfDamaged();
    void forgetBefore(uint64_t oldest);

    Poco::Data::Session& session_;
};

}  // namespace netchat::store
