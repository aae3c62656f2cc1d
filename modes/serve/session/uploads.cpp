#include "modes/serve/session/uploads.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

namespace netchat::serve {

Uploads::~Uploads() {
    for (auto& [number, upload] : uploads_) {
        write(upload);
        store_.suspend(upload.storeId);
    }
}

Upload& Uploads::begin(Upload upload) {
    const uint64_t number = ++lastNumber_;
    upload.number = number;
    Upload& kept = uploads_.emplace(number, std::move(upload)).first->second;
    kept.storeId = store_.begin(
        kept.size, kept.sha256, kept.owner,
        [number, deliver = deliver_](const Result<uint64_t>& at) {
            StoreAnswer answer{StoreAnswer::Kind::Begun, number, std::string(), at ? *at : 0};
            if (!at) answer.result = at.error();
            deliver(std::move(answer));
        });
    return kept;
}

Upload* Uploads::find(uint64_t number) {
    const auto it = uploads_.find(number);
    return it == uploads_.end() ? nullptr : &it->second;
}

void Uploads::add(Upload& upload, std::string_view bytes) {
    assert(upload.received + bytes.size() <= upload.size);
    if (upload.buffer.empty()) {
        // What one write takes at once: no piece is copied again as it grows.
        const uint64_t left = upload.size - upload.received;
        upload.buffer.reserve(
            std::max<size_t>(bytes.size(), std::min<uint64_t>(left, writeBytes_)));
    }
    upload.received += bytes.size();
    upload.buffer.append(bytes);
    const bool whole = upload.received == upload.size;
    if (upload.buffer.size() >= writeBytes_ || whole) write(upload);
    if (whole) finish(upload);
}

void Uploads::write(Upload& upload) {
    if (upload.buffer.empty()) return;
    const size_t size = upload.buffer.size();
    upload.unwritten += size;
    store_.write(upload.storeId, std::exchange(upload.buffer, {}),
                 [number = upload.number, size, deliver = deliver_](const Result<size_t>& result) {
                     StoreAnswer answer{StoreAnswer::Kind::Written, number, std::string(), size};
                     if (!result) answer.result = result.error();
                     deliver(std::move(answer));
                 });
}

void Uploads::finish(Upload& upload) {
    upload.state = Upload::State::Finishing;
    store_.finish(upload.storeId, upload.sha256,
                  [number = upload.number, deliver = deliver_](Result<std::string> result) {
                      deliver({StoreAnswer::Kind::Finished, number, std::move(result), 0});
                  });
}

void Uploads::cancel(uint64_t number) {
    const auto it = uploads_.find(number);
    if (it == uploads_.end()) return;
    store_.abort(it->second.storeId);
    uploads_.erase(it);
}

void Uploads::answered(const StoreAnswer& answer) {
    Upload* found = find(answer.upload);
    if (!found) return;
    if (!answer.result) {
        Upload failed = std::move(*found);
        uploads_.erase(answer.upload);
        owner_.uploadFailed(failed, answer.result.error());
        return;
    }
    switch (answer.kind) {
        case StoreAnswer::Kind::Begun:
            began(*found, answer.bytes);
            break;
        case StoreAnswer::Kind::Written:
            found->unwritten -= static_cast<size_t>(answer.bytes);
            if (found->state == Upload::State::Receiving) {
                owner_.uploadStored(*found,
                                    found->received - found->unwritten - found->buffer.size());
            }
            break;
        case StoreAnswer::Kind::Finished: {
            const Upload done = std::move(*found);
            uploads_.erase(answer.upload);
            owner_.uploadDone(done, *answer.result);
            break;
        }
    }
}

void Uploads::began(Upload& upload, uint64_t at) {
    const uint64_t number = upload.number;
    upload.received += at;
    if (upload.state == Upload::State::Beginning) upload.state = Upload::State::Receiving;
    owner_.uploadAccepted(upload);
    // An empty file is complete as soon as it is accepted, and so is one that was there already.
    Upload* const accepted = find(number);
    if (accepted && accepted->state == Upload::State::Receiving &&
        accepted->received == accepted->size) {
        finish(*accepted);
    }
}

bool Uploads::finishing() const {
    return std::any_of(uploads_.begin(), uploads_.end(),
                       [](const auto& item) { return item.second.received == item.second.size; });
}

bool Uploads::receiving() const {
    return std::any_of(uploads_.begin(), uploads_.end(), [](const auto& item) {
        return item.second.state == Upload::State::Receiving;
    });
}

int64_t Uploads::oldestPartMs() const {
    int64_t oldest = INT64_MAX;
    for (const auto& [number, upload] : uploads_) {
        if (upload.state == Upload::State::Receiving) oldest = std::min(oldest, upload.partMs);
    }
    return oldest;
}

void Uploads::excuse(int64_t nowMs) {
    for (auto& [number, upload] : uploads_) upload.partMs = nowMs;
}

std::vector<Upload> Uploads::cutReceiving(int64_t partMs) {
    std::vector<Upload> cut;
    for (auto it = uploads_.begin(); it != uploads_.end();) {
        if (it->second.state != Upload::State::Receiving || it->second.partMs > partMs) {
            ++it;
            continue;
        }
        write(it->second);
        store_.suspend(it->second.storeId);
        cut.push_back(std::move(it->second));
        it = uploads_.erase(it);
    }
    return cut;
}

bool Uploads::full(bool tight) const {
    const auto isWritten = [](const auto& item) { return item.second.unwritten > 0; };
    if (tight && std::any_of(uploads_.begin(), uploads_.end(), isWritten)) return true;
    return heldBytes() >= limits::kSpoolWindowBytes;
}

size_t Uploads::heldBytes() const {
    size_t bytes = 0;
    for (const auto& [number, upload] : uploads_) {
        bytes += upload.unwritten + upload.buffer.size();
    }
    return bytes;
}

// ---- what always holds

std::string Uploads::checkInvariants() const {
    std::set<store::FileStore::UploadId> storeIds;
    for (const auto& [number, upload] : uploads_) {
        if (auto fault = faultOf(number, upload); !fault.empty()) {
            return "upload " + std::to_string(number) + ": " + fault;
        }
        if (!storeIds.insert(upload.storeId).second) {
            return "upload " + std::to_string(number) + ": another has its number in the store";
        }
    }
    return {};
}

std::string Uploads::faultOf(uint64_t number, const Upload& upload) const {
    if (upload.number != number) return "it is kept under another number";
    if (number > lastNumber_) return "its number was not given yet";
    if (upload.received > upload.size) return "more was received than announced";
    if (upload.unwritten + upload.buffer.size() > upload.received)
        return "more waits for the disk than was received";
    if (upload.buffer.size() >= writeBytes_) return "a whole write waits in its buffer";
    switch (upload.state) {
        case Upload::State::Beginning:
            break;
        case Upload::State::Receiving:
            if (upload.received == upload.size) return "it is whole, and still receiving";
            break;
        case Upload::State::Finishing:
            if (upload.received != upload.size) return "it finishes before it is whole";
            if (!upload.buffer.empty()) return "it finishes before all is with the store";
            break;
    }
    return {};
}

}  // namespace netchat::serve
