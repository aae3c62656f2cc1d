#include "harness/bench/file_drop.h"

#include <algorithm>

#include "modes/client/sha256.h"
#include "protocol/limits.h"

namespace netchat::harness {

FileDrop::FileDrop(uint64_t bytes) : content_(static_cast<size_t>(bytes), '\0') {
    for (size_t i = 0; i < content_.size(); ++i) content_[i] = static_cast<char>(i * 7 + i / 256);
}

void FileDrop::offer(Member& sender) {
    const std::string number = std::to_string(++number_);
    const bool classic = sender.plan().dialect == Dialect::Classic;
    const size_t digits = classic ? 0 : std::min(number.size(), content_.size());
    content_.replace(0, digits, number, 0, digits);
    sent_ = 0;
    client::Sha256 hash;
    if (!classic) hash.update(content_);
    sender.offer("bench" + number + ".bin", content_.size(), classic ? "" : hash.hex());
    sending_ = classic;  // v2: when it is accepted
    sender.flush();
}

void FileDrop::accepted(Member& sender, uint64_t transfer) {
    transfer_ = transfer;
    sending_ = true;
    sendPart(sender);
}

void FileDrop::drained(Member& sender) {
    if (sending_) sendPart(sender);
}

void FileDrop::sendPart(Member& sender) {
    if (sent_ == content_.size()) {
        sending_ = false;
        return;
    }
    const auto part = std::string_view(content_).substr(sent_, limits::kPieceBytes);
    sender.sendChunk(transfer_, sent_, part);
    sent_ += part.size();
    sender.flushSoon();
}

bool FileDrop::matches(uint64_t left, std::string_view bytes) const {
    if (bytes.size() > left || left > content_.size()) return false;
    return content_.compare(content_.size() - left, bytes.size(), bytes) == 0;
}

}  // namespace netchat::harness
