#pragma once

// What stands between the simulated server and its fault hooks. As it is, nothing does; tests plant
// bugs here, to prove that they are found.

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "harness/simulate/sim_log.h"
#include "modes/serve/hub/commands.h"
#include "modes/serve/hub/effects.h"
#include "modes/serve/hub/log_port.h"
#include "modes/store/disk.h"
#include "modes/store/file_store.h"
#include "modes/store/room_log.h"
#include "modes/store/user_log.h"

namespace netchat::simulate {

class FaultHooks {
  public:
    virtual ~FaultHooks() = default;
    virtual std::unique_ptr<SimLog> makeLog(Durability durability) {
        return std::make_unique<SimLog>(durability);
    }
    // Asked each time a server starts.
    virtual store::RoomLog& log(store::RoomLog& real) { return real; }
    virtual store::UserLog& users(store::UserLog& real) { return real; }
    virtual store::Disk& disk(store::Disk& real) { return real; }
    virtual store::FileStore& files(store::FileStore& real) { return real; }
    // On their way; a shard's effects are a queue of batches.
    virtual void commands(serve::CommandBatch& /*batch*/) {}
    virtual void effects(size_t /*shard*/, std::deque<serve::EffectBatch>& /*queue*/) {}
    // What a late log answers, on its way to the hub.
    virtual void outcome(const serve::DraftBatch& /*batch*/, serve::LogPort::Outcome& /*outcome*/) {
    }
    // What a late log is asked for, and what it answers.
    virtual void read(serve::ReadRequest& /*request*/) {}
    virtual void haveRead(serve::LogRead& /*answer*/) {}
    // Whether a late log answers, when an answer was lost, as the first try should have.
    virtual bool answersAsTheFirstTry() { return true; }
    // Whether it hides what it has written and not answered.
    virtual bool hidesUnanswered() { return true; }
    // A client is about to look for what it has of a file.
    virtual void partials(std::map<std::string, std::string>& /*bySha256*/) {}
    virtual void serverDied() {}
};

}  // namespace netchat::simulate
