#pragma once

// What nicks have in common that people take for one another (Unicode TR 36 and TR 39). Two nicks
// that differ in nothing but their digits are never alike. Pure; any thread. (ICU.)

#include <string>
#include <string_view>

namespace netchat::serve {

// The same for nicks that differ in case or width only.
std::string foldedNick(std::string_view nick);
// The same for nicks that look alike: Latin and Cyrillic a, capital I and small l, rn and m.
std::string nickSkeleton(std::string_view nick);

}  // namespace netchat::serve
