#include "modes/serve/session/tail.h"

#include <algorithm>

namespace netchat::serve {

void Tail::goesTo(uint64_t seq) {
    if (seq <= lastSeq_) return;
    bool owed = false;
    for (size_t d = 0; d < kDialects; ++d) {
        owed = owed || std::any_of(subscriptions_[d].begin(), subscriptions_[d].end(),
                                   [end = end_[d]](const Subscription& subscription) {
                                       return subscription.at < end;
                                   });
    }
    if (!owed) clear();
    lastSeq_ = seq;
}

void Tail::add(std::shared_ptr<const Publication> publication) {
    const auto& items = publication->items;
    const auto entry =
        std::find_if(items.begin(), items.end(), [](const Item& item) { return item.seq > 0; });
    if (entry != items.end()) goesTo(entry->seq - 1);
    lastSeq_ = std::max(lastSeq_, publication->lastSeq);
    Part part{std::move(publication), end_};
    for (size_t d = 0; d < kDialects; ++d) end_[d] += part.publication->runs[d].size;
    for (const Item& item : part.publication->items) notes_ += item.seq == 0;
    if (!part.publication->files.empty()) ++partsWithFiles_;
    parts_.push_back(std::move(part));
}

size_t Tail::subscribe(size_t dialect, uint64_t at, Subscriber& subscriber) {
    subscriptions_[dialect].push_back({at, &subscriber});
    return subscriptions_[dialect].size() - 1;
}

Subscriber* Tail::unsubscribe(size_t dialect, size_t index) {
    auto& subscriptions = subscriptions_[dialect];
    Subscriber* moved = nullptr;
    if (index + 1 != subscriptions.size()) {
        subscriptions[index] = subscriptions.back();
        moved = subscriptions[index].subscriber;
    }
    subscriptions.pop_back();
    return moved;
}

// The part that contains `at`, which must not be before the start: the last one that begins at or
// before it and is not empty of this dialect's bytes beyond it.
size_t Tail::partAt(size_t dialect, uint64_t at) const {
    const auto it = std::upper_bound(
        parts_.begin(), parts_.end(), at,
        [dialect](uint64_t value, const Part& part) { return value < part.start[dialect]; });
    return static_cast<size_t>(it - parts_.begin()) - 1;
}

size_t Tail::gather(size_t dialect, uint64_t at, iovec* pieces, size_t most) const {
    if (at >= end_[dialect]) return 0;
    size_t count = 0;
    for (size_t i = partAt(dialect, at); i < parts_.size(); ++i) {
        const Run& run = parts_[i].publication->runs[dialect];
        if (run.size == 0) continue;
        const size_t skip =
            static_cast<size_t>(std::max(at, parts_[i].start[dialect]) - parts_[i].start[dialect]);
        char* const data = const_cast<char*>(run.data()) + skip;  // iovec is not const-correct
        const size_t size = run.size - skip;
        if (count > 0 &&
            static_cast<char*>(pieces[count - 1].iov_base) + pieces[count - 1].iov_len == data) {
            pieces[count - 1].iov_len += size;
            continue;
        }
        if (count == most) break;
        pieces[count++] = {data, size};
    }
    return count;
}

void Tail::stretchFrom(size_t dialect, uint64_t at, Stretch& out) const {
    out.from = out.to = at;
    if (nextFile(dialect, at) != kCatchingUp) return;
    out.count = gather(dialect, at, out.pieces.data(), out.pieces.size());
    uint64_t to = at;
    for (const iovec& piece : out.view()) to += piece.iov_len;
    if (to == end_[dialect]) out.to = to;
}

Tail::Found Tail::find(size_t dialect, uint64_t at) const {
    const Part& part = parts_[partAt(dialect, at)];
    const auto& items = part.publication->items;
    const auto offset = static_cast<uint32_t>(at - part.start[dialect]);
    const auto it = std::upper_bound(
        items.begin(), items.end(), offset,
        [dialect](uint32_t value, const Item& item) { return value < item.end[dialect]; });
    const auto index = static_cast<size_t>(it - items.begin());
    const uint64_t begin = index == 0 ? 0 : items[index - 1].end[dialect];
    return {part.publication.get(), index, part.start[dialect] + begin,
            part.start[dialect] + it->end[dialect]};
}

uint64_t Tail::placeOf(size_t dialect, uint64_t seq) const {
    uint64_t place = kCatchingUp;
    for (const Part& part : parts_) {
        const auto& items = part.publication->items;
        for (size_t i = 0; i < items.size(); ++i) {
            if (items[i].seq < seq) continue;
            const uint32_t begin = i == 0 ? 0 : items[i - 1].end[dialect];
            // While a dialect had no members nothing was encoded for it: such entries are only in
            // the log, and the tail can be entered no earlier than after them.
            if (items[i].end[dialect] == begin) return kCatchingUp;
            if (place != kCatchingUp) continue;
            // An earlier one was dropped with its part: this is not the place.
            if (items[i].seq > seq) return kCatchingUp;
            place = part.start[dialect] + begin;
        }
    }
    return seq > lastSeq_ ? end_[dialect] : place;
}

uint64_t Tail::nextFile(size_t dialect, uint64_t at) const {
    if (partsWithFiles_ == 0 || dialect != indexOf(Dialect::Classic)) return kCatchingUp;
    if (at >= end_[dialect]) return kCatchingUp;
    for (size_t i = partAt(dialect, at); i < parts_.size(); ++i) {
        for (const InlineFile& file : parts_[i].publication->files) {
            const auto& items = parts_[i].publication->items;
            const uint64_t begin =
                parts_[i].start[dialect] + (file.item == 0 ? 0 : items[file.item - 1].end[dialect]);
            if (begin >= at) return begin;
        }
    }
    return kCatchingUp;
}

std::array<uint64_t, kDialects> Tail::boundedStart(size_t bytesMax) const {
    for (const Part& part : parts_) {
        uint64_t held = 0;
        for (size_t d = 0; d < kDialects; ++d) held += end_[d] - part.start[d];
        if (held <= std::min(bytesMax, bytesMax_)) return part.start;
    }
    return end_;
}

size_t Tail::heldBytes() const {
    if (parts_.empty()) return 0;
    uint64_t held = 0;
    for (size_t d = 0; d < kDialects; ++d) held += end_[d] - parts_.front().start[d];
    return static_cast<size_t>(held);
}

void Tail::dropBefore(const std::array<uint64_t, kDialects>& start) {
    const auto isBefore = [&start](const Part& part) {
        return part.start[0] < start[0] || part.start[1] < start[1];
    };
    while (!parts_.empty() && isBefore(parts_.front())) {
        if (!parts_.front().publication->files.empty()) --partsWithFiles_;
        parts_.pop_front();
    }
}

void Tail::clear() {
    parts_.clear();
    partsWithFiles_ = 0;
}

// ---- what always holds

std::string Tail::checkInvariants() const {
    uint64_t held = 0, seq = 0;
    size_t withFiles = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
        if (auto fault = partFault(i); !fault.empty()) return fault;
        const Publication& publication = *parts_[i].publication;
        for (const Run& run : publication.runs) held += run.size;
        if (!publication.files.empty()) ++withFiles;
        for (const Item& item : publication.items) {
            if (item.seq != 0 && item.seq <= seq) return "entries do not ascend in " + name_;
            if (item.seq != 0) seq = item.seq;
        }
    }
    if (seq > lastSeq_) return "an entry is beyond the last one of " + name_;
    if (withFiles != partsWithFiles_) return "parts with files are miscounted in " + name_;
    if (pagesDue > subscriptions_[0].size() + subscriptions_[1].size())
        return "pages are due to nobody in " + name_;
    if (held != heldBytes()) return "held bytes are miscounted in " + name_;
    for (size_t d = 0; d < kDialects; ++d) {
        if (auto fault = subscriptionFault(d); !fault.empty()) return fault;
    }
    return {};
}

