#include "cmd/config_file.h"

#include <Poco/AutoPtr.h>
#include <Poco/Exception.h>
#include <Poco/String.h>
#include <Poco/Util/PropertyFileConfiguration.h>

#include <algorithm>
#include <sstream>
#include <string_view>

#include "cmd/command.h"
#include "modes/net/file_text.h"
#include "protocol/limits.h"
#include "protocol/text_safety.h"

namespace netchat::cmd {

namespace {

// A configuration is a page; what is larger is not one.
constexpr size_t kConfigBytesMax = 1 * limits::kMiB;

std::string readText(const std::string& path) {
    const auto refuse = [&](const std::string& why) {
        return UsageError("cannot read the configuration file '" + forLog(path) + "': " + why,
                          kExitBadInput);
    };
    const auto read = net::readFileText(path, kConfigBytesMax);
    if (!read) throw refuse(read.error().text);
    std::string text = *read;
    // Editors of some systems begin each text so.
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        throw refuse("it is in UTF-16; save it as UTF-8");
    }
    return text;
}

// The keys in the order of their lines; values are left to POCO.
std::vector<ConfigEntry> findKeys(const std::string& path, const std::string& text) {
    std::vector<ConfigEntry> entries;
    std::istringstream lines(text);
    std::string line;
    bool continued = false;
    for (size_t number = 1; std::getline(lines, line); ++number) {
        const std::string content = Poco::trim(line);
        const bool belongsToLast = continued;
        continued = !content.empty() && content.back() == '\\';
        if (belongsToLast || content.empty() || content[0] == '#' || content[0] == '!') continue;
        const std::string key = Poco::trim(content.substr(0, content.find_first_of("=:")));
        const std::string where = forLog(path, 200) + ":" + std::to_string(number) + ": ";
        if (content.find_first_of("=:") == std::string::npos || key.empty()) {
            throw UsageError(where + "expected 'option = value', not '" + forLog(content) + "'",
                             kExitBadInput);
        }
        const bool twice = std::any_of(entries.begin(), entries.end(),
                                       [&](const auto& entry) { return entry.key == key; });
        if (twice) throw UsageError(where + forLog(key) + " is given twice", kExitBadInput);
        entries.push_back({key, "", number});
    }
    return entries;
}

}  // namespace

std::vector<ConfigEntry> readConfigFile(const std::string& path) {
    const std::string text = readText(path);
    auto entries = findKeys(path, text);
    try {
        std::istringstream stream(text);
        const Poco::AutoPtr<Poco::Util::PropertyFileConfiguration> properties(
            new Poco::Util::PropertyFileConfiguration(stream));
        for (auto& entry : entries) entry.value = properties->getRawString(entry.key);
    } catch (const Poco::Exception& fault) {
        throw UsageError(forLog(path, 200) + ": " + forLog(fault.displayText()), kExitBadInput);
    }
    return entries;
}

}  // namespace netchat::cmd
