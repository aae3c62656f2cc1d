#include "modes/connect/screen/settings_file.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "modes/client/small_file.h"
#include "protocol/limits.h"
#include "protocol/text_safety.h"

namespace netchat::connect {

namespace {

namespace fs = std::filesystem;

constexpr size_t kSettingsBytesMax = 1 * limits::kMiB;  // as a configuration may have

std::string_view stripped(std::string_view text) {
    const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
    return text;
}

// With its newline.
std::string_view takeLine(std::string_view& text) {
    const size_t end = text.find('\n');
    const size_t size = end == std::string_view::npos ? text.size() : end + 1;
    const auto line = text.substr(0, size);
    text.remove_prefix(size);
    return line;
}

bool isSetting(std::string_view line, std::string_view name) {
    const std::string_view content = stripped(line);
    if (content.empty() || content.front() == '#' || content.front() == '!') return false;
    return stripped(content.substr(0, content.find_first_of("=:"))) == name;
}

std::string settingLine(std::string_view name, const std::string& value) {
    std::string line = std::string(name) + " = ";
    for (const char c : value) line += c == '\\' ? "\\\\" : std::string(1, c);
    return line + "\n";
}

Error failure(const fs::path& file, int error) {
    return {ErrorCode::Internal, "cannot use " + forLog(file.native(), 300) + ": " +
                                     std::generic_category().message(error)};
}

}  // namespace

std::string withSetting(std::string_view text, std::string_view name,
                        const std::optional<std::string>& value) {
    std::string result;
    bool there = false, replaced = false;
    for (bool goesOn = false; !text.empty();) {
        const std::string_view line = takeLine(text);
        const bool belongsToLast = goesOn;
        goesOn = stripped(line).ends_with('\\');
        if (!belongsToLast) there = isSetting(line, name);
        if (!there) {
            result += line;
        } else if (value && !std::exchange(replaced, true)) {
            result += settingLine(name, *value);
        }
    }
    if (!value || replaced) return result;
    if (!result.empty() && !result.ends_with('\n')) result += '\n';
    return result + settingLine(name, *value);
}

Status keepSetting(const fs::path& file, std::string_view name,
                   const std::optional<std::string>& value) {
    if (name.find_first_of("=:") != std::string_view::npos) {
        return Error{ErrorCode::BadValue, "a key called '=' or ':' cannot be kept in a file"};
    }
    std::error_code error;
    fs::path real = file;
    if (fs::is_symlink(file, error)) {
        real = fs::weakly_canonical(file, error);
        if (error) return failure(file, error.value());
    }
    auto text = client::readSmallFile(real, kSettingsBytesMax);
    if (!text) return text.error();
    const fs::path folder = real.parent_path();
    if (!folder.empty() && fs::create_directories(folder, error)) {
        fs::permissions(folder, fs::perms::owner_all, error);
    }
    struct stat known {};
    const unsigned mode = ::stat(real.c_str(), &known) == 0 ? known.st_mode & 0777U : 0600;
    return client::replaceFile(real, withSetting(*text, name, value), mode);
}

}  // namespace netchat::connect
