#include "harness/judge/journal_index.h"

#include <algorithm>

namespace netchat::harness {

namespace {

size_t endOf(const Journal& journal) {
    const auto& records = journal.records();
    const auto at = std::find_if(records.begin(), records.end(),
                                 [](const Record& record) { return record.kind == Kind::End; });
    return static_cast<size_t>(at - records.begin());
}

// After these ends what has not come will not come.
bool isDecisive(const Journal& journal, size_t end) {
    if (end == journal.records().size()) return false;
    const std::string_view why = journal.text(journal.records()[end]);
    return why == "settled" || why == "stalled" || why == "unsettled";
}

uint64_t keyOf(bool file, uint32_t sender, uint32_t number) {
    return (file ? uint64_t{kUnknown} : uint64_t{sender}) << 32 | number;
}

}  // namespace

bool isSighting(Kind kind) {
    return kind == Kind::Received || kind == Kind::Corrupted || kind == Kind::Announced;
}

JournalIndex::JournalIndex(const Journal& journal, bool ended)
    : journal_(journal),
      end_(endOf(journal)),
      decided_(ended || isDecisive(journal, end_)),
      timelines_(journal, end_),
      itemsOfRoom_(journal.rooms.size()),
      unnumbered_(journal.rooms.size(), false) {
    collectItems();
    collectSightings();
    groupByBot();
}

void JournalIndex::collectItems() {
    for (size_t place = 0; place < records().size(); ++place) {
        const Record& record = records()[place];
        if (record.kind == Kind::Sent) addItem(record, place, record.room, false);
        if (record.kind == Kind::Upload) {
            addItem(record, place, journal_.files[record.number].room, true);
        }
        if (record.kind == Kind::Refused) refuse(record, false);
        if (record.kind == Kind::UploadRefused) refuse(record, true);
    }
}

void JournalIndex::addItem(const Record& record, size_t place, uint16_t room, bool file) {
    const auto index = static_cast<uint32_t>(items_.size());
    if (!index_.try_emplace(keyOf(file, record.bot, record.number), index).second) return;
    const Stay* stay = timelines_.at(record.bot, room, place);
    items_.push_back({.sender = record.bot,
                      .number = record.number,
                      .room = room,
                      .file = file,
                      .certain = stay == nullptr || stay->end != Stay::End::Lost,
                      .sentAt = place,
                      .due = record.due});
    itemsOfRoom_[room].push_back(index);
}

void JournalIndex::refuse(const Record& record, bool file) {
    const auto at = index_.find(keyOf(file, record.bot, record.number));
    if (at != index_.end()) items_[at->second].refused = true;
}

std::optional<uint32_t> JournalIndex::itemOf(const Record& record) const {
    const bool file = record.kind == Kind::Announced || record.kind == Kind::FileReceived ||
                      record.kind == Kind::Uploaded || record.kind == Kind::FileInLog;
    if (record.number == kUnknown) return {};
    const auto at = index_.find(keyOf(file, record.sender, record.number));
    if (at == index_.end()) return {};
    return at->second;
}

void JournalIndex::collectSightings() {
    for (size_t place = 0; place < records().size(); ++place) {
        const Record& record = records()[place];
        const bool file = record.kind == Kind::Uploaded || record.kind == Kind::FileReceived;
        if (!isSighting(record.kind) && !file) continue;
        const auto index = itemOf(record);
        if (!index) continue;
        Item& item = items_[*index];
        if (!file && record.room != item.room) continue;
        item.acceptedAt = std::min(item.acceptedAt, place);
        if (!file && record.seq != 0) takeNumber(*index, place);
    }
    for (const Item& item : items_) {
        if (item.seq == 0 && item.acceptedAt != kNever) unnumbered_[item.room] = true;
    }
}

void JournalIndex::takeNumber(uint32_t index, size_t place) {
    Item& item = items_[index];
    const Record& record = records()[place];
    if (item.seq == 0) item.seq = record.seq;
    if (item.seq != record.seq) conflicts_.push_back({place, index, index});
    const auto [other, added] = numbers_.try_emplace({record.room, record.seq}, index);
    if (!added && other->second != index) conflicts_.push_back({place, index, other->second});
}

// Counting sort: the places of each bot's records, in order.
void JournalIndex::groupByBot() {
    starts_.assign(journal_.bots.size() + 1, 0);
    for (const Record& record : records()) {
        if (record.bot != kUnknown) ++starts_[record.bot + 1];
    }
    for (size_t bot = 1; bot < starts_.size(); ++bot) starts_[bot] += starts_[bot - 1];
    places_.resize(starts_.back());
    std::vector<size_t> next(starts_.begin(), starts_.end() - 1);
    for (size_t place = 0; place < records().size(); ++place) {
        const uint32_t bot = records()[place].bot;
        if (bot != kUnknown) places_[next[bot]++] = static_cast<uint32_t>(place);
    }
}

std::span<const uint32_t> JournalIndex::placesOf(uint32_t bot) const {
    return std::span(places_).subspan(starts_[bot], starts_[bot + 1] - starts_[bot]);
}

}  // namespace netchat::harness
