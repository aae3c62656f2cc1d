#include "modes/net/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace netchat::net {

namespace {

// Lower case, with '-' for '_' and ' ': the form in which Python's spellings are compared.
std::string normalised(std::string_view name) {
    std::string out(name);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == '_' || c == ' ') c = '-';
    }
    return out;
}

// Spellings of Python's that iconv does not know, or knows as something else.
constexpr std::pair<std::string_view, std::string_view> kAliases[] = {
    {"utf8", "utf-8"},
    {"u8", "utf-8"},
    {"utf", "utf-8"},
    {"cp65001", "utf-8"},
    {"utf16", "utf-16"},
    {"u16", "utf-16"},
    {"utf32", "utf-32"},
    {"u32", "utf-32"},
    {"utf-16-le", "utf-16le"},
    {"utf-16-be", "utf-16be"},
    {"utf-32-le", "utf-32le"},
    {"utf-32-be", "utf-32be"},
    {"ascii", "us-ascii"},
    {"646", "us-ascii"},
    {"latin", "iso-8859-1"},
    {"latin-1", "iso-8859-1"},
    {"8859", "iso-8859-1"},
    {"latin-2", "iso-8859-2"},
    {"latin-9", "iso-8859-15"},
    {"windows-1250", "cp1250"},
    {"windows-1251", "cp1251"},
    {"windows-1252", "cp1252"},
    {"iso2022-jp", "iso-2022-jp"},
    {"iso2022-kr", "iso-2022-kr"},
    {"shift-jis", "sjis"},
};

// What iconv is asked for; empty for a name that it must not see, because it would read options
// ("utf-8//IGNORE") or the locale's charset ("") into it.
std::string iconvName(std::string_view name) {
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c != '\0' && std::strchr("-_.:+ ", c));
    });
    if (!plain) return {};
    const std::string asked = normalised(name);
    for (const auto& [alias, known] : kAliases) {
        if (asked == alias) return std::string(known);
    }
    const bool number = asked.find_first_not_of("0123456789") == std::string::npos;
    return number ? "cp" + asked : asked;
}

// One direction of one pair of charsets.
class Converter {
  public:
    Converter(const std::string& to, const std::string& from)
        : handle_(iconv_open(to.c_str(), from.c_str())) {}
    ~Converter() {
        if (works()) iconv_close(handle_);
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;

    // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how iconv_open() says that it failed.
    bool works() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

    // Appends the whole of `bytes`, converted; false where they are not valid.
    bool append(std::string& out, std::string_view bytes) {
        iconv(handle_, nullptr, nullptr, nullptr, nullptr);
        while (!bytes.empty()) {
            const int error = step(out, bytes);
            if (error != 0 && error != E2BIG) return false;
        }
        finish(out);
        return true;
    }

    // The same for UTF-8, with '?' for what cannot be said. In short pieces: iconv goes back to the
    // start of what it was given for each character that it cannot map.
    void appendAnyway(std::string& out, std::string_view text) {
        iconv(handle_, nullptr, nullptr, nullptr, nullptr);
        while (!text.empty()) {
            std::string_view piece = text.substr(0, pieceLength(text));
            text.remove_prefix(piece.size());
            while (!piece.empty()) {
                const int error = step(out, piece);
                if (error == 0 || error == E2BIG) continue;
                utf8::next(piece);
                // Through iconv, because a stateful charset must first switch to where '?' is.
                std::string_view mark = "?";
                step(out, mark);
            }
        }
        finish(out);
    }

  private:
    // Some bytes that end where a code point ends.
    static size_t pieceLength(std::string_view text) {
        constexpr size_t kPieceBytes = 64;
        size_t length = std::min(kPieceBytes, text.size());
        while (length > kPieceBytes - 4 && length < text.size() && (text[length] & 0xC0) == 0x80) {
            --length;
        }
        return length;
    }

    // A stateful charset returns to its first state.
    void finish(std::string& out) {
        std::string_view none;
        step(out, none, true);
    }

    // One call of iconv: takes from `text`, appends to `out`; 0 or errno.
    int step(std::string& out, std::string_view& text, bool flush = false) {
        std::array<char, 1024> piece;
        char* to = piece.data();
        size_t room = piece.size();
        char* from = const_cast<char*>(text.data());
        size_t left = text.size();
        const size_t result = flush ? iconv(handle_, nullptr, nullptr, &to, &room)
                                    : iconv(handle_, &from, &left, &to, &room);
        const int error = result == static_cast<size_t>(-1) ? errno : 0;
        out.append(piece.data(), piece.size() - room);
        text.remove_prefix(text.size() - left);
        return error;
    }

    iconv_t handle_;
};

Error badText(const std::string& name) {
    return {ErrorCode::BadText, "a text must be valid " + name};
}

// A charset without a byte order mark.
class IconvCharset : public Charset {
  public:
    explicit IconvCharset(const std::string& name)
        : name_(name), decoder_("utf-8", name), encoder_(name, "utf-8") {}

