#pragma once

// The journal's written form: JSON lines (harness/README.md says which). Two million records take
// seconds: both directions are written out by hand for this one flat shape.

#include <iosfwd>
#include <string>

#include "harness/journal/journal.h"
#include "protocol/result.h"

namespace netchat::harness {

// The stream's state says whether all of it could be written.
void writeJournal(std::ostream& out, const Journal& journal);

// An Error names the first bad line by its number. A journal that was cut off in the middle of a
// line is bad, too; one that lacks its end record is not: the checker calls it inconclusive.
Result<Journal> readJournal(std::istream& in);

// `text` between quotation marks, escaped; invalid UTF-8 becomes U+FFFD.
void appendJsonString(std::string& out, std::string_view text);

}  // namespace netchat::harness
