#pragma once

// A configuration file: Java-style properties, read by POCO, with the line of each entry, which
// POCO does not keep and which messages need.

#include <string>
#include <vector>

namespace netchat::cmd {

struct ConfigEntry {
    std::string key, value;
    size_t line;  // from 1
};

// In the order of the file; a key that comes twice is an error. Throws UsageError (kExitBadInput)
// naming the file and the line for what does not parse.
std::vector<ConfigEntry> readConfigFile(const std::string& path);

}  // namespace netchat::cmd
