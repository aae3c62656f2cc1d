#include "harness/checker.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

#include "harness/one_order.h"
#include "harness/presence.h"

namespace netchat::harness {

namespace {

// Something that goes into a room's log: a message, or a file's announcement.
struct Item {
    uint32_t sender, number;
    uint16_t room;
    bool file;
    bool refused = false;
    bool certain = true;  // it must have reached the server: its sender's connection held
    size_t sentAt;
    size_t acceptedAt = kNever;  // the first place where anybody saw it
    uint64_t seq = 0;            // 0: nobody who sees numbers saw it
    int64_t due = 0;
};

// What one receiver is owed of one item.
enum class Claim {
    Owed,
    Optional,
    None,
};

// What a stay that was cut short is known to have got: all before this number.
struct Reached {
    const Stay* stay;
    uint64_t seq;
};

class Checker {
  public:
    // `ended`: what has not come by now will not come.
    Checker(const Journal& journal, bool ended)
        : journal_(journal),
          records_(journal.records()),
          end_(findEnd()),
          decided_(ended || hasDecisiveEnd()),
          presences_(journal, end_),
          itemsOfRoom_(journal.rooms.size()),
          orders_(journal.rooms.size()),
          unnumbered_(journal.rooms.size(), false) {}

    Verdict run() {
        collectItems();
        collectSightings();
        groupByBot();
        for (uint32_t bot = 0; bot < journal_.bots.size(); ++bot) judgeBot(bot);
        for (size_t room = 0; room < orders_.size(); ++room) judgeOrder(room);
        judgeServer();
        measureLatency();
        decide();
        return std::move(verdict_);
    }

  private:
    // ---- facts

    size_t findEnd() const {
        const auto at = std::find_if(records_.begin(), records_.end(),
                                     [](const Record& r) { return r.kind == Kind::End; });
        return static_cast<size_t>(at - records_.begin());
    }

    // After these ends what has not come will not come.
    bool hasDecisiveEnd() const {
        if (end_ == records_.size()) return false;
        const std::string_view why = journal_.text(records_[end_]);
        return why == "settled" || why == "stalled";
    }

    static uint64_t keyOf(bool file, uint32_t sender, uint32_t number) {
        return (file ? uint64_t{kUnknown} : uint64_t{sender}) << 32 | number;
    }

    void collectItems() {
        for (size_t place = 0; place < records_.size(); ++place) {
            const Record& record = records_[place];
            if (record.kind == Kind::Sent) addItem(record, place, record.room, false);
            if (record.kind == Kind::Upload) {
                addItem(record, place, journal_.files[record.number].room, true);
            }
            if (record.kind == Kind::Refused) refuse(record, false);
            if (record.kind == Kind::UploadRefused) refuse(record, true);
        }
    }

    void addItem(const Record& record, size_t place, uint16_t room, bool file) {
        const auto index = static_cast<uint32_t>(items_.size());
        if (!index_.try_emplace(keyOf(file, record.bot, record.number), index).second) return;
        Item& item = items_.emplace_back(Item{.sender = record.bot,
                                              .number = record.number,
                                              .room = room,
                                              .file = file,
                                              .sentAt = place,
                                              .due = record.due});
        const Stay* stay = presences_.at(record.bot, room, place);
        item.certain = stay == nullptr || stay->end != Stay::End::Lost;
        itemsOfRoom_[room].push_back(index);
        if (file) return;
        ++(record.number >= kFirstProbe ? verdict_.probes : verdict_.sent);
    }

    void refuse(const Record& record, bool file) {
        const auto at = index_.find(keyOf(file, record.bot, record.number));
        if (at == index_.end() || items_[at->second].refused) return;
        items_[at->second].refused = true;
        ++verdict_.refused;
    }

    std::optional<uint32_t> itemOf(const Record& record) const {
        const bool file = record.kind == Kind::Announced || record.kind == Kind::FileReceived ||
                          record.kind == Kind::Uploaded;
        if (record.number == kUnknown) return {};
        const auto at = index_.find(keyOf(file, record.sender, record.number));
        if (at == index_.end()) return {};
        return at->second;
    }

    static bool isSighting(Kind kind) {
        return kind == Kind::Received || kind == Kind::Corrupted || kind == Kind::Announced;
    }

