#pragma once

// A verdict in its three forms: a table for people, JSON for programs, JUnit for a CI. Pure.

#include <string>

#include "harness/journal/journal.h"
#include "harness/judge/verdict.h"

namespace netchat::harness {

// About ten lines, the violations first shown, and at the end PASS, FAIL or INCONCLUSIVE and the
// command that repeats the run.
std::string tableReport(const Journal& journal, const Verdict& verdict);
// One object; harness/README.md names its members.
std::string jsonReport(const Journal& journal, const Verdict& verdict);
// One test case for each property.
std::string junitReport(const Journal& journal, const Verdict& verdict);

}  // namespace netchat::harness
