#pragma once

// Pictures for the README, taken of the real program while real people talk.

#include <filesystem>
#include <string>

namespace netchat::test {

// talk.svg and transfer.svg. What does not come about is a std::runtime_error with the screen.
void takeShots(const std::string& netchat, const std::filesystem::path& folder);

}  // namespace netchat::test