    // When each item was first seen, and its one number in its room's log.
    void collectSightings() {
        for (size_t place = 0; place < records_.size(); ++place) {
            const Record& record = records_[place];
            const bool file = record.kind == Kind::Uploaded || record.kind == Kind::FileReceived;
            if (!isSighting(record.kind) && !file) continue;
            const auto index = itemOf(record);
            if (!index) continue;
            Item& item = items_[*index];
            if (!file && record.room != item.room) continue;
            item.acceptedAt = std::min(item.acceptedAt, place);
            if (!file && record.seq != 0) takeNumber(*index, record);
        }
        for (const Item& item : items_) {
            if (item.seq == 0 && item.acceptedAt != kNever) unnumbered_[item.room] = true;
        }
    }

    void takeNumber(uint32_t index, const Record& record) {
        Item& item = items_[index];
        if (item.seq == 0) item.seq = record.seq;
        if (item.seq != record.seq) {
            violate(Property::TotalOrder, record, item,
                    "has the number " + std::to_string(record.seq) + " here and " +
                        std::to_string(item.seq) + " for others");
        }
        const auto [other, added] = numbers_.try_emplace({record.room, record.seq}, index);
        if (added || other->second == index) return;
        violate(Property::TotalOrder, record, item,
                "has the number " + std::to_string(record.seq) + ", and so has " +
                    nameOf(items_[other->second]));
    }

    // Counting sort: the places of each bot's records, in order.
    void groupByBot() {
        starts_.assign(journal_.bots.size() + 1, 0);
        for (const Record& record : records_) {
            if (record.bot != kUnknown) ++starts_[record.bot + 1];
        }
        for (size_t bot = 1; bot < starts_.size(); ++bot) starts_[bot] += starts_[bot - 1];
        places_.resize(starts_.back());
        std::vector<size_t> next(starts_.begin(), starts_.end() - 1);
        for (size_t place = 0; place < records_.size(); ++place) {
            const uint32_t bot = records_[place].bot;
            if (bot != kUnknown) places_[next[bot]++] = static_cast<uint32_t>(place);
        }
        seenBy_.assign(items_.size(), kUnknown);
        fileAt_.assign(items_.size(), kUnknown);
    }

    // ---- one receiver

    void judgeBot(uint32_t bot) {
        chains_.clear();
        reached_.clear();
        ++verdict_[Property::Connections].checked;
        ++verdict_[Property::Temporaries].checked;
        for (size_t i = starts_[bot]; i < starts_[bot + 1]; ++i) {
            judgeRecord(records_[places_[i]], places_[i]);
        }
        for (auto& [room, chain] : chains_) judgeChain(bot, room, chain);
        for (const uint16_t room : presences_.roomsOf(bot)) {
            for (const uint32_t index : itemsOfRoom_[room]) judgeDebt(bot, index);
        }
        if (!presences_.wasAnywhere(bot)) ++absent_;
    }

    void judgeRecord(const Record& record, size_t place) {
        switch (record.kind) {
            case Kind::Received:
            case Kind::Corrupted:
            case Kind::Announced:
                return judgeSighting(record, place);
            case Kind::Stranger:
                if (!journal_.info.allowStrangers) {
                    violate(Property::Unexpected, record,
                            "a message that nobody sent: " + quoted(record));
                }
                return;
            case Kind::StrayFile:
                if (!journal_.info.allowStrangers) {
                    violate(Property::Unexpected, record,
                            "a file that nobody sent: " + quoted(record));
                }
                return;
            case Kind::FileReceived:
                return judgeFile(record);
            case Kind::FileCorrupted:
                return violate(Property::Files, record,
                               fileName(record) +
                                   " is not what was sent: " + std::string(journal_.text(record)));
            case Kind::FileFailed:
                return violate(Property::Files, record,
                               fileName(record) + " failed: " + std::string(journal_.text(record)));
            case Kind::Temporary:
                return violate(Property::Temporaries, record, "left behind: " + quoted(record));
            case Kind::Gap:
                return violate(
                    Property::Lost, record,
                    "the server keeps entries up to " + std::to_string(record.seq) + " no longer");
            case Kind::Lost:
                if (place > end_) return;
                return violate(Property::Connections, record,
                               "lost its connection: " + std::string(journal_.text(record)));
            default:
                return;
        }
    }

    void judgeSighting(const Record& record, size_t place) {
        if (record.kind != Kind::Announced) {
            ++verdict_[Property::Corrupted].checked;
            if (record.kind == Kind::Corrupted) {
                violate(Property::Corrupted, record,
                        "not as it was said" +
                            (record.text == 0 ? std::string() : ": " + quoted(record)));
                if (record.number == kUnknown) return;
            }
        }
        ++verdict_[Property::Unexpected].checked;
        const auto index = itemOf(record);
        const std::string why =
            index ? whyNotFor(record, items_[*index], place) : std::string("nobody sent it");
        if (!why.empty()) return violate(Property::Unexpected, record, why);
        ++verdict_[Property::Duplicated].checked;
        if (seenBy_[*index] == record.bot) {
            return violate(Property::Duplicated, record, "seen again");
        }
        seenBy_[*index] = record.bot;
        chains_[record.room].push_back({*index, record.seq});
        noteReached(record, items_[*index], place);
    }

