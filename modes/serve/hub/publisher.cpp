#include "modes/serve/hub/publisher.h"

#include <algorithm>
#include <cstring>

#include "protocol/file_labels.h"
#include "protocol/limits.h"

namespace netchat::serve {

namespace {

// A quiet room takes little memory, a busy one few allocations.
constexpr size_t kSegmentBytesMin = 4 * limits::kKiB;
constexpr size_t kSegmentBytesMax = 256 * limits::kKiB;

InlineFile inlineFile(size_t item, size_t at, const store::Entry& entry) {
    return {item,
            at,
            std::string(entry.sha256),
            std::string(parseFileText(entry.text).name),
            std::string(entry.from),
            entry.size};
}

}  // namespace

void Publisher::add(const Encoders& encoders, const Wanted& wanted, std::string_view roomName,
                    const store::Entry& entry) {
    Item item{entry.seq, entry.user, {}};
    for (size_t d = 0; d < kDialects; ++d) {
        if (wanted[d]) {
            const size_t fileAt = encoders[d]->entry(scratch_[d], roomName, entry);
            if (fileAt != Encoder::kNoFile) {
                files_.push_back(inlineFile(items_.size(), fileAt, entry));
            }
        }
        item.end[d] = static_cast<uint32_t>(scratch_[d].size());
    }
    items_.push_back(item);
}

void Publisher::add(const Encoders& encoders, const Wanted& wanted, const PresenceNote& note) {
    Item item{0, note.user, {}};
    for (size_t d = 0; d < kDialects; ++d) {
        if (wanted[d]) encoders[d]->presence(scratch_[d], note);
        item.end[d] = static_cast<uint32_t>(scratch_[d].size());
    }
    items_.push_back(item);
}

bool Publisher::full() const {
    return std::any_of(scratch_.begin(), scratch_.end(),
                       [](const std::string& s) { return s.size() > kSegmentBytesMax / 2; });
}

std::shared_ptr<const Publication> Publisher::flush(uint64_t lastSeq) {
    if (items_.empty()) return nullptr;
    auto publication = std::make_shared<Publication>();
    publication->room = room_;
    publication->items = std::move(items_);
    publication->files = std::move(files_);
    publication->lastSeq = lastSeq;
    for (size_t d = 0; d < kDialects; ++d) publication->runs[d] = store(d);
    items_.clear();
    files_.clear();
    return publication;
}

// Moves a dialect's scratch behind what its segment holds already, or into a new segment.
Run Publisher::store(size_t dialect) {
    std::string& scratch = scratch_[dialect];
    auto& segment = segments_[dialect];
    const size_t size = scratch.size();
    if (size == 0) return {};
    if (!segment || segment->capacity - segment->used < size) {
        const size_t grown = segment ? std::min(2 * segment->capacity, kSegmentBytesMax) : 0;
        segment = std::make_shared<Segment>(std::max({size, grown, kSegmentBytesMin}));
    }
    std::memcpy(segment->bytes.get() + segment->used, scratch.data(), size);
    Run run{segment, segment->used, size};
    segment->used += size;
    scratch.clear();
    if (scratch.capacity() > kSegmentBytesMax) scratch = std::string();
    return run;
}

void addToPage(Page& page, Encoder& encoder, size_t dialect, std::string_view roomName,
               const store::Entry& entry) {
    const size_t fileAt = encoder.entry(page.bytes, roomName, entry);
    if (fileAt != Encoder::kNoFile) {
        page.files.push_back(inlineFile(page.items.size(), fileAt, entry));
    }
    Item item{entry.seq, entry.user, {}};
    item.end[dialect] = static_cast<uint32_t>(page.bytes.size());
    page.items.push_back(item);
    if (page.first == 0) page.first = entry.seq;
    page.last = entry.seq;
}

void addLostToPage(Page& page, Encoder& encoder, size_t dialect, std::string_view roomName,
                   const store::Entry& lost, bool among) {
    const uint64_t last = lost.seq + lost.size - 1;
    if (page.first == 0) page.first = lost.seq;
    page.last = last;
    if (!among || !encoder.lost(page.bytes, roomName, lost.seq, last)) {
        page.lost.emplace_back(lost.seq, last);
        return;
    }
    Item item{last, 0, {}};
    item.end[dialect] = static_cast<uint32_t>(page.bytes.size());
    page.items.push_back(item);
}

}  // namespace netchat::serve
