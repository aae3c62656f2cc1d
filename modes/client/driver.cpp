#include "modes/client/driver.h"

#include <utility>

#include "protocol/names.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

constexpr int64_t kByeTimeoutMs = 5'000;         // from the last byte written to the server's end
constexpr int64_t kClassicEndTimeoutMs = 2'000;  // the original takes a moment to notice an end
// Chunks behind chat: what the kernel holds unsent is what chat waits for.
constexpr size_t kUnsentBytesMax = 2 * limits::kPieceBytes;
// What one client sends before the loop serves others.
constexpr int kChunksPerTurn = 16;

}  // namespace

// ---- turns

void Driver::schedule() {
    if (scheduled_) return;
    scheduled_ = true;
    host_.post([this, alive = std::weak_ptr<char>(alive_)] {
        if (!alive.expired()) turn();
    });
}

void Driver::turn() {
    scheduled_ = false;
    tellDeferred();
    if (phase_ == Phase::Wanted) makeConnection();
    if (uploads_.prepare()) schedule();
    if (v2_ && v2_->downloads.advance()) schedule();
    flush();
}

void Driver::tellDeferred() {
    for (StoredEvent& event : std::exchange(deferred_, {})) listener_.onEvent(event.get());
}

void Driver::onEvent(const Event& event) {
    if (event.kind == EventKind::Disconnected) closeConnection();
    if (event.kind == EventKind::Connected && !session_.leaving()) host_.cancel(limit_);
    // An upload that is over makes room for the next.
    if (event.kind == EventKind::Uploaded || event.kind == EventKind::Refused) schedule();
    if (verbDepth_ > 0) {
        deferred_.emplace_back(event);
        return schedule();
    }
    tellDeferred();
    listener_.onEvent(event);
}

void Driver::onOpen() {
    if (v2_) v2_->downloads.open();
}

// ---- the connection

void Driver::start() {
    if (auto status = checkOptions(options_); !status) {
        return session_.cut(errorName(status.error().code), status.error().text);
    }
    connect();
}

void Driver::connect() {
    if (phase_ != Phase::Idle) disconnect();
    phase_ = Phase::Wanted;
}

void Driver::makeConnection() {
    phase_ = Phase::Connecting;
    link_ = host_.connect(options_.server, options_.connectTimeoutMs, *this);
}

void Driver::onConnected() {
    phase_ = Phase::Up;
    if (v2_) link_->limitUnsent(kUnsentBytesMax);
    limit(options_.connectTimeoutMs, "timeout",
          "the server did not answer the greeting (a classic server needs --classic)");
    session_.connectionMade();
    flush();
}

void Driver::closeConnection() {
    host_.cancel(std::exchange(limit_, 0));
    link_.reset();
    phase_ = Phase::Idle;
    uploads_.connectionEnded();
    if (v2_) v2_->downloads.connectionEnded();
    if (classic_) classic_->downloads.connectionEnded();
}

// Cuts the connection unless what is waited for happens in time.
void Driver::limit(int64_t ms, std::string code, std::string text) {
    host_.cancel(limit_);
    limit_ = host_.after(ms, [this, code = std::move(code), text = std::move(text)] {
        limit_ = 0;
        session_.cut(code, text);
    });
}

void Driver::disconnect() {
    if (phase_ == Phase::Idle) return;
    session_.cut("", "cut by this side");
}

void Driver::bye() {
    if (phase_ == Phase::Idle) return session_.cut("", "");
    session_.bye();
    limit(kByeTimeoutMs, "", "");
}

void Driver::onBytes(std::string_view bytes) {
    session_.receive(bytes, host_.nowMs());
    if (v2_ && v2_->downloads.advance()) schedule();
    flush();
}

// ---- output: chat first, then files, as long as the kernel has room

void Driver::flush() {
    for (int chunks = 0; link_ && phase_ == Phase::Up; ++chunks) {
        // The original reads a file with one recv(): its name and bytes leave together.
        const size_t waiting = session_.output().size();
        if (classic_ && waiting > 0 && waiting < limits::kMiB) uploads_.produce();
        if (!writeOutput() || !link_) return;
        if (chunks == kChunksPerTurn) return schedule();
        if (!uploads_.produce()) break;
    }
    endIfDone();
}

// False when the kernel is full: onWritable() follows.
bool Driver::writeOutput() {
    while (link_ && !session_.output().empty()) {
        const std::string_view output = session_.output();
        const iovec piece{const_cast<char*>(output.data()), output.size()};
        const size_t size = link_->write({&piece, 1});
        const bool full = size < output.size();
        if (size > 0 && session_.leaving()) limit(kByeTimeoutMs, "", "");
        session_.written(size);
        if (full) return false;
    }
    return true;
}

void Driver::endIfDone() {
    if (phase_ != Phase::Up || !link_ || !session_.endsAfterOutput()) return;
    phase_ = Phase::Ending;
    link_->shutdownWrite();
    limit(kClassicEndTimeoutMs, "", "");
}

// ---- verbs

Result<std::string> Driver::upload(std::string_view room, const std::filesystem::path& path) {
    if (auto status = checkRoom(room); !status) return status.error();
    if (classic_ && room != kLobby) {
        return Error{ErrorCode::BadRoom, "the classic dialect has one room only: lobby"};
    }
    auto file = host_.openSource(path);
    if (!file) return file.error();
    const uint64_t most = session_.fileBytesMax();
    if (most != 0 && (*file)->size() > most) {
        return Error{ErrorCode::TooLarge,
                     forLog(path.native(), 200) + " has " + std::to_string((*file)->size()) +
                         " bytes; the server takes at most " + std::to_string(most)};
    }
    const std::string id = nextId();
    uploads_.add(id, room, safeFileName(path.filename().native()), std::move(*file));
    return id;
}

void Driver::get(std::string_view sha256, std::string_view name, uint64_t size) {
    if (classic_) return classic_->session.get(sha256);
    if (auto status = checkSha256(sha256); !status) {
        return onEvent({.kind = EventKind::Refused,
                        .text = status.error().text,
                        .name = name,
                        .sha256 = sha256,
                        .code = errorName(status.error().code),
                        .re = "get"});
    }
    v2_->downloads.want({.kind = EventKind::File, .name = name, .sha256 = sha256, .size = size});
}

bool Driver::idle() const {
    const size_t downloads = v2_ ? v2_->downloads.pending() : classic_->downloads.pending();
    return session_.idle() && uploads_.pending() == 0 && downloads == 0 && deferred_.empty();
}

}  // namespace netchat::client