// A part begins where the one before it ends, and so do its items.
std::string Tail::partFault(size_t i) const {
    const Publication& publication = *parts_[i].publication;
    const auto& items = publication.items;
    for (size_t d = 0; d < kDialects; ++d) {
        const uint64_t end = parts_[i].start[d] + publication.runs[d].size;
        if (end != (i + 1 < parts_.size() ? parts_[i + 1].start[d] : end_[d]))
            return "a part does not lead to the next in " + name_;
        const auto shorter = [d](const Item& a, const Item& b) { return a.end[d] < b.end[d]; };
        if (!std::is_sorted(items.begin(), items.end(), shorter))
            return "items do not ascend in " + name_;
        if ((items.empty() ? 0 : items.back().end[d]) != publication.runs[d].size)
            return "items do not end where their part does in " + name_;
    }
    const auto isAstray = [&](const InlineFile& file) { return file.item >= items.size(); };
    if (std::any_of(publication.files.begin(), publication.files.end(), isAstray))
        return "a file belongs to no item in " + name_;
    return {};
}

std::string Tail::subscriptionFault(size_t dialect) const {
    const uint64_t start = parts_.empty() ? end_[dialect] : parts_.front().start[dialect];
    for (const auto& [at, subscriber] : subscriptions_[dialect]) {
        if (!subscriber) return "a subscription in " + name_ + " is nobody's";
        if (at == kCatchingUp) continue;
        if (at < start) return "a subscription in " + name_ + " is before the start";
        if (at > end_[dialect]) return "a subscription in " + name_ + " is past the end";
    }
    return {};
}

}  // namespace netchat::serve
