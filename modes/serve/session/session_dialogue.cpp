// A session's side of its dialogue: what the dialogue may know and do of it.

#include <utility>

#include "modes/serve/limits/network.h"
#include "modes/serve/session/classic_dialogue.h"
#include "modes/serve/session/session.h"
#include "modes/serve/session/session_context.h"
#include "modes/serve/session/session_host.h"
#include "modes/serve/session/v2_dialogue.h"

namespace netchat::serve {

// ---- there only while it is of use

void Session::beginDialogue(Guess dialect) {
    bound_ = std::make_unique<BoundDialogue>(*this);
    SessionContext& context = bound_->context;
    if (dialect == Guess::V2) {
        outgoing_.setDialect(Dialect::V2);
        bound_->dialogue = std::make_unique<V2Dialogue>(context, V2Dialogue::Begin::Silent);
    } else {
        using Begin = ClassicDialogue::Begin;
        bound_->dialogue = std::make_unique<ClassicDialogue>(context, Begin::Nameless);
    }
}

Dialogue& Session::dialogue() {
    if (!bound_) takeDialogue();
    return spoken();
}

Dialogue& Session::spoken() const {
    return *bound_->dialogue;
}

// Of one who has greeted.
void Session::takeDialogue() {
    bound_ = host_.takeDialogue(dialect());
    if (bound_) return bound_->context.serve(*this);
    bound_ = std::make_unique<BoundDialogue>(*this);
    SessionContext& context = bound_->context;
    if (dialect() == Dialect::V2) {
        bound_->dialogue = std::make_unique<V2Dialogue>(context, V2Dialogue::Begin::Greeted);
    } else {
        using Begin = ClassicDialogue::Begin;
        bound_->dialogue = std::make_unique<ClassicDialogue>(context, Begin::Named);
    }
}

// ---- as the dialogue sees it

SessionId SessionContext::id() const {
    return session_->id_;
}

UserId SessionContext::user() const {
    return session_->user_;
}

AddressBudget* SessionContext::budget() const {
    return session_->budget();
}

AddressKey SessionContext::address() const {
    return session_->address();
}

AddressKey SessionContext::hostKey() const {
    return hostKeyOf(session_->transport_.peer());
}

std::string SessionContext::label() const {
    return session_->label();
}

void SessionContext::setNick(std::string_view nick) {
    session_->setNick(nick);
}

std::string& SessionContext::outbox() {
    return session_->outgoing_.outbox();
}

void SessionContext::wantFlush() {
    session_->host_.wantFlush(*session_);
}

void SessionContext::limitUnsent(size_t bytes) {
    session_->transport_.limitUnsent(bytes);
}

CommandBatch& SessionContext::commands() {
    return session_->host_.commands();
}

void SessionContext::expectOwnEntry() {
    session_->outgoing_.expectOwnEntry();
}

uint64_t SessionContext::owedFrom(std::string_view room) const {
    return session_->outgoing_.owedFrom(room);
}

store::FileStore& SessionContext::files() {
    return session_->host_.files();
}

Uploads::Deliver SessionContext::deliver() {
    return session_->host_.deliverTo(session_->id_);
}

void SessionContext::verify(const std::string& sha256) {
    session_->host_.verify(*session_, sha256);
}

void SessionContext::checkPassword(std::string password) {
    session_->host_.checkPassword(*session_, std::move(password));
}

const ShardOptions& SessionContext::options() const {
    return session_->host_.options();
}

bool SessionContext::limited() const {
    return session_->limited();
}

Status SessionContext::mayAsk(RateLimiter::Action act) {
    return session_->mayAsk(act);
}

Status SessionContext::mayStore(uint64_t bytes) {
    return session_->mayStore(bytes);
}

void SessionContext::said(size_t bytes) {
    session_->said(bytes);
}

void SessionContext::stored(size_t bytes) {
    session_->stored(bytes);
}

void SessionContext::looksUp(size_t entries) {
    session_->looksUp(entries);
}

bool SessionContext::listens() const {
    return session_->listens();
}

bool SessionContext::paused() const {
    return session_->paused();
}

void SessionContext::answersPings() {
    session_->keepalive_.answers = 1;
}

void SessionContext::updateReading() {
    session_->updateReading();
}

void SessionContext::partPolitely() {
    session_->partPolitely();
}

void SessionContext::fail(const Error& why) {
    session_->fail(why);
}

int64_t SessionContext::nowMs() const {
    return session_->host_.nowMs();
}

int64_t SessionContext::wallMs() const {
    return session_->host_.wallMs();
}

Log& SessionContext::log() {
    return session_->host_.log();
}

Charset& SessionContext::charset() {
    return session_->host_.charset();
}

}  // namespace netchat::serve
