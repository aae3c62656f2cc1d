#include "harness/judge/checker.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_map>

#include "harness/judge/findings.h"
#include "harness/judge/journal_index.h"
#include "harness/judge/membership_timeline.h"
#include "harness/judge/one_order.h"
#include "harness/judge/recovery_checks.h"

namespace netchat::harness {

namespace {

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
    Checker(const Journal& journal, bool ended)
        : journal_(journal),
          index_(journal, ended),
          items_(index_.items()),
          timelines_(index_.timelines()),
          findings_(journal, verdict_),
          recoveryChecks_(journal, index_, findings_, verdict_),
          orders_(journal.rooms.size()),
          seenBy_(items_.size(), kUnknown),
          fileAt_(items_.size(), kUnknown) {}

    Verdict run() {
        countItems();
        for (const NumberConflict& conflict : index_.conflicts()) judgeConflict(conflict);
        for (uint32_t bot = 0; bot < journal_.bots.size(); ++bot) judgeBot(bot);
        for (size_t room = 0; room < orders_.size(); ++room) judgeOrder(room);
        judgeServer();
        if (recoveryChecks_.any()) recoveryChecks_.judgeLogs();
        measureLatency();
        decide();
        return std::move(verdict_);
    }

  private:
    void countItems() {
        for (const Item& item : items_) {
            verdict_.refused += item.refused;
            if (!item.file) ++(item.number >= kFirstProbe ? verdict_.probes : verdict_.sent);
        }
    }

    void judgeConflict(const NumberConflict& conflict) {
        const Record& record = index_.records()[conflict.place];
        const Item& item = items_[conflict.item];
        const Item& other = items_[conflict.other];
        const std::string number = "has the number " + std::to_string(record.seq);
        findings_.add(Property::TotalOrder, record.bot, item,
                      &item == &other
                          ? number + " here and " + std::to_string(item.seq) + " for others"
                          : number + ", and so has " + findings_.nameOf(other));
    }

    // ---- one receiver

    void judgeBot(uint32_t bot) {
        chains_.clear();
        reached_.clear();
        ++verdict_[Property::Connections].checked;
        ++verdict_[Property::Temporaries].checked;
        for (const uint32_t place : index_.placesOf(bot))
            judgeRecord(index_.records()[place], place);
        for (auto& [room, chain] : chains_) judgeChain(bot, room, chain);
        for (const uint16_t room : timelines_.roomsOf(bot)) {
            for (const uint32_t index : index_.itemsOf(room)) judgeDebt(bot, index);
        }
        if (!timelines_.wasAnywhere(bot)) ++absent_;
    }

    void judgeRecord(const Record& record, size_t place) {
        switch (record.kind) {
            case Kind::Received:
            case Kind::Corrupted:
            case Kind::Announced:
                return judgeSighting(record, place);
            case Kind::Stranger:
                return judgeStranger(record, "a message");
            case Kind::StrayFile:
                return judgeStranger(record, "a file");
            case Kind::FileReceived:
                return judgeFile(record);
            case Kind::FileCorrupted:
                return findings_.add(Property::Files, record,
                                     findings_.fileOf(record) + " is not what was sent: " +
                                         std::string(journal_.text(record)));
            case Kind::FileFailed:
                return findings_.add(
                    Property::Files, record,
                    findings_.fileOf(record) + " failed: " + std::string(journal_.text(record)));
            case Kind::Temporary:
                return findings_.add(Property::Temporaries, record,
                                     "left behind: " + findings_.quoted(record));
            case Kind::Resent:
                return recoveryChecks_.judgeResent(record);
            case Kind::Gap:
                if (recoveryChecks_.any()) recoveryChecks_.judgeGap(record, place);
                return findings_.add(
                    Property::Lost, record,
                    "the server keeps entries up to " + std::to_string(record.seq) + " no longer");
            case Kind::Lost:
                if (place > index_.end()) return;
                return findings_.add(Property::Connections, record,
                                     "lost its connection: " + std::string(journal_.text(record)));
            default:
                return;
        }
    }

    void judgeStranger(const Record& record, const std::string& what) {
        if (journal_.info.allowStrangers) return;
        findings_.add(Property::Unexpected, record,
                      what + " that nobody sent: " + findings_.quoted(record));
    }

