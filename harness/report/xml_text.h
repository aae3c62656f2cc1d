#pragma once

// Text in an XML report: escaped, and without what XML cannot hold. Pure.

#include <string>
#include <string_view>

namespace netchat::harness {

std::string xmlText(std::string_view text);

}  // namespace netchat::harness
