#pragma once

// A session as its dialogue sees it. One dialogue at rest is like any other: it is lent to the next
// session that says something, together with its context.

#include <memory>
#include <string>
#include <string_view>

#include "modes/serve/session/dialogue.h"
#include "modes/serve/session/dialogue_context.h"

namespace netchat::serve {

class Session;

// The session's loop only.
class SessionContext final : public DialogueContext {
  public:
    explicit SessionContext(Session& session) : session_(&session) {}
    void serve(Session& session) { session_ = &session; }

    SessionId id() const override;
    UserId user() const override;
    AddressBudget* budget() const override;
    AddressKey address() const override;
    AddressKey hostKey() const override;
    std::string label() const override;
    void setNick(std::string_view nick) override;
    std::string& outbox() override;
    void wantFlush() override;
    void limitUnsent(size_t bytes) override;
    CommandBatch& commands() override;
    void expectOwnEntry() override;
    uint64_t owedFrom(std::string_view room) const override;
    store::FileStore& files() override;
    Uploads::Deliver deliver() override;
    void verify(const std::string& sha256) override;
    void checkPassword(std::string password) override;
    const ShardOptions& options() const override;
    bool limited() const override;
    Status mayAsk(RateLimiter::Action act) override;
    Status mayStore(uint64_t bytes) override;
    void said(size_t bytes) override;
    void stored(size_t bytes) override;
    void looksUp(size_t entries) override;
    bool listens() const override;
    bool paused() const override;
    void answersPings() override;
    void updateReading() override;
    void partPolitely() override;
    void fail(const Error& why) override;
    int64_t nowMs() const override;
    int64_t wallMs() const override;
    Log& log() override;
    Charset& charset() override;

  private:
    Session* session_;
};

struct BoundDialogue {
    explicit BoundDialogue(Session& session) : context(session) {}

    SessionContext context;
    std::unique_ptr<Dialogue> dialogue;  // speaks to the context, and ends before it
};

}  // namespace netchat::serve
