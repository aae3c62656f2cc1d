#pragma once

// What a server was expected to do, and did not. Thrown by whoever speaks for an attack, caught
// where attacks are run and nowhere else: an attack is a few lines, each of which may be the last.

#include <stdexcept>
#include <string>

namespace netchat::harness::hostile {

class ExpectationFailed : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

inline void require(bool held, const std::string& otherwise) {
    if (!held) throw ExpectationFailed(otherwise);
}

}  // namespace netchat::harness::hostile
