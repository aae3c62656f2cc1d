#include "modes/connect/progress_text.h"

#include "protocol/size_text.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

uint64_t partsOf(uint64_t done, uint64_t size, uint64_t parts) {
    if (size == 0) return parts;
    // In floating point: done * 100 of a large file would overflow.
    return static_cast<uint64_t>(static_cast<double>(done) / static_cast<double>(size) *
                                 static_cast<double>(parts));
}

std::string amountOf(const char* what, std::string_view name, uint64_t done, uint64_t size) {
    return what + (" " + neutralised(name)) + ": " + std::to_string(partsOf(done, size, 100)) +
           " % of " + sizeText(size);
}

const char* direction(bool upload) {
    return upload ? "sending" : "receiving";
}

}  // namespace

std::string progressText(const client::event::Progress& progress) {
    return amountOf(direction(progress.upload), progress.name, progress.done, progress.size);
}

std::string progressText(const client::Transfer& transfer) {
    const bool hashing = transfer.state == client::Transfer::State::Hashing;
    // What an earlier time left of a download is hashed as well, but for its reader it waits.
    const bool waits =
        transfer.state == client::Transfer::State::Waiting || (hashing && !transfer.upload);
    const char* what = hashing && transfer.upload ? "hashing" : direction(transfer.upload);
    return amountOf(what, transfer.name, transfer.done, transfer.size) + (waits ? ", waiting" : "");
}

std::string ProgressSteps::keyOf(bool upload, std::string_view id, std::string_view sha256) {
    return (upload ? "up " : "down ") + std::string(id.empty() ? sha256 : id);
}

bool ProgressSteps::isDue(const client::event::Progress& progress) {
    const std::string key = keyOf(progress.upload, progress.id, progress.sha256);
    if (progress.done >= progress.size) {
        tenths_.erase(key);
        return false;
    }
    const uint64_t tenth = partsOf(progress.done, progress.size, 10);
    uint64_t& last = tenths_[key];
    if (tenth <= last) return false;
    last = tenth;
    return true;
}

}  // namespace netchat::connect
