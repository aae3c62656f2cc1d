#include "harness/judge/recovery_checks.h"

#include <algorithm>

#include "protocol/limits.h"

namespace netchat::harness {

RecoveryChecks::RecoveryChecks(const Journal& journal, const JournalIndex& index,
                               Findings& findings, Verdict& verdict)
    : journal_(journal), index_(index), findings_(findings), verdict_(verdict) {
    if (any()) collect();
}

void RecoveryChecks::collect() {
    std::vector<size_t> accepted;
    for (const Item& item : index_.items()) accepted.push_back(item.acceptedAt);
    std::sort(accepted.begin(), accepted.end());
    for (size_t place = 0; place < index_.records().size(); ++place) {
        const Record& record = index_.records()[place];
        take(record);
        if (record.kind != Kind::ServerKilled) continue;
        firstKill_ = std::min(firstKill_, place);
        lastKill_ = place;
        const auto before = std::lower_bound(accepted.begin(), accepted.end(), place);
        verdict_.hardships.acknowledged.push_back(static_cast<uint64_t>(before - accepted.begin()));
    }
}

void RecoveryChecks::takeFile(const Record& record) {
    if (record.kind == Kind::Upload) ++underWay_;
    if (record.kind == Kind::Uploaded || record.kind == Kind::UploadRefused) --underWay_;
    if (record.kind == Kind::Announced && record.bot != record.sender) ++underWay_;
    if (record.kind == Kind::FileReceived || record.kind == Kind::FileFailed) --underWay_;
}

void RecoveryChecks::take(const Record& record) {
    Hardships& hard = verdict_.hardships;
    takeFile(record);
    const bool kill = record.kind == Kind::ServerKilled || record.kind == Kind::BotKilled;
    hard.killsAmidFiles += kill && underWay_ > 0;
    const bool returned = record.kind == Kind::Back || record.kind == Kind::BotBack;
    if (record.kind == Kind::Fault) {
        const std::string_view text = journal_.text(record);
        ++hard.faults[std::string(text.substr(0, text.find(' ')))];
    }
    hard.cuts += record.kind == Kind::Cut;
    hard.returns += returned;
    hard.saidAgain += returned ? record.seq : 0;
    hard.serverKills += record.kind == Kind::ServerKilled;
    hard.botKills += record.kind == Kind::BotKilled;
    if (record.kind == Kind::FaultsOver) overNs_ = record.ns;
    if (record.kind != Kind::Resent) return;
    hard.resumes += static_cast<uint64_t>(record.due);
    hard.bytesAgain += record.seq;
}

void RecoveryChecks::judgeArrival(const Record& record) {
    if (overNs_ == 0) return;
    ++verdict_[Property::Liveness].checked;
    const int64_t lateNs = record.ns - overNs_;
    int64_t& settled = verdict_.hardships.settledNs;
    settled = std::max(settled, lateNs);
    if (lateNs <= journal_.info.settleMs * 1'000'000) return;
    findings_.add(Property::Liveness, record,
                  "came " + std::to_string(lateNs / 1'000'000) +
                      " ms after the last fault, later than the time to settle");
}

void RecoveryChecks::judgeSurvivor(uint32_t bot, const Item& item, bool seen) {
    ++verdict_[Property::Survived].checked;
    if (seen) return;
    findings_.add(Property::Survived, bot, item,
                  "was acknowledged before a kill of the server, and never arrived here");
}

void RecoveryChecks::judgeGap(const Record& record, size_t place) {
    if (place < firstKill_) return;
    findings_.add(
        Property::Survived, record,
        "after a kill of the server entries up to " + std::to_string(record.seq) + " are gone");
}

// What a cut makes a transfer send again at most is what may be under way at a time.
void RecoveryChecks::judgeResent(const Record& record) {
    ++verdict_[Property::Resumes].checked;
    const auto cuts = static_cast<uint64_t>(record.due);
    const uint64_t allowed = cuts * limits::kChunkBytesMax;
    if (record.seq <= allowed) return;
    findings_.add(Property::Resumes, record,
                  findings_.fileOf(record) + " going " + std::string(journal_.text(record)) + ": " +
                      std::to_string(record.seq) + " bytes were sent again over " +
                      std::to_string(cuts) + (cuts == 1 ? " cut" : " cuts") + ", of which " +
                      std::to_string(allowed) + " are allowed");
}

// ---- the logs

void RecoveryChecks::judgeLogs() {
    std::vector<uint64_t> last(journal_.rooms.size(), 0), at(index_.items().size(), 0);
    bool read = false;
    for (const Record& record : index_.records()) {
        if (record.kind != Kind::InLog && record.kind != Kind::FileInLog) continue;
        read = true;
        judgeNext(record, last[record.room]);
        const auto index = index_.itemOf(record);
        if (!index) continue;
        if (at[*index] != 0) judgeTwice(index_.items()[*index], at[*index], record.seq);
        at[*index] = record.seq;
    }
    if (firstKill_ == kNever) return;
    if (!read) verdict_.doubts.emplace_back("the logs were not read after the kills");
    for (size_t i = 0; i < at.size() && read; ++i) judgeKept(index_.items()[i], at[i]);
}

void RecoveryChecks::judgeNext(const Record& record, uint64_t& last) {
    ++verdict_[Property::TotalOrder].checked;
    if (last != 0 && record.seq != last + 1) {
        findings_.add(Property::TotalOrder,
                      "room " + journal_.rooms[record.room] + ": in its log number " +
                          std::to_string(record.seq) + " follows number " + std::to_string(last));
    }
    last = record.seq;
}

void RecoveryChecks::judgeTwice(const Item& item, uint64_t first, uint64_t second) {
    findings_.add(Property::Duplicated, "room " + journal_.rooms[item.room] + ": " +
                                            findings_.nameOf(item) + " is in its log at number " +
                                            std::to_string(first) + " and at number " +
                                            std::to_string(second));
}

void RecoveryChecks::judgeKept(const Item& item, uint64_t seq) {
    if (item.refused || !isSurvivor(item)) return;
    ++verdict_[Property::Survived].checked;
    if (seq != 0 && (item.seq == 0 || seq == item.seq)) return;
    const std::string what = seq == 0 ? "is not in the log any more"
                                      : "has the number " + std::to_string(seq) +
                                            " in the log, and had " + std::to_string(item.seq);
    findings_.add(Property::Survived,
                  "room " + journal_.rooms[item.room] + ": " + findings_.nameOf(item) +
                      " was acknowledged before a kill of the server, and " + what);
}

}  // namespace netchat::harness