    bool works() const { return decoder_.works() && encoder_.works(); }

    Result<std::string_view> toUtf8(std::string_view bytes, std::string& buffer) override {
        buffer.clear();
        if (decoder_.append(buffer, bytes)) {
            return std::string_view(buffer);
        }
        return badText(name_);
    }

    std::string_view fromUtf8(std::string_view text, std::string& buffer) override {
        buffer.clear();
        encoder_.appendAnyway(buffer, text);
        return buffer;
    }

  private:
    std::string name_;
    Converter decoder_, encoder_;
};

// UTF-16 or UTF-32 as Python has them: read in the order that a mark says, or else little endian;
// written little endian behind a mark. (iconv guesses the other order where the mark is missing.)
class MarkedCharset : public Charset {
  public:
    MarkedCharset(const std::string& name, std::string_view littleMark, std::string_view bigMark)
        : little_(name + "le"), big_(name + "be"), littleMark_(littleMark), bigMark_(bigMark) {}

    bool works() const { return little_.works() && big_.works(); }

    Result<std::string_view> toUtf8(std::string_view bytes, std::string& buffer) override {
        if (bytes.starts_with(bigMark_)) {
            return big_.toUtf8(bytes.substr(bigMark_.size()), buffer);
        }
        if (bytes.starts_with(littleMark_)) bytes.remove_prefix(littleMark_.size());
        return little_.toUtf8(bytes, buffer);
    }

    std::string_view fromUtf8(std::string_view text, std::string& buffer) override {
        little_.fromUtf8(text, buffer);
        return buffer.insert(0, littleMark_);
    }

  private:
    IconvCharset little_, big_;
    std::string_view littleMark_, bigMark_;
};

template <class C>
std::unique_ptr<Charset> ifItWorks(std::unique_ptr<C> charset) {
    if (!charset->works()) return nullptr;
    return charset;
}

}  // namespace

std::unique_ptr<Charset> makeCharset(std::string_view name) {
    using namespace std::string_view_literals;
    const std::string asked = iconvName(name);
    if (asked.empty()) return nullptr;
    if (asked == "utf-8") return std::make_unique<Utf8Charset>();
    if (asked == "utf-16") {
        return ifItWorks(std::make_unique<MarkedCharset>(asked, "\xFF\xFE"sv, "\xFE\xFF"sv));
    }
    if (asked == "utf-32") {
        return ifItWorks(
            std::make_unique<MarkedCharset>(asked, "\xFF\xFE\0\0"sv, "\0\0\xFE\xFF"sv));
    }
    return ifItWorks(std::make_unique<IconvCharset>(asked));
}

std::string knownCharsets() {
    constexpr std::string_view kUsual[] = {
        "utf-8",     "ascii",        "latin-1",    "iso8859-2", "iso8859-5", "iso8859-7",
        "iso8859-8", "iso8859-9",    "iso8859-15", "cp1250",    "cp1251",    "cp1252",
        "cp1253",    "cp1254",       "cp1255",     "cp1256",    "cp1257",    "cp1258",
        "cp437",     "cp850",        "cp852",      "cp855",     "cp866",     "koi8-r",
        "koi8-u",    "mac-cyrillic", "utf-16",     "utf-16-le", "utf-16-be", "utf-32",
        "gb18030",   "gbk",          "big5",       "shift_jis", "euc-jp",    "euc-kr",
    };
    std::string out;
    for (const auto name : kUsual) {
        if (makeCharset(name)) out.append(out.empty() ? "" : ", ").append(name);
    }
    return out;
}

}  // namespace netchat::net
