#include "protocol/names.h"

#include <algorithm>

#include "protocol/limits.h"
#include "protocol/utf8.h"

namespace netchat {

namespace {

bool isRuleClass(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '+' || c == '-';
}

Status checkText(std::string_view name, std::string_view what, ErrorCode code,
                 size_t codePointsMax) {
    const auto refuse = [&](const std::string& why) {
        return Error{code, "a " + std::string(what) + " " + why};
    };
    if (name.empty()) return refuse("must not be empty");
    // Four bytes hold any code point: checked first, so that nothing long is decoded.
    if (name.size() > 4 * codePointsMax || utf8::length(name) > codePointsMax) {
        return refuse("can have at most " + std::to_string(codePointsMax) + " characters");
    }
    for (std::string_view rest = name; !rest.empty();) {
        const char32_t c = utf8::next(rest);
        if (c == utf8::kInvalid) return refuse("must be valid text");
        if (utf8::isControl(c)) return refuse("must not contain control characters");
    }
    return Ok{};
}

Status checkWord(std::string_view name, std::string_view what, ErrorCode code,
                 size_t codePointsMax) {
    auto status = checkText(name, what, code, codePointsMax);
    if (!status) return status;
    for (std::string_view rest = name; !rest.empty();) {
        const char32_t c = utf8::next(rest);
        if (utf8::isSpace(c) || utf8::isInvisible(c)) {
            return Error{code, "a " + std::string(what) + " must not contain spaces"};
        }
    }
    return Ok{};
}

bool isUnsafeInFileName(char32_t c) {
    return c == utf8::kInvalid || c == '/' || c == '\\' || utf8::isControl(c) ||
           utf8::isInvisible(c) || c == 0x2028 || c == 0x2029;  // ends of lines, to some
}

// CON, nul.txt, COM1.tar.gz: Windows takes these, in any folder and whatever follows the dot, for
// devices. (Microsoft, "Naming Files, Paths, and Namespaces".)
bool isDeviceOfWindows(std::string_view name) {
    std::string stem(name.substr(0, std::min(name.find_first_of(".:"), name.size())));
    while (!stem.empty() && stem.back() == ' ') stem.pop_back();
    for (char& c : stem) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    static constexpr std::string_view kAlone[] = {"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
    if (std::find(std::begin(kAlone), std::end(kAlone), stem) != std::end(kAlone)) return true;
    if (!stem.starts_with("COM") && !stem.starts_with("LPT")) return false;
    static constexpr std::string_view kRaised[] = {"\u00B9", "\u00B2", "\u00B3"};
    const std::string_view number = std::string_view(stem).substr(3);
    return (number.size() == 1 && number[0] >= '0' && number[0] <= '9') ||
           std::find(std::begin(kRaised), std::end(kRaised), number) != std::end(kRaised);
}

}  // namespace

Status checkClassicName(std::string_view name) {
    return checkText(name, "user name", ErrorCode::BadNick, limits::kNickCodePointsMax);
}

Status checkNick(std::string_view nick) {
    return checkWord(nick, "nick", ErrorCode::BadNick, limits::kNickCodePointsMax);
}

Status checkRoom(std::string_view room) {
    return checkWord(room, "room name", ErrorCode::BadRoom, limits::kRoomCodePointsMax);
}

Status checkId(std::string_view id) {
    const bool good = !id.empty() && id.size() <= limits::kIdBytesMax &&
                      std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < 0x7F; });
    if (good) return Ok{};
    return Error{ErrorCode::BadId, "an id is 1 to " + std::to_string(limits::kIdBytesMax) +
                                       " printable ASCII characters without spaces"};
}

Status checkSha256(std::string_view hex) {
    const bool good = hex.size() == 64 && std::all_of(hex.begin(), hex.end(), [](char c) {
                          return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                      });
    if (good) return Ok{};
    return Error{ErrorCode::BadHash, "a sha256 is 64 lower-case hexadecimal digits"};
}

