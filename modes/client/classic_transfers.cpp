#include "modes/client/classic_transfers.h"

#include <algorithm>
#include <utility>

#include "protocol/limits.h"
#include "protocol/names.h"

namespace netchat::client {

namespace {

// The original reads a file with one recv(): the more of it leaves at once, the more arrives.
constexpr uint64_t kChunkBytes = 1 * limits::kMiB;

}  // namespace

// ---- outwards

void ClassicUploads::add(std::string id, std::string_view room, std::string name,
                         std::unique_ptr<Source> file, std::string) {
    const uint64_t size = file->size();
    file->close();
    if (room == kLobby) list_.push_back({id, name, std::move(file), Progress(size)});
    session_.upload(id, room, name, size);
}

bool ClassicUploads::produce() {
    const std::string_view due = session_.dueFile();
    if (due.empty()) return false;
    // Those before it were refused.
    while (!list_.empty() && list_.front().id != due) list_.pop_front();
    if (list_.empty()) return false;
    Upload& upload = list_.front();
    auto status = upload.file->reopen();
    const uint64_t left = upload.file->size() - upload.done;
    const uint64_t size = std::min(left, kChunkBytes);
    if (status) status = upload.file->read(upload.done, size, buffer_);
    if (status && size == left && upload.file->changed()) {
        status = Error{ErrorCode::BadHash, "the file changed while it was being sent"};
    }
    if (!status) {
        giveUp(status.error());
        return false;
    }
    if (upload.done == 0) hash_.hex();  // begins anew
    hash_.update(buffer_);
    session_.fileBytes(buffer_);
    upload.done += size;
    if (upload.progress.isDue(upload.done)) {
        const std::string id = upload.id, name = upload.name;  // who is told may give others up
        sink_.onEvent(event::Progress{.room = kLobby,
                                      .id = id,
                                      .name = name,
                                      .size = upload.file->size(),
                                      .done = upload.done,
                                      .upload = true});
    }
    // The listener may have ended the connection, and this upload with it.
    if (size < left || session_.dueFile().empty()) return true;
    list_.pop_front();
    session_.fileEnd(hash_.hex());
    return true;
}

// The bytes promised cannot be delivered, and the dialect has no way to say so but to end.
void ClassicUploads::giveUp(const Error& error) {
    session_.cut(errorName(error.code), error.text);
}

void ClassicUploads::connectionEnded() {
    if (!list_.empty() && list_.front().done > 0) list_.pop_front();
}

void ClassicUploads::list(Transfers& out) const {
    size_t count = 0;
    session_.eachFile([&](const ClassicSession::FileOut& file) {
        if (++count > Transfers::kListedMax) return;
        out.all.push_back(
            {.upload = true,
             .id = std::string(file.id),
             .room = std::string(kLobby),
             .name = std::string(file.name),
             .done = file.done,
             .size = file.size,
             .state = file.begun ? Transfer::State::Moving : Transfer::State::Waiting});
    });
    out.total += count;
}

bool ClassicUploads::cancel(std::string_view id) {
    if (!session_.withdraw(id)) return false;
    const auto found = std::find_if(list_.begin(), list_.end(),
                                    [&](const Upload& upload) { return upload.id == id; });
    if (found == list_.end()) return false;
    const std::string name = std::move(found->name);
    list_.erase(found);
    sink_.onEvent(event::Refused{.room = kLobby,
                                 .id = id,
                                 .text = kCancelledText,
                                 .name = name,
                                 .code = kCancelled,
                                 .re = "offer",
                                 .upload = true});
    return true;
}

// ---- inwards

void ClassicDownloads::begin(std::string_view from, std::string_view name, uint64_t size) {
    current_.emplace(Coming{std::string(from), std::string(name), size, Progress(size), nullptr});
    if (receives_) open(*current_);
}

void ClassicDownloads::open(Coming& incoming) {
    const auto verdict = budget_.take(fileOf(incoming));
    if (verdict == FetchBudget::Verdict::TooLarge) {
        incoming.error = Error{ErrorCode::TooLarge,
                               "it has " + std::to_string(incoming.size) + " bytes; at most " +
                                   std::to_string(fileBytesMax_) + " are accepted"};
        return;
    }
    if (verdict != FetchBudget::Verdict::Fetched) {
        incoming.error = Error{ErrorCode::TooLarge, std::string(FetchBudget::reason(verdict))};
        return;
    }
    auto file = host_.openIncoming({.name = incoming.name, .size = incoming.size});
    if (file) {
        incoming.file = std::move(*file);
    } else {
        incoming.error = file.error();
    }
}

void ClassicDownloads::bytes(std::string_view bytes) {
    if (current_) current_->came += bytes.size();
    if (!current_ || !current_->file) return;
    if (auto status = current_->file->write(bytes); !status) {
        current_->error = status.error();
        current_->file.reset();
        return;
    }
    if (!current_->progress.isDue(current_->file->received())) return;
    const Coming told = textsOf(*current_);
    sink_.onEvent(event::Progress{.room = kLobby,
                                  .from = told.from,
                                  .name = told.name,
                                  .size = told.size,
                                  .done = current_->file->received()});
}

void ClassicDownloads::end(int64_t time) {
    if (!current_) return;
    const Coming incoming = std::move(*current_);
    current_.reset();
    if (incoming.over) return;
    std::optional<Error> error = incoming.error;
    Incoming::Placed placed;
    if (incoming.file) {
        auto result = incoming.file->place();
        result ? void(placed = std::move(*result)) : void(error = result.error());
    }
    event::File file = fileOf(incoming);
    file.sha256 = placed.sha256;
    file.time = time;
    file.fetching = receives_;
    if (!receives_) file.text = kNoFolderText;
    sink_.onEvent(file);
    if (!receives_) return;
    if (error) return tellFailed(incoming, errorName(error->code), error->text);
    sink_.onEvent(event::FileReceived{.room = kLobby,
                                      .from = incoming.from,
                                      .name = incoming.name,
                                      .path = placed.path,
                                      .sha256 = placed.sha256,
                                      .size = incoming.size,
                                      .time = time,
                                      .again = placed.wasThere});
}

void ClassicDownloads::connectionEnded() {
    if (!current_) return;
    const Coming incoming = std::move(*current_);
    current_.reset();
    if (incoming.over) return;
    tellFailed(incoming, "lost", "the connection ended in the middle of the file");
}

void ClassicDownloads::list(Transfers& out) const {
    if (!isUnderWay()) return;
    ++out.total;
    out.all.push_back({.room = std::string(kLobby),
                       .name = current_->name,
                       .done = current_->came,
                       .size = current_->size,
                       .state = Transfer::State::Moving});
}

bool ClassicDownloads::cancel(std::string_view name) {
    if (!isUnderWay() || current_->name != name) return false;
    current_->over = true;
    if (current_->file) current_->file->forget();
    current_->file.reset();
    const Coming told = textsOf(*current_);
    sink_.onEvent(fileOf(told));
    tellFailed(told, kCancelled, kCancelledText);
    return true;
}

event::File ClassicDownloads::fileOf(const Coming& incoming) const {
    return {.room = kLobby, .from = incoming.from, .name = incoming.name, .size = incoming.size};
}

// For events whose listener may end the connection, and the file with it.
ClassicDownloads::Coming ClassicDownloads::textsOf(const Coming& incoming) {
    return {incoming.from, incoming.name, incoming.size, incoming.progress, nullptr};
}

void ClassicDownloads::tellFailed(const Coming& incoming, std::string_view code,
                                  std::string_view text) {
    sink_.onEvent(event::FileFailed{.room = kLobby,
                                    .from = incoming.from,
                                    .text = text,
                                    .name = incoming.name,
                                    .code = code,
                                    .size = incoming.size});
}

}  // namespace netchat::client
