#include "modes/client/uploads.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "protocol/limits.h"

namespace netchat::client {

namespace {

// What is hashed in one turn of the loop: half a millisecond's work.
constexpr uint64_t kHashSliceBytes = 1 * limits::kMiB;
// A server tells what it has stored at least this often.
constexpr uint64_t kStoredEveryBytes = 512 * 1024;

}  // namespace

void Uploads::add(std::string id, std::string_view room, std::string name,
                  std::unique_ptr<Source> file, std::string folder) {
    file->close();  // many may wait; descriptors are few
    const Progress progress(file->size());
    list_.push_back(
        {std::move(id), std::string(room), std::move(name), std::move(file), {}, progress});
    list_.back().folder = std::move(folder);
}

template <class Pred>
Uploads::Place Uploads::find(Pred pred) {
    return std::find_if(list_.begin(), list_.end(), pred);
}

// The first in this state among those whose turn it is.
Uploads::Place Uploads::active(Upload::State state) {
    const auto end = list_.begin() + static_cast<std::ptrdiff_t>(
                                         std::min(list_.size(), limits::kTransfersPerSessionMax));
    const auto found =
        std::find_if(list_.begin(), end, [&](const Upload& u) { return u.state == state; });
    return found == end ? list_.end() : found;
}

// ---- before the connection

bool Uploads::prepare() {
    auto upload = active(Upload::State::Hashing);
    if (upload == list_.end()) {
        if (!startHashing()) return false;
        upload = active(Upload::State::Hashing);
        if (upload == list_.end()) return true;  // it failed; the next may do better
    }
    hashSlice(*upload);
    return active(Upload::State::Hashing) != list_.end() ||
           active(Upload::State::Waiting) != list_.end();
}

bool Uploads::startHashing() {
    const auto upload = active(Upload::State::Waiting);
    if (upload == list_.end()) return false;
    if (auto status = upload->file->reopen(); !status) {
        fail(upload, status.error());
        return true;
    }
    upload->state = Upload::State::Hashing;
    upload->done = 0;
    hash_.hex();  // begins anew
    return true;
}

void Uploads::hashSlice(Upload& upload) {
    const uint64_t size = std::min(kHashSliceBytes, upload.file->size() - upload.done);
    const auto byId = [&](const Upload& other) { return &other == &upload; };
    if (auto status = upload.file->read(upload.done, size, buffer_); !status) {
        return fail(find(byId), status.error());
    }
    hash_.update(buffer_);
    upload.done += size;
    if (upload.done < upload.file->size()) return;
    upload.sha256 = hash_.hex();
    upload.state = Upload::State::Ready;
    if (port_.mayOffer(upload.room)) offer(upload);
}

// ---- with the server

void Uploads::offer(Upload& upload) {
    upload.state = Upload::State::Offered;
    v2::Offer offer;
    offer.room = upload.room, offer.id = upload.id, offer.name = upload.name;
    offer.size = upload.file->size(), offer.sha256 = upload.sha256;
    offer.folder = upload.folder, offer.mtime = upload.file->mtimeMs();
    port_.offer(offer);
}

void Uploads::open() {
    for (Upload& upload : list_) {
        if (upload.state == Upload::State::Ready && port_.mayOffer(upload.room)) offer(upload);
    }
}

void Uploads::roomReady(std::string_view room) {
    for (Upload& upload : list_) {
        const bool due = upload.state == Upload::State::Ready && upload.room == room;
        if (due && port_.mayOffer(room)) offer(upload);
    }
}

void Uploads::accepted(std::string_view id, uint64_t transfer, uint64_t at) {
    const auto upload = find([&](const Upload& u) { return u.id == id; });
    if (upload != list_.end() && upload->state == Upload::State::GivenUp) {
        if (transfer != 0) port_.cancelUpload(transfer);
        return void(list_.erase(upload));
    }
    if (upload == list_.end() || upload->state != Upload::State::Offered) return;
    upload->transfer = transfer;
    if (at > upload->file->size()) {
        return fail(upload,
                    {ErrorCode::BadOffset, "the server requests bytes beyond the end of the file"});
    }
    upload->done = upload->stored = at;
    upload->resumed = at > 0;
    upload->state = at == upload->file->size() ? Upload::State::Sent : Upload::State::Sending;
}

uint64_t Uploads::nextPiece(const Upload& upload) const {
    return std::min(upload.file->size() - upload.done, port_.chunkBytesMax());
}

// Whether the next piece keeps within the window.
bool Uploads::fits(const Upload& upload) const {
    const uint64_t window = std::max(port_.windowBytes(), kStoredEveryBytes);
    return upload.done + nextPiece(upload) - upload.stored <= window;
}

void Uploads::stored(uint64_t transfer, uint64_t off) {
    const auto upload = find([&](const Upload& u) {
        return u.state == Upload::State::Sending && u.transfer == transfer;
    });
    if (upload == list_.end() || off > upload->done) return;
    upload->stored = std::max(upload->stored, off);
}

bool Uploads::produce() {
    if (!port_.open()) return false;
    const auto upload =
        find([&](const Upload& u) { return u.state == Upload::State::Sending && fits(u); });
    if (upload == list_.end()) return false;
    const uint64_t left = upload->file->size() - upload->done;
    const uint64_t size = nextPiece(*upload);
    auto status = upload->file->read(upload->done, size, buffer_);
    if (status && size == left && upload->file->changed()) {
        status = Error{ErrorCode::BadHash, "the file changed while it was being sent"};
    }
    if (!status) {
        fail(upload, status.error());
        return true;
    }
    port_.sendChunk(upload->transfer, upload->done, buffer_);
    upload->done += size;
    if (size == left) upload->state = Upload::State::Sent;
    tellProgress(*upload);
    return true;
}

void Uploads::uploaded(std::string_view id) {
    const auto upload = find([&](const Upload& u) { return u.id == id; });
    if (upload == list_.end()) return;
    const Upload done = std::move(*upload);
    list_.erase(upload);
    if (done.state == Upload::State::GivenUp) return;
    sink_.onEvent(event::Uploaded{.room = done.room,
                                  .id = done.id,
                                  .name = done.name,
                                  .folder = done.folder,
                                  .sha256 = done.sha256,
                                  .size = done.file->size()});
}

bool Uploads::refused(const event::Refused& refusal, uint64_t transfer) {
    const auto upload = find([&](const Upload& u) {
        return refusal.id.empty() ? transfer != 0 && u.transfer == transfer : u.id == refusal.id;
    });
    // What was on its way to a transfer that ended is answered piece by piece.
    const bool late = refusal.re == "data" && refusal.code == errorName(ErrorCode::NoSuchTransfer);
    // One that came back in the log while it was offered again is over, whatever that is answered.
    const bool over = refusal.re == "offer" && !refusal.id.empty();
    if (upload == list_.end()) return late || over;
    if (upload->state == Upload::State::GivenUp) return list_.erase(upload), true;
    if (isForLater(refusal, *upload)) return true;
    const bool badHash = refusal.code == errorName(ErrorCode::BadHash);
    if (badHash && upload->state >= Upload::State::Offered && upload->resumed) {
        // What the server had kept was not the beginning of this: it has dropped it.
        upload->resumed = false;
        upload->transfer = upload->stored = 0;
        upload->state = Upload::State::Ready;
        if (port_.mayOffer(upload->room)) offer(*upload);
        return true;
    }
    const Upload gone = std::move(*upload);
    list_.erase(upload);
    event::Refused told = refusal;
    told.id = gone.id;
    told.room = gone.room;
    told.name = gone.name;
    told.folder = gone.folder;
    told.upload = true;
    sink_.onEvent(told);
    return true;
}

// More offers in a minute than the server takes: a folder of many files is offered bit by bit.
bool Uploads::isForLater(const event::Refused& refusal, Upload& upload) {
    const bool tooFast = refusal.code == errorName(ErrorCode::TooFast) &&
                         refusal.re == v2::Offer::kVerb && upload.state == Upload::State::Offered;
    if (!tooFast) return false;
    upload.state = Upload::State::Ready;
    sink_.onOffersTooFast();
    return true;
}

bool Uploads::offeredAgainIn(std::string_view room) const {
    return std::any_of(list_.begin(), list_.end(), [&](const Upload& upload) {
        return upload.offeredBefore && upload.room == room;
    });
}

bool Uploads::isSentIn(std::string_view room) const {
    return std::any_of(list_.begin(), list_.end(), [&](const Upload& upload) {
        return upload.state == Upload::State::Sent && upload.room == room;
    });
}

void Uploads::connectionEnded() {
    std::erase_if(list_, [](const Upload& u) { return u.state == Upload::State::GivenUp; });
    for (Upload& upload : list_) {
        if (upload.state < Upload::State::Offered) continue;
        upload.offeredBefore = true;
        upload.unsure = upload.unsure || upload.state == Upload::State::Sent;
        upload.state = Upload::State::Ready;
        upload.transfer = 0;
    }
}

void Uploads::forgotten() {
    std::vector<std::string> unsure;
    for (const Upload& upload : list_) {
        if (upload.unsure) unsure.push_back(upload.id);
    }
    for (const std::string& id : unsure) {
        refused({.id = id,
                 .text = "the server no longer knows this user; the file may not have arrived",
                 .code = "unsure",
                 .re = "offer"},
                0);
    }
}

void Uploads::fail(Place place, const Error& error) {
    if (place->transfer != 0) port_.cancelUpload(place->transfer);
    place->resumed = false;
    refused({.id = place->id, .text = error.text, .code = errorName(error.code), .re = "offer"}, 0);
}

void Uploads::tellProgress(Upload& upload) {
    if (!upload.progress.isDue(upload.done)) return;
    const Transfer told = transferOf(upload);  // who is told may give it up
    sink_.onEvent(event::Progress{.room = told.room,
                                  .id = told.id,
                                  .name = told.name,
                                  .sha256 = told.sha256,
                                  .size = told.size,
                                  .done = told.done,
                                  .upload = true});
}

// ---- what the user sees and takes back

void Uploads::list(Transfers& out) const {
    size_t count = 0;
    for (const Upload& upload : list_) {
        if (upload.state == Upload::State::GivenUp) continue;
        if (++count <= Transfers::kListedMax) out.all.push_back(transferOf(upload));
    }
    out.total += count;
}

Transfer Uploads::transferOf(const Upload& upload) {
    const bool hashing = upload.state == Upload::State::Hashing;
    const bool moving =
        upload.state == Upload::State::Sending || upload.state == Upload::State::Sent;
    return {.upload = true,
            .id = upload.id,
            .sha256 = upload.sha256,
            .room = upload.room,
            .name = upload.name,
            .done = hashing || moving ? upload.done : upload.stored,
            .size = upload.file->size(),
            .state = hashing  ? Transfer::State::Hashing
                     : moving ? Transfer::State::Moving
                              : Transfer::State::Waiting};
}

// Of what was sent whole the room's log tells, be it on this connection or after an earlier one.
bool Uploads::mayCancel(const Upload& upload) {
    if (upload.state == Upload::State::Sending) return true;
    return upload.state < Upload::State::Sending && !upload.unsure;
}

bool Uploads::cancel(std::string_view id) {
    const auto upload = find([&](const Upload& u) { return u.id == id; });
    if (upload == list_.end() || !mayCancel(*upload)) return false;
    const Transfer told = transferOf(*upload);
    if (upload->state == Upload::State::Offered) {
        upload->state = Upload::State::GivenUp;
        upload->file.reset();
    } else {
        if (upload->state == Upload::State::Sending) port_.cancelUpload(upload->transfer);
        list_.erase(upload);
    }
    sink_.onEvent(event::Refused{.room = told.room,
                                 .id = told.id,
                                 .text = kCancelledText,
                                 .name = told.name,
                                 .code = kCancelled,
                                 .re = "offer",
                                 .upload = true});
    return true;
}

}  // namespace netchat::client
