#pragma once

// What a dialogue knows of the session that it speaks for, and of all that is around it: who the
// peer is, where answers and commands go, and what the limits allow. It knows neither sessions nor
// shards.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "modes/serve/base/ids.h"
#include "modes/serve/base/log.h"
#include "modes/serve/hub/commands.h"
#include "modes/serve/limits/address_budget.h"
#include "modes/serve/limits/address_key.h"
#include "modes/serve/limits/rate_limiter.h"
#include "modes/serve/session/shard_options.h"
#include "modes/serve/session/uploads.h"
#include "modes/store/file_store.h"
#include "protocol/charset.h"
#include "protocol/result.h"

namespace netchat::serve {

// The session's loop only.
class DialogueContext {
  public:
    // ---- who speaks
    virtual SessionId id() const = 0;
    virtual UserId user() const = 0;  // 0: the hub does not know it yet
    // What its address may take (null: it is not counted), by what the hub and the store know the
    // address, and by what they know it even where it is not counted.
    virtual AddressBudget* budget() const = 0;
    virtual AddressKey address() const = 0;
    virtual AddressKey hostKey() const = 0;
    // Its address and nick, for logs.
    virtual std::string label() const = 0;
    virtual void setNick(std::string_view nick) = 0;

    // ---- to the peer
    // Whole frames that are appended to it are sent, once wantFlush() was called.
    virtual std::string& outbox() = 0;
    // Something is to be sent: an answer, or the next piece of a file.
    virtual void wantFlush() = 0;
    // So little may wait in the kernel that chat overtakes files.
    virtual void limitUnsent(size_t bytes) = 0;

    // ---- to the hub
    virtual CommandBatch& commands() = 0;
    template <class C>
    void ask(C command) {
        commands().commands.push_back(std::move(command));
    }
    std::string_view keep(std::string_view text) { return commands().arena.keep(text); }
    // An entry was sent to the hub that will not come back to this session.
    virtual void expectOwnEntry() = 0;
    // The first entry of the room that comes by itself, now or later; the highest number where it
    // is not in the room.
    virtual uint64_t owedFrom(std::string_view room) const = 0;

    // ---- to the store, and to others that answer later
    virtual store::FileStore& files() = 0;
    virtual Uploads::Deliver deliver() = 0;
    // Dialogue::verified() follows.
    virtual void verify(const std::string& sha256) = 0;
    // Dialogue::passwordGood() follows, or the end.
    virtual void checkPassword(std::string password) = 0;

    // ---- limits
    virtual const ShardOptions& options() const = 0;
    // Rates and quotas are for this one.
    virtual bool limited() const = 0;
    // TooFast; NoRoom.
    virtual Status mayAsk(RateLimiter::Action act) = 0;
    virtual Status mayStore(uint64_t bytes) = 0;
    // A message of so many bytes was taken; what follows it may have to wait: paused().
    virtual void said(size_t bytes) = 0;
    // So many bytes of a file have come.
    virtual void stored(size_t bytes) = 0;
    // What it asks for is read from so many entries; what follows may have to wait, as said().
    virtual void looksUp(size_t entries) = 0;

    // ---- the session's state
    // What has been read is still acted on.
    virtual bool listens() const = 0;
    virtual bool paused() const = 0;
    // Its peer is one that answers when it is asked for a sign of life.
    virtual void answersPings() = 0;
    // Reading stops while the disk is behind or the dialogue must wait.
    virtual void updateReading() = 0;
    // The user is leaving: what was asked before is done first.
    virtual void partPolitely() = 0;
    // Ends the session: Dialogue::farewell() says why, then listens() is false.
    virtual void fail(const Error& why) = 0;

    // ---- around it
    virtual int64_t nowMs() const = 0;
    virtual int64_t wallMs() const = 0;
    virtual Log& log() = 0;
    virtual Charset& charset() = 0;

  protected:
    ~DialogueContext() = default;
};

}  // namespace netchat::serve
