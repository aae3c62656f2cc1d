#pragma once

// What the full screen costs whoever uses it: a table on stdout, in about a minute.

#include <string>

namespace netchat::test {

void measure(const std::string& netchat);

}  // namespace netchat::test