    // Empty if the receiver may see this here and now.
    std::string whyNotFor(const Record& record, const Item& item, size_t place) const {
        const auto& rooms = journal_.rooms;
        if (record.room != item.room) return "it was said in the room " + rooms[item.room];
        if (place < item.sentAt) return "it is seen before it is said";
        if (item.refused) return "the server had refused it";
        if (record.bot == item.sender && journal_.bots[record.bot].classic) {
            return "classic users do not get back what they say";
        }
        const Stay* stay = presences_.at(record.bot, record.room, place);
        if (stay == nullptr) return "the receiver is not in this room";
        if (item.acceptedAt < stay->asked && !record.history) {
            return "it was in the log before the receiver came";
        }
        return {};
    }

    void noteReached(const Record& record, const Item& item, size_t place) {
        const Stay* stay = presences_.at(record.bot, record.room, place);
        if (stay == nullptr) return;
        const auto at = std::find_if(reached_.begin(), reached_.end(),
                                     [&](const Reached& r) { return r.stay == stay; });
        if (at == reached_.end()) {
            reached_.push_back({stay, item.seq});
        } else {
            at->seq = std::max(at->seq, item.seq);
        }
    }

    bool reached(const Stay& stay, const Item& item) const {
        return item.seq != 0 &&
               std::any_of(reached_.begin(), reached_.end(),
                           [&](const Reached& r) { return r.stay == &stay && item.seq < r.seq; });
    }

    struct Seen {
        uint32_t item;
        uint64_t seq;  // as this receiver saw it; 0: it sees none
    };

    void judgeChain(uint32_t bot, uint16_t room, const std::vector<Seen>& chain) {
        std::unordered_map<uint32_t, uint32_t> newest;  // by sender; items ascend as they were said
        uint64_t last = 0;
        for (size_t i = 0; i < chain.size(); ++i) {
            const Item& item = items_[chain[i].item];
            if (!item.file) {
                ++verdict_[Property::SenderOrder].checked;
                const auto [at, first] = newest.try_emplace(item.sender, chain[i].item);
                if (at->second > chain[i].item) {
                    violate(Property::SenderOrder, bot, item,
                            "seen after " + nameOf(items_[at->second]));
                }
                at->second = std::max(at->second, chain[i].item);
            }
            if (i > 0) ++verdict_[Property::TotalOrder].checked;
            const uint64_t seq = chain[i].seq != 0 ? chain[i].seq : item.seq;
            if (seq != 0 && seq <= last) {
                violate(
                    Property::TotalOrder, bot, item,
                    "number " + std::to_string(seq) + " seen after number " + std::to_string(last));
            }
            last = std::max(last, seq);
            if (i > 0 && unnumbered_[room])
                orders_[room].add(chain[i - 1].item, chain[i].item, bot);
        }
    }

    // ---- debts

    Claim claimOf(uint32_t bot, const Item& item) const {
        if (item.refused) return Claim::None;
        if (bot == item.sender && journal_.bots[bot].classic) return Claim::None;
        Claim claim = Claim::None;
        for (const Stay& stay : presences_.stays(bot, item.room)) {
            if (item.acceptedAt < stay.asked) continue;
            if (stay.gone != kNever && item.sentAt > stay.gone) continue;
            if (isOwed(bot, stay, item)) return Claim::Owed;
            claim = Claim::Optional;
        }
        return claim;
    }

    bool isOwed(uint32_t bot, const Stay& stay, const Item& item) const {
        if (stay.there == kNever || item.sentAt < stay.there || item.sentAt > end_) return false;
        if (!item.certain && item.acceptedAt == kNever) return false;
        if (reached(stay, item)) return true;
        switch (stay.end) {
            case Stay::End::Open:
                if (stay.leaving != kNever) return item.acceptedAt < stay.leaving;
                return decided_;
            case Stay::End::Left:
                // Its own words were before its leaving on the same connection.
                if (item.sender == bot && !item.file) return item.sentAt < stay.leaving;
                return item.acceptedAt < stay.leaving;
            case Stay::End::Closed:
            case Stay::End::Lost:
                return false;
        }
        return false;
    }

