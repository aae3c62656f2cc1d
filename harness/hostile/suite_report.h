#pragma once

// What an attack and its outcome look like: a line for a person, and JUnit. Pure.

#include <string>

#include "harness/hostile/suite.h"

namespace netchat::harness::hostile {

// The list of attacks: what each sends and what the server must do.
std::string listText(const std::vector<const Attack*>& attacks);
std::string resultHead();
// With what was found below it.
std::string resultLine(const AttackResult& result);
std::string summaryLine(const SuiteResult& result, const SuiteOptions& options);
std::string junitText(const SuiteResult& result);

}  // namespace netchat::harness::hostile
