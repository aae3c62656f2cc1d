#include "harness/judge/membership_timeline.h"

#include <algorithm>

namespace netchat::harness {

MembershipTimelines::MembershipTimelines(const Journal& journal, size_t end)
    : rooms_(journal.bots.size()) {
    const auto& records = journal.records();
    for (size_t place = 0; place < std::min(end, records.size()); ++place) {
        take(records[place], place);
    }
}

void MembershipTimelines::take(const Record& record, size_t place) {
    if (record.bot == kUnknown) return;
    if (record.kind == Kind::Closed) return endAll(record.bot, place, Stay::End::Closed);
    if (record.kind == Kind::Lost) return endAll(record.bot, place, Stay::End::Lost);
    if (record.room == kNoRoom) return;
    if (record.kind == Kind::Join) {
        auto& stays = stays_[key(record.bot, record.room)];
        if (stays.empty()) rooms_[record.bot].push_back(record.room);
        stays.emplace_back().asked = place;
        return;
    }
    const auto at = stays_.find(key(record.bot, record.room));
    if (at == stays_.end() || at->second.back().gone != kNever) return;
    Stay& stay = at->second.back();
    if (record.kind == Kind::Joined && stay.there == kNever) stay.there = place;
    if (record.kind == Kind::Leave && stay.leaving == kNever) stay.leaving = place;
    if (record.kind == Kind::Left) {
        stay.gone = place;
        stay.leaving = std::min(stay.leaving, place);
        stay.end = Stay::End::Left;
    }
}

void MembershipTimelines::endAll(uint32_t bot, size_t place, Stay::End how) {
    for (const uint16_t room : rooms_[bot]) {
        Stay& stay = stays_[key(bot, room)].back();
        if (stay.gone != kNever) continue;
        stay.gone = place;
        stay.leaving = std::min(stay.leaving, place);
        stay.end = how;
    }
}

const std::vector<Stay>& MembershipTimelines::stays(uint32_t bot, uint16_t room) const {
    static const std::vector<Stay> kNone;
    const auto at = stays_.find(key(bot, room));
    return at == stays_.end() ? kNone : at->second;
}

const Stay* MembershipTimelines::at(uint32_t bot, uint16_t room, size_t place) const {
    for (const Stay& stay : stays(bot, room)) {
        if (stay.asked < place && (stay.gone == kNever || place < stay.gone)) return &stay;
    }
    return nullptr;
}

std::vector<uint16_t> MembershipTimelines::roomsOf(uint32_t bot) const {
    return rooms_[bot];
}

bool MembershipTimelines::wasAnywhere(uint32_t bot) const {
    return std::any_of(rooms_[bot].begin(), rooms_[bot].end(), [&](uint16_t room) {
        const auto& all = stays(bot, room);
        return std::any_of(all.begin(), all.end(), [](const Stay& s) { return s.there != kNever; });
    });
}

}  // namespace netchat::harness
