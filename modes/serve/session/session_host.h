#pragma once

// What a session needs of the loop that it lives on: the moment, the ways to the hub, the store and
// the log, its place in the rooms' tails, and to be called again. The server's is the Shard.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "modes/serve/base/ids.h"
#include "modes/serve/base/log.h"
#include "modes/serve/hub/commands.h"
#include "modes/serve/limits/rate_limiter.h"
#include "modes/serve/session/shard_options.h"
#include "modes/serve/session/tail.h"
#include "modes/serve/session/uploads.h"
#include "modes/store/file_store.h"
#include "protocol/charset.h"
#include "protocol/dialect.h"
#include "protocol/result.h"

namespace netchat::serve {

struct BoundDialogue;
class Session;

// The session's loop only. It outlives its sessions.
class SessionHost {
  public:
    // Looks at whether a peer is alive, in the time after which it is not.
    static constexpr unsigned kChecksPerLife = 8;
    // What a session holds in memory.
    struct Weight {
        size_t unread = 0;   // answers, pages and a frame that has begun: only its peer can end it
        size_t uploads = 0;  // on their way to the disk
        size_t all() const { return unread + uploads; }
    };

    virtual const ShardOptions& options() const = 0;
    virtual int64_t nowMs() const = 0;
    virtual int64_t wallMs() const = 0;
    virtual Log& log() = 0;
    virtual Charset& charset() = 0;

    // ---- the hub, the store and the tails
    virtual CommandBatch& commands() = 0;
    virtual store::FileStore& files() = 0;
    virtual Uploads::Deliver deliverTo(SessionId session) = 0;
    virtual Tail& tail(RoomId id, const std::string& name, uint64_t lastSeq) = 0;
    virtual void subscriptionLeft(Tail& tail) = 0;

    // ---- what follows later
    // Session::flush(), in this turn.
    virtual void wantFlush(Session& session) = 0;
    // Session::resume().
    virtual void resumeIn(Session& session, int64_t ms) = 0;
    // Session::checkInputTimeout(), in a while.
    virtual void watch(Session& session) = 0;
    // Something was heard or sent: Session::checkKeepalive() follows.
    virtual void stir() = 0;
    // Session::kill(), if the peer does not end its side.
    virtual void drainSoon(Session& session) = 0;
    // Session::verified().
    virtual void verify(Session& session, const std::string& sha256) = 0;
    // Session::passwordChecked().
    virtual void checkPassword(Session& session, std::string password) = 0;
    // The end of the session, after this turn.
    virtual void died(Session& session) = 0;

    // ---- limits
    // Why it may not come in; null: it may.
    virtual const Error* whyUnwelcome(SessionId id) const = 0;
    virtual RateLimiter& rateLimiterOf(SessionId id) = 0;
    virtual void weighed(Session& session, Weight weight) = 0;
    // Uploads of this session should wait for the disk.
    virtual bool isTight(const Session& session) const = 0;

    // ---- dialogues
    // One at rest; null: there is none.
    virtual std::unique_ptr<BoundDialogue> takeDialogue(Dialect dialect) = 0;
    // It is at rest again, and may serve another session.
    virtual void release(std::unique_ptr<BoundDialogue> dialogue) = 0;

  protected:
    ~SessionHost() = default;
};

}  // namespace netchat::serve
