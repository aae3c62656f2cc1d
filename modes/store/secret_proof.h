#pragma once

// What is kept of a user's secret: enough to know it again, too little to say it.

#include <string>

namespace netchat::store {

// Its SHA-256, in hexadecimal digits.
std::string proofOfSecret(const std::string& secret);

}  // namespace netchat::store