    void judgeDebt(uint32_t bot, uint32_t index) {
        const Item& item = items_[index];
        if (item.file) return judgeFileDebt(bot, index);
        const Claim claim = claimOf(bot, item);
        if (claim == Claim::None) return;
        const bool seen = seenBy_[index] == bot;
        if (claim == Claim::Optional) {
            ++verdict_.optional;
            verdict_.optionalDelivered += seen;
            return;
        }
        ++verdict_.owed;
        verdict_.delivered += seen;
        const Property property = item.sender == bot ? Property::Acknowledged : Property::Lost;
        ++verdict_[property].checked;
        if (seen) return;
        violate(property, bot, item,
                item.sender == bot ? "never came back to who said it" : "never arrived");
    }

    // A file is owed to those who are still there at the end: a download may outlive a stay.
    void judgeFileDebt(uint32_t bot, uint32_t index) {
        const Item& item = items_[index];
        const bool classic = journal_.bots[bot].classic;
        const Claim claim = claimOf(bot, item);
        if (claim != Claim::Owed) return;
        const auto& stays = presences_.stays(bot, item.room);
        if (stays.back().end != Stay::End::Open || item.sentAt < stays.back().there) return;
        if (item.sender == bot) {
            ++verdict_[Property::Files].checked;
            if (seenBy_[index] != bot)
                violate(Property::Files, bot, item, "never came into the log");
            return;
        }
        ++verdict_.filesOwed;
        ++verdict_[Property::Files].checked;
        if (fileAt_[index] == bot) {
            ++verdict_.filesDelivered;
            verdict_.fileBytes += journal_.files[item.number].size;
            if (classic || seenBy_[index] == bot) return;
            return violate(Property::Files, bot, item, "arrived without an announcement");
        }
        violate(Property::Files, bot, item,
                seenBy_[index] == bot ? "announced and never arrived" : "never arrived");
    }

    void judgeFile(const Record& record) {
        const auto index = itemOf(record);
        if (!index) return violate(Property::Files, record, fileName(record) + " was not sent yet");
        const Item& item = items_[*index];
        if (item.refused)
            return violate(Property::Files, record, fileName(record) + " had been refused");
        if (item.sender == record.bot) {
            return violate(Property::Files, record, fileName(record) + " came back to its sender");
        }
        if (presences_.stays(record.bot, item.room).empty()) {
            return violate(Property::Files, record,
                           fileName(record) + " was for the room " + journal_.rooms[item.room]);
        }
        if (fileAt_[*index] == record.bot) {
            return violate(Property::Files, record, fileName(record) + " arrived again");
        }
        fileAt_[*index] = record.bot;
    }

    void judgeOrder(size_t room) {
        const auto cycle = orders_[room].cycle();
        if (cycle.empty()) return;
        std::string text = "room " + journal_.rooms[room] + ": no one order fits all:";
        constexpr size_t kShownMax = 4;
        for (size_t i = 0; i < std::min(cycle.size(), kShownMax); ++i) {
            text += (i == 0 ? " " : ", ") + nickOf(cycle[i].receiver) + " saw " +
                    nameOf(items_[cycle[i].before]) + " before " + nameOf(items_[cycle[i].after]);
        }
        add(Property::TotalOrder, std::move(text));
    }

    void judgeServer() {
        for (const Record& record : records_) {
            if (record.kind != Kind::ServerFailed) continue;
            add(Property::Connections, "the server: " + std::string(journal_.text(record)));
        }
    }

    // ---- the sum of it

    void measureLatency() {
        std::vector<int64_t> latencies;
        int64_t first = std::numeric_limits<int64_t>::max(), last = 0;
        for (const Record& record : records_) {
            if (record.kind == Kind::Sent && record.number < kFirstProbe) {
                first = std::min(first, record.due != 0 ? record.due : record.ns);
            }
            if (record.kind != Kind::Received || record.number >= kFirstProbe || record.history)
                continue;
            const auto index = itemOf(record);
            if (!index || items_[*index].due == 0) continue;
            latencies.push_back(record.ns - items_[*index].due);
            last = std::max(last, record.ns);
        }
        if (latencies.empty()) return;
        verdict_.spanNs = std::max<int64_t>(0, last - first);
        const auto percentile = [&](size_t per100) {
            const size_t rank = (latencies.size() - 1) * per100 / 100;
            const auto at = latencies.begin() + static_cast<std::ptrdiff_t>(rank);
            std::nth_element(latencies.begin(), at, latencies.end());
            return *at;
        };
        verdict_.latency = {latencies.size(), percentile(50), percentile(99), percentile(100)};
    }

