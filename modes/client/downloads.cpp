#include "modes/client/downloads.h"

#include <algorithm>
#include <utility>

#include "protocol/limits.h"

namespace netchat::client {

namespace {

// A server may announce more than anybody can fetch; each costs its name here.
constexpr size_t kQueueMax = 10'000;
// What one `get` asks for: so many fit into the window, so that it never runs dry.
constexpr uint64_t kPartsAhead = 4;

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

void Downloads::connectionEnded() {
    state_ = State::Waiting;
    givenUp_.clear();
}

bool Downloads::advance() {
    while (port_.open() && !queue_.empty() && state_ != State::Fetching) {
        if (state_ == State::Waiting && !begin()) continue;
        if (file_->rehash()) return true;
        asked_ = file_->received();
        if (asked_ == file_->size()) {
            finish();
        } else {
            state_ = State::Fetching;
            ask();
        }
    }
    return false;
}

bool Downloads::begin() {
    const Wanted& wanted = queue_.front();
    if (!file_) {
        auto file = host_.openIncoming(wanted.name, wanted.size, wanted.sha256);
        if (!file) return fail(errorName(file.error().code), file.error().text), false;
        file_ = std::move(*file);
        resumedAt_ = file_->received();
        progress_ = Progress(wanted.size);
    }
    state_ = State::Rehashing;
    return true;
}

// Keeps the window filled by whole parts.
void Downloads::ask() {
    const uint64_t window = std::max<uint64_t>(port_.windowBytes(), kPartsAhead);
    const Wanted& wanted = queue_.front();
    while (asked_ < wanted.size) {
        const uint64_t part = std::min(window / kPartsAhead, wanted.size - asked_);
        if (asked_ + part - file_->received() > window) return;
        port_.get(wanted.sha256, asked_, part);
        asked_ += part;
    }
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
        return void(advance());
    }
    if (progress_.isDue(file_->received())) {
        Event event = eventOf(queue_.front(), EventKind::Progress);
        event.done = file_->received();
        sink_.onEvent(event);
    }
    // The listener may have ended the connection.
    if (state_ != State::Fetching) return;
    if (file_->received() < file_->size()) return ask();
    finish();
    advance();
}

bool Downloads::refused(const Event& refusal) {
    // Each part is refused by itself.
    const bool mine = state_ == State::Fetching && queue_.front().sha256 == refusal.sha256;
    if (!mine) return !givenUp_.empty() && givenUp_ == refusal.sha256;
    fail(refusal.code, refusal.text);
    advance();
    return true;
}

void Downloads::finish() {
    state_ = State::Waiting;
    auto placed = file_->place(queue_.front().sha256);
    if (!placed && resumedAt_ > 0 && !std::exchange(queue_.front().anew, true)) {
        // What was on the disk was not what it seemed: once more, all of it.
        file_->forget();
        return file_.reset();
    }
    if (!placed) return fail(errorName(placed.error().code), placed.error().text);
    file_.reset();
    const Wanted wanted = std::move(queue_.front());
    queue_.pop_front();
    Event event = eventOf(wanted, EventKind::FileReceived);
    event.path = placed->path;
    sink_.onEvent(event);
}

void Downloads::fail(std::string_view code, std::string_view text) {
    if (file_) file_->forget();
    file_.reset();
    const Wanted wanted = std::move(queue_.front());
    queue_.pop_front();
    state_ = State::Waiting;
    givenUp_ = wanted.sha256;
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
