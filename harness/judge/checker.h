#pragma once

// Judges a journal. Pure: the same journal, the same verdict.
//
// Who is owed a message, by the order of the journal's records:
//
//     stay of the receiver:   join ....... joined ================= leave ....... left
//     said in this part:            optional |        owed          | optional
//
// Owed is what was said after the receiver was certainly there and was in the log (somebody saw
// it) before it asked to leave. A stay that a closed or lost connection ended owes only what lies
// before something that did arrive in it: the rest may have been on its way. What was in the log
// before the receiver asked to come, or was said after it was gone, must not arrive at all.

#include "harness/journal/journal.h"
#include "harness/judge/verdict.h"

namespace netchat::harness {

Verdict check(const Journal& journal);

// Whether everything that was owed so far has arrived: then a run need not wait any longer.
bool allArrived(const Journal& journal);

}  // namespace netchat::harness
