#pragma once

// What is judged of runs with faults besides: whether all arrives once they are over, whether
// transfers go on where they were cut, and whether the logs still hold what was acknowledged. Pure.

#include <cstdint>
#include <vector>

#include "harness/journal/journal.h"
#include "harness/judge/findings.h"
#include "harness/judge/journal_index.h"
#include "harness/judge/verdict.h"

namespace netchat::harness {

// What it is made of outlives it.
class RecoveryChecks {
  public:
    RecoveryChecks(const Journal& journal, const JournalIndex& index, Findings& findings,
                   Verdict& verdict);

    // The run had faults; without, nothing below is to be called.
    bool any() const { return !journal_.info.faults.empty(); }
    // Somebody saw this before a kill of the server.
    bool isSurvivor(const Item& item) const { return item.acceptedAt < lastKill_; }

    // Something that was owed came.
    void judgeArrival(const Record& record);
    // An item that isSurvivor() is owed here.
    void judgeSurvivor(uint32_t bot, const Item& item, bool seen);
    void judgeGap(const Record& record, size_t place);
    void judgeResent(const Record& record);
    // The logs as they were read at the end: without holes, and with all that was acknowledged
    // before a kill where it was then.
    void judgeLogs();

  private:
    void collect();
    void take(const Record& record);
    void takeFile(const Record& record);
    void judgeNext(const Record& record, uint64_t& last);
    void judgeTwice(const Item& item, uint64_t first, uint64_t second);
    void judgeKept(const Item& item, uint64_t seq);

    const Journal& journal_;
    const JournalIndex& index_;
    Findings& findings_;
    Verdict& verdict_;
    size_t firstKill_ = kNever, lastKill_ = 0;  // of the server
    int64_t overNs_ = 0;                        // the last fault was over
    int64_t underWay_ = 0;                      // uploads and downloads, while collecting
};

}  // namespace netchat::harness
