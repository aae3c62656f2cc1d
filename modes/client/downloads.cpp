#include "modes/client/downloads.h"

#include <utility>

namespace netchat::client {

namespace {

// A server may announce more than anybody can fetch; each costs its name here.
constexpr size_t kQueueMax = 10'000;

}  // namespace

void Downloads::want(const Event& file) {
    if (queue_.size() >= kQueueMax) {
        Event event = file;
        event.kind = EventKind::FileFailed;
        event.code = errorName(ErrorCode::TooMany);
        event.text = "too many files wait to be fetched; get it again later";
        return sink_.onEvent(event);
    }
    queue_.push_back({std::string(file.room), std::string(file.from), std::string(file.name),
                      std::string(file.sha256), file.size});
}

void Downloads::open() {
    state_ = State::Waiting;
    advance();
}

void Downloads::advance() {
    while (state_ == State::Waiting && port_.open() && !queue_.empty()) begin();
}

void Downloads::begin() {
    const Wanted& wanted = queue_.front();
    if (!file_) {
        auto file = IncomingFile::create(folder_, wanted.name, wanted.size);
        if (!file) return fail(errorName(file.error().code), file.error().text);
        file_ = std::move(*file);
        progress_ = Progress(wanted.size);
    }
    if (file_->received() == wanted.size) return finish();
    state_ = State::Fetching;
    port_.get(wanted.sha256, file_->received());
}

void Downloads::chunk(std::string_view sha256, uint64_t off, std::string_view bytes) {
    // What a server still sends of a download that was given up here is read past.
    if (state_ != State::Fetching || queue_.front().sha256 != sha256) return;
    auto status =
        off == file_->received()
            ? file_->write(bytes)
            : Status(Error{ErrorCode::BadOffset,
                           "the server sent bytes from " + std::to_string(off) + " where " +
                               std::to_string(file_->received()) + " was due"});
    if (!status) {
        port_.cancelDownload(sha256);
        fail(errorName(status.error().code), status.error().text);
        return advance();
    }
    if (progress_.isDue(file_->received())) {
        Event event = eventOf(queue_.front(), EventKind::Progress);
        event.done = file_->received();
        sink_.onEvent(event);
    }
    // The listener may have ended the connection.
    if (state_ != State::Fetching || file_->received() < file_->size()) return;
    finish();
    advance();
}

bool Downloads::refused(const Event& refusal) {
    if (state_ != State::Fetching || queue_.front().sha256 != refusal.sha256) return false;
    fail(refusal.code, refusal.text);
    advance();
    return true;
}

void Downloads::finish() {
    auto placed = file_->place(queue_.front().sha256);
    if (!placed) return fail(errorName(placed.error().code), placed.error().text);
    file_.reset();
    const Wanted wanted = std::move(queue_.front());
    queue_.pop_front();
    state_ = State::Waiting;
    Event event = eventOf(wanted, EventKind::FileReceived);
    event.path = placed->path;
    sink_.onEvent(event);
}

void Downloads::fail(std::string_view code, std::string_view text) {
    file_.reset();
    const Wanted wanted = std::move(queue_.front());
    queue_.pop_front();
    state_ = State::Waiting;
    Event event = eventOf(wanted, EventKind::FileFailed);
    event.code = code;
    event.text = text;
    sink_.onEvent(event);
}

Event Downloads::eventOf(const Wanted& wanted, EventKind kind) const {
    return {.kind = kind,
            .room = wanted.room,
            .from = wanted.from,
            .name = wanted.name,
            .sha256 = wanted.sha256,
            .size = wanted.size};
}

}  // namespace netchat::client
