#pragma once

// Makes texts that people take for the same the same. Pure; any thread.

#include <string>
#include <string_view>

namespace netchat::store {

// `text`: valid UTF-8. White space stays, though other spaces may become U+0020.
std::string withoutCaseAndAccents(std::string_view text);

}  // namespace netchat::store