    void judgeSighting(const Record& record, size_t place) {
        if (record.kind != Kind::Announced) {
            ++verdict_[Property::Corrupted].checked;
            if (record.kind == Kind::Corrupted) {
                findings_.add(
                    Property::Corrupted, record,
                    "not as it was said" +
                        (record.text == 0 ? std::string() : ": " + findings_.quoted(record)));
                if (record.number == kUnknown) return;
            }
        }
        ++verdict_[Property::Unexpected].checked;
        const auto index = index_.itemOf(record);
        const std::string why =
            index ? whyNotFor(record, items_[*index], place) : std::string("nobody sent it");
        if (!why.empty()) return findings_.add(Property::Unexpected, record, why);
        ++verdict_[Property::Duplicated].checked;
        if (seenBy_[*index] == record.bot) {
            return findings_.add(Property::Duplicated, record, "seen again");
        }
        seenBy_[*index] = record.bot;
        if (recoveryChecks_.any()) recoveryChecks_.judgeArrival(record);
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
        const Stay* stay = timelines_.at(record.bot, record.room, place);
        if (stay == nullptr) return "the receiver is not in this room";
        if (item.acceptedAt < stay->asked && !record.history) {
            return "it was in the log before the receiver came";
        }
        return {};
    }

    void noteReached(const Record& record, const Item& item, size_t place) {
        const Stay* stay = timelines_.at(record.bot, record.room, place);
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
                    findings_.add(Property::SenderOrder, bot, item,
                                  "seen after " + findings_.nameOf(items_[at->second]));
                }
                at->second = std::max(at->second, chain[i].item);
            }
            if (i > 0) ++verdict_[Property::TotalOrder].checked;
            const uint64_t seq = chain[i].seq != 0 ? chain[i].seq : item.seq;
            if (seq != 0 && seq <= last) {
                findings_.add(
                    Property::TotalOrder, bot, item,
                    "number " + std::to_string(seq) + " seen after number " + std::to_string(last));
            }
            // Dense numbers: what is passed over is missing, even if nobody of the run said it.
            if (recoveryChecks_.any() && last != 0 && seq > last + 1 &&
                !journal_.info.allowStrangers) {
                findings_.add(Property::Lost, bot, item,
                              "seen after number " + std::to_string(last) + ": " +
                                  std::to_string(seq - last - 1) + " between them never came");
            }
            last = std::max(last, seq);
            if (i > 0 && index_.hasUnnumbered(room))
                orders_[room].add(chain[i - 1].item, chain[i].item, bot);
        }
    }

    // ---- debts

    Claim claimOf(uint32_t bot, const Item& item) const {
        if (item.refused) return Claim::None;
        if (bot == item.sender && journal_.bots[bot].classic) return Claim::None;
        Claim claim = Claim::None;
        for (const Stay& stay : timelines_.stays(bot, item.room)) {
            if (item.acceptedAt < stay.asked) continue;
            if (stay.gone != kNever && item.sentAt > stay.gone) continue;
            if (isOwed(bot, stay, item)) return Claim::Owed;
            claim = Claim::Optional;
        }
        return claim;
    }

    bool isOwed(uint32_t bot, const Stay& stay, const Item& item) const {
        if (stay.there == kNever || item.sentAt < stay.there || item.sentAt > index_.end())
            return false;
        if (!item.certain && item.acceptedAt == kNever) return false;
        if (reached(stay, item)) return true;
        switch (stay.end) {
            case Stay::End::Open:
                if (stay.leaving != kNever) return item.acceptedAt < stay.leaving;
                return index_.decided();
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
        if (recoveryChecks_.any() && recoveryChecks_.isSurvivor(item)) {
            recoveryChecks_.judgeSurvivor(bot, item, seen);
        }
        if (seen) return;
        // Who saw something later has lost it; who did not still waits for it, in vain.
        const bool waits = recoveryChecks_.any() && !passedOver(bot, item);
        findings_.add(waits ? Property::Liveness : property, bot, item,
                      item.sender == bot ? "never came back to who said it" : "never arrived");
    }

    bool passedOver(uint32_t bot, const Item& item) const {
        const auto& stays = timelines_.stays(bot, item.room);
        return std::any_of(stays.begin(), stays.end(),
                           [&](const Stay& stay) { return reached(stay, item); });
    }

    // A file is owed to those who are still there at the end: a download may outlive a stay.
    void judgeFileDebt(uint32_t bot, uint32_t index) {
        const Item& item = items_[index];
        const bool classic = journal_.bots[bot].classic;
        const Claim claim = claimOf(bot, item);
        if (claim != Claim::Owed) return;
        const auto& stays = timelines_.stays(bot, item.room);
        if (stays.back().end != Stay::End::Open || item.sentAt < stays.back().there) return;
        if (item.sender == bot) {
            ++verdict_[Property::Files].checked;
            if (seenBy_[index] != bot)
                findings_.add(Property::Files, bot, item, "never came into the log");
            return;
        }
        ++verdict_.filesOwed;
        ++verdict_[Property::Files].checked;
        if (fileAt_[index] == bot) {
            ++verdict_.filesDelivered;
            verdict_.fileBytes += journal_.files[item.number].size;
            if (classic || seenBy_[index] == bot) return;
            return findings_.add(Property::Files, bot, item, "arrived without an announcement");
        }
        const std::string missing =
            seenBy_[index] == bot ? "announced and never arrived" : "never arrived";
        findings_.add(Property::Files, bot, item, missing);
        if (recoveryChecks_.any()) findings_.add(Property::Liveness, bot, item, missing);
    }

    void judgeFile(const Record& record) {
        const auto index = index_.itemOf(record);
        const std::string why = index ? whyNotHere(record, items_[*index]) : " was not sent yet";
        if (!why.empty()) {
            findings_.add(Property::Files, record, findings_.fileOf(record) + why);
        } else if (fileAt_[*index] == record.bot) {
            findings_.add(Property::Files, record, findings_.fileOf(record) + " arrived again");
        } else {
            fileAt_[*index] = record.bot;
            if (recoveryChecks_.any()) recoveryChecks_.judgeArrival(record);
        }
    }

    // Empty if the receiver may have this file.
    std::string whyNotHere(const Record& record, const Item& item) const {
        if (item.refused) return " had been refused";
        if (item.sender == record.bot) return " came back to its sender";
        if (!timelines_.stays(record.bot, item.room).empty()) return {};
        return " was for the room " + journal_.rooms[item.room];
    }

    void judgeOrder(size_t room) {
        const auto cycle = orders_[room].cycle();
        if (cycle.empty()) return;
        std::string text = "room " + journal_.rooms[room] + ": no one order fits all:";
        constexpr size_t kShownMax = 4;
        for (size_t i = 0; i < std::min(cycle.size(), kShownMax); ++i) {
            text += (i == 0 ? " " : ", ") + findings_.nickOf(cycle[i].receiver) + " saw " +
                    findings_.nameOf(items_[cycle[i].before]) + " before " +
                    findings_.nameOf(items_[cycle[i].after]);
        }
        findings_.add(Property::TotalOrder, std::move(text));
    }

    void judgeServer() {
        for (const Record& record : index_.records()) {
            if (record.kind != Kind::ServerFailed) continue;
            findings_.add(Property::Connections,
                          "the server: " + std::string(journal_.text(record)));
        }
    }

    // ---- the sum of it

    void measureLatency() {
        std::vector<int64_t> latencies;
        int64_t first = std::numeric_limits<int64_t>::max(), last = 0;
        for (const Record& record : index_.records()) {
            if (record.kind == Kind::Sent && record.number < kFirstProbe) {
                first = std::min(first, record.due != 0 ? record.due : record.ns);
            }
            if (record.kind != Kind::Received || record.number >= kFirstProbe || record.history)
                continue;
            const auto index = index_.itemOf(record);
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
        if (!index_.hasEnd()) {
            doubts.push_back("the run did not finish: its journal has no end");
        } else if (!index_.decided()) {
            doubts.push_back("the run did not finish: " +
                             std::string(journal_.text(index_.records()[index_.end()])));
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

    const Journal& journal_;
    const JournalIndex index_;
    const std::vector<Item>& items_;
    const MembershipTimelines& timelines_;
    Verdict verdict_;
    Findings findings_;
    RecoveryChecks recoveryChecks_;
    std::vector<OneOrder> orders_;  // by room
    std::vector<uint32_t> seenBy_;  // by item: the last bot that saw it
    std::vector<uint32_t> fileAt_;  // by item: the last bot that has the file
    std::unordered_map<uint16_t, std::vector<Seen>> chains_;  // the present bot's, by room
    std::vector<Reached> reached_;                            // the present bot's
    size_t absent_ = 0;
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
