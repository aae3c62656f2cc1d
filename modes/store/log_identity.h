#pragma once

// A new identity for a log: random digits from the kernel, so that no two lives of a log, nor two
// copies of one, have the same.

#include <string>

namespace netchat::store {

std::string newLogIdentity();

}  // namespace netchat::store