    void decide() {
        auto& doubts = verdict_.doubts;
        if (end_ == records_.size()) {
            doubts.push_back("the run did not finish: its journal has no end");
        } else if (!decided_) {
            doubts.push_back("the run did not finish: " +
                             std::string(journal_.text(records_[end_])));
        }
        if (verdict_.sent < journal_.info.messages) {
            doubts.push_back("only " + std::to_string(verdict_.sent) + " of " +
                             std::to_string(journal_.info.messages) + " messages were said");
        }
        if (absent_ != 0) {
            doubts.push_back(std::to_string(absent_) + " of " +
                             std::to_string(journal_.bots.size()) +
                             " bots were never seen to be there");
        }
        if (verdict_.delivered == 0) doubts.push_back("no message reached anyone who was owed it");
        if (!journal_.files.empty() && verdict_.filesDelivered == 0) {
            doubts.push_back("no file reached anyone who was owed it");
        }
        const bool violated = std::any_of(verdict_.results.begin(), verdict_.results.end(),
                                          [](const PropertyResult& r) { return r.violated != 0; });
        verdict_.outcome = violated         ? Outcome::Fail
                           : doubts.empty() ? Outcome::Pass
                                            : Outcome::Inconclusive;
    }

    // ---- words

    std::string nickOf(uint32_t bot) const {
        return bot == kUnknown ? "?" : journal_.bots[bot].nick;
    }

    std::string nameOf(const Item& item) const {
        if (item.file) return "the file " + journal_.files[item.number].name;
        return "message " + std::to_string(item.number) + " of " + nickOf(item.sender);
    }

    std::string quoted(const Record& record) const {
        return '"' + std::string(journal_.text(record)) + '"';
    }

    std::string fileName(const Record& record) const {
        return "the file " + journal_.files[record.number].name;
    }

    void violate(Property property, uint32_t bot, const Item& item, const std::string& what) {
        add(property, "room " + journal_.rooms[item.room] + ": " + nameOf(item) + " at " +
                          nickOf(bot) + ": " + what);
    }

    void violate(Property property, const Record& record, const Item& item,
                 const std::string& what) {
        violate(property, record.bot, item, what);
    }

    void violate(Property property, const Record& record, const std::string& what) {
        std::string text;
        if (record.room != kNoRoom) text += "room " + journal_.rooms[record.room] + ": ";
        if (record.kind == Kind::Announced) {
            text += "the file " + journal_.files[record.number].name + " at ";
        } else if (record.sender != kUnknown && isSighting(record.kind)) {
            text += (record.number == kUnknown ? "a message"
                                               : "message " + std::to_string(record.number)) +
                    " of " + nickOf(record.sender) + " at ";
        }
        add(property, text + nickOf(record.bot) + ": " + what);
    }

    void add(Property property, std::string text) {
        if (++verdict_[property].violated <= Verdict::kKeptMax) {
            verdict_.violations.push_back({property, std::move(text)});
        }
    }

    struct RoomNumber {
        uint16_t room;
        uint64_t seq;
        bool operator==(const RoomNumber&) const = default;
    };
    struct RoomNumberHash {
        size_t operator()(const RoomNumber& n) const {
            return std::hash<uint64_t>()(n.seq * 0x9E3779B97F4A7C15ULL + n.room);
        }
    };

    const Journal& journal_;
    const std::vector<Record>& records_;
    const size_t end_;
    const bool decided_;
    const Presences presences_;
    std::vector<Item> items_;                       // in the order in which they were sent
    std::unordered_map<uint64_t, uint32_t> index_;  // into items_, by keyOf()
    std::vector<std::vector<uint32_t>> itemsOfRoom_;
    std::unordered_map<RoomNumber, uint32_t, RoomNumberHash> numbers_;
    std::vector<OneOrder> orders_;  // by room
    std::vector<bool> unnumbered_;  // rooms in which somebody saw something without a number
    std::vector<size_t> starts_;    // by bot, into places_
    std::vector<uint32_t> places_;  // of records, by bot
    std::vector<uint32_t> seenBy_;  // by item: the last bot that saw it
    std::vector<uint32_t> fileAt_;  // by item: the last bot that has the file
    std::unordered_map<uint16_t, std::vector<Seen>> chains_;  // the present bot's, by room
    std::vector<Reached> reached_;                            // the present bot's
    size_t absent_ = 0;
    Verdict verdict_;
};

}  // namespace

Verdict check(const Journal& journal) {
    return Checker(journal, false).run();
}

bool allArrived(const Journal& journal) {
    const Verdict verdict = Checker(journal, true).run();
    return verdict.owed == verdict.delivered && verdict.filesOwed == verdict.filesDelivered;
}

}  // namespace netchat::harness
