#pragma once

// Whether a log is, at a start, what its last run left: what there is to see, and what follows from
// it. Two small files beside the log tell of the last run, and a witness outside its disk
// (log_witness.h):
//
//     log.run    written anew at each start: a random token, which boot of the machine, which file
//                the log is
//     log.mark   the token, which file log.run is and when it was changed last, the log's identity;
//                and, written in place after each commit, how many entries there are and whether
//                the run was ended in order
//
// A copy of the folder has other files than its log.run and log.mark speak of: another inode, or,
// where it was copied over the first, another time of change, which no program can set. A log that
// was cut has fewer entries than the mark counts. A disk that was put back to a snapshot is the
// same to the last byte, but not the run that the witness saw last. Without a witness, which no
// start of the machine survives, the log is given another identity in silence: where nothing is
// missing, that costs its readers nothing. Pure: reading and writing is the business of log_mark.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "modes/store/log_witness.h"

namespace netchat::store {

struct LogRun {
    std::string token;
    std::string boot;       // the machine's; empty: not known
    uint64_t logInode = 0;  // of the log's file
};
std::string runText(const LogRun& run);
std::optional<LogRun> parseRun(std::string_view text);

struct LogMark {
    std::string token;  // of the run
    uint64_t runInode = 0;
    int64_t runChangedNs = 0;  // when log.run was changed last (its ctime)
    std::string identity;      // of the log
    uint64_t total = 0;        // entries that were ever appended, in all rooms
    bool clean = false;        // the run was ended in order, and all of it is on the disk
};
// Always of the same size; where in it the last line stands, which is written in place.
std::string markText(const LogMark& mark);
std::string markLastLine(uint64_t total, bool clean);
size_t markLastLineOffset();
std::optional<LogMark> parseMark(std::string_view text);

// What is found at a start.
struct LogFound {
    std::optional<LogRun> run;
    uint64_t runInode = 0;
    int64_t runChangedNs = 0;
    std::optional<LogMark> mark;
    uint64_t logInode = 0;
    std::string boot;  // the machine's, now
    std::optional<LogWitnessed> witness;
    std::string identity;  // in the log; empty: it never had one
    uint64_t total = 0;    // entries in the log, those that retention has forgotten included
};

struct LogVerdictAtStart {
    bool same = false;    // its past is what it was: it keeps its identity
    bool intact = false;  // nothing speaks against that: what is derived from the log stays good
    uint64_t lost = 0;    // entries that are known to be missing at its end
    std::string text;     // for its owner; empty: there is nothing to say
};
LogVerdictAtStart judgeStart(const LogFound& found);

// How many entries are known to be missing: the mark is of the run that the log had last.
uint64_t missingEntries(const LogFound& found);

}  // namespace netchat::store