Status checkFileName(std::string_view name) {
    const auto refuse = [](const char* why) {
        return Error{ErrorCode::BadName, std::string("a file name ") + why};
    };
    if (name.empty()) return refuse("must not be empty");
    if (name.size() > limits::kFileNameBytesMax) return refuse("can have at most 255 bytes");
    for (std::string_view rest = name; !rest.empty();) {
        if (isUnsafeInFileName(utf8::next(rest))) {
            return refuse("must be valid text without '/', '\\' and control characters");
        }
    }
    const auto isEdge = [](char c) { return c == '.' || c == ' '; };
    if (isEdge(name.front())) return refuse("must not begin with a dot or a space");
    if (isEdge(name.back())) return refuse("must not end with a dot or a space");
    if (isDeviceOfWindows(name)) return refuse("must not be a device of Windows, such as CON");
    return Ok{};
}

std::string safeFileName(std::string_view name) {
    std::string out;
    for (std::string_view rest = name;
         !rest.empty() && out.size() < 4 * limits::kFileNameBytesMax;) {
        const char32_t c = utf8::next(rest);
        utf8::append(out, isUnsafeInFileName(c) ? U'_' : c);
    }
    out.erase(0, std::min(out.size(), out.find_first_not_of(". ")));
    if (isDeviceOfWindows(out)) out.insert(0, "_");
    // The extension survives the cut: it says what the file is.
    if (out.size() > limits::kFileNameBytesMax) {
        const size_t dot = out.rfind('.');
        const bool keep = dot != std::string::npos && out.size() - dot <= 16;
        const std::string extension = keep ? out.substr(dot) : std::string();
        out = std::string(utf8::prefix(out, limits::kFileNameBytesMax - extension.size())) +
              extension;
    }
    while (!out.empty() && (out.back() == '.' || out.back() == ' ')) out.pop_back();
    return out.empty() ? "file" : out;
}

std::string numberedFileName(std::string_view name, unsigned number) {
    const std::string mark = " (" + std::to_string(number) + ")";
    const size_t dot = name.rfind('.');
    const bool split = dot != std::string_view::npos && dot > 0;
    const std::string_view extension = split ? name.substr(dot) : std::string_view();
    std::string_view stem = split ? name.substr(0, dot) : name;
    const size_t fixed = mark.size() + extension.size();
    if (fixed >= limits::kFileNameBytesMax) return std::string(stem.substr(0, 0)) + "file" + mark;
    stem = utf8::prefix(stem, limits::kFileNameBytesMax - fixed);
    return std::string(stem) + mark + std::string(extension);
}

namespace {

// ^[a-zA-Z0-9_.+-]+ . \w* %$ : the `$` also matches before one final newline, `.` is any character
// but a newline, and `isWord` says what \w is.
template <class IsWord>
bool matchesRule(std::string_view text, IsWord isWord) {
    if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    if (text.size() < 3 || text.back() != '%' || !isRuleClass(text.front())) return false;
    text.remove_suffix(1);
    const size_t classEnd =
        static_cast<size_t>(std::find_if_not(text.begin(), text.end(), isRuleClass) - text.begin());
    // The `.` may take any character from position 1 up to the first one outside the class; the
    // later it is, the less is left for \w*, so the last place is the best.
    const size_t any = classEnd == text.size() ? text.size() - 1 : classEnd;
    if (any == 0) return false;
    std::string_view rest = text.substr(any);
    const char32_t anything = utf8::next(rest);
    if (anything == '\n' || anything == utf8::kInvalid) return false;
    while (!rest.empty()) {
        const char32_t c = utf8::next(rest);
        if (c == utf8::kInvalid || !isWord(c)) return false;
    }
    return true;
}

}  // namespace

bool matchesFileRule(std::string_view text) {
    return matchesRule(text, utf8::isPythonWord);
}

std::string classicFileAnnouncement(std::string_view name) {
    std::string out;
    const std::string safe = safeFileName(name);
    for (std::string_view rest = safe; !rest.empty();) {
        const char32_t c = utf8::next(rest);
        out += c < 0x80 && isRuleClass(static_cast<char>(c)) ? static_cast<char>(c) : '_';
    }
    // The rule wants two characters before the percent sign.
    if (out.size() < 2) out += '_';
    return out + '%';
}

std::string_view classicText(std::string_view text, std::string& buffer) {
    // What \w matches grows with each version of Unicode: beyond ASCII no character is ruled out.
    const auto mayBeWord = [](char32_t c) { return c >= 0x80 || utf8::isPythonWord(c); };
    if (!matchesRule(text, mayBeWord)) return text;
    buffer.assign(text).push_back(' ');
    return buffer;
}

}  // namespace netchat
