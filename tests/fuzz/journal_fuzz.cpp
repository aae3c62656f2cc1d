// Journals: read, written and read again they are the same, and any of them is judged.

#include <Poco/JSON/Parser.h>

#include <sstream>

#include "harness/journal/journal_text.h"
#include "harness/judge/checker.h"
#include "harness/report/report.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

using namespace harness;

std::string writtenForm(const Journal& journal) {
    std::ostringstream out;
    writeJournal(out, journal);
    HOLDS(out.good());
    return out.str();
}

void isAVerdict(const Verdict& verdict) {
    HOLDS(!outcomeName(verdict.outcome).empty());
    HOLDS(exitCode(verdict.outcome) >= 0 && exitCode(verdict.outcome) <= 2);
    uint64_t violated = 0;
    for (const auto& result : verdict.results) violated += result.violated;
    HOLDS((violated > 0) == (verdict.outcome == Outcome::Fail));
    HOLDS(violated >= verdict.violations.size());
    for (const auto& violation : verdict.violations) {
        HOLDS(!violation.text.empty());
        HOLDS(verdict[violation.property].violated > 0);
    }
    HOLDS(verdict.outcome != Outcome::Inconclusive || !verdict.doubts.empty());
    HOLDS(verdict.delivered <= verdict.owed);
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat;
    using namespace netchat::fuzz;
    std::istringstream in(std::string(textOf(data, size)));
    const auto journal = harness::readJournal(in);
    if (!journal) {
        HOLDS(!journal.error().text.empty());
        isSafeToShow(journal.error().text);
        return 0;
    }
    const std::string once = writtenForm(*journal);
    std::istringstream again(once);
    const auto same = harness::readJournal(again);
    HOLDS(same);
    SAME(writtenForm(*same), once);
    const auto verdict = harness::check(*journal);
    isAVerdict(verdict);
    isSafeToShow(harness::tableReport(*journal, verdict), true);
    HOLDS(utf8::isValid(harness::junitReport(*journal, verdict)));
    Poco::JSON::Parser().parse(harness::jsonReport(*journal, verdict));
    (void)harness::allArrived(*journal);
    return 0;
}
