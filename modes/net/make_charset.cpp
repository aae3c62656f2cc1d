#include "modes/net/make_charset.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "modes/net/multi_byte_charset.h"
#include "modes/net/single_byte_charset.h"

namespace netchat::net {

namespace {

using namespace std::string_view_literals;

// As Python reads a codec's name: lower case, with one '_' for all between letters and digits.
// Empty for what cannot be a name.
std::string normalised(std::string_view name) {
    std::string out;
    bool between = false;
    for (char c : name) {
        if (c < ' ' || c > '~') return {};
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
        if (letter && between && !out.empty()) out += '_';
        if (letter) out += c == '.' ? '_' : c;
        between = !letter;
    }
    return out;
}

bool isOneOf(std::string_view name, std::string_view names) {
    while (!names.empty()) {
        const size_t size = std::min(names.find(' '), names.size());
        if (names.substr(0, size) == name) return true;
        names.remove_prefix(std::min(size + 1, names.size()));
    }
    return false;
}

template <class Table>
const auto* find(const Table& table, std::string_view name) {
    const auto found = std::find_if(std::begin(table), std::end(table), [&](const auto& entry) {
        return entry.name == name || isOneOf(name, entry.aliases);
    });
    return found == std::end(table) ? nullptr : &*found;
}

// Unicode's own, each in one order of bytes.
constexpr MultiByteTable kUnicodeTables[] = {
    {"utf_16_le", "unicodelittleunmarked utf_16le", "UTF-16LE", Shape::Stateful, {}, {}},
    {"utf_16_be", "unicodebigunmarked utf_16be", "UTF-16BE", Shape::Stateful, {}, {}},
    {"utf_32_le", "utf_32le", "UTF-32LE", Shape::Stateful, {}, {}},
    {"utf_32_be", "utf_32be", "UTF-32BE", Shape::Stateful, {}, {}},
};

// The same behind a byte order mark.
struct MarkedTable {
    std::string_view name, aliases;
    const MultiByteTable &little, &big;
    std::string_view littleMark, bigMark;
};
constexpr MarkedTable kMarkedTables[] = {
    {"utf_16", "u16 utf16", kUnicodeTables[0], kUnicodeTables[1], "\xFF\xFE"sv, "\xFE\xFF"sv},
    {"utf_32", "u32 utf32", kUnicodeTables[2], kUnicodeTables[3], "\xFF\xFE\0\0"sv,
     "\0\0\xFE\xFF"sv},
};

// UTF-16 or UTF-32 as Python has them: read in the order that a mark says, or else little endian;
// written little endian behind a mark. (iconv guesses the other order where the mark is missing.)
class MarkedCharset : public Charset {
  public:
    explicit MarkedCharset(const MarkedTable& table)
        : table_(table), little_(table.little), big_(table.big) {}

    bool works() const { return little_.works() && big_.works(); }

    Result<std::string_view> toUtf8(std::string_view bytes, std::string& buffer) override {
        if (bytes.starts_with(table_.bigMark)) {
            return big_.toUtf8(bytes.substr(table_.bigMark.size()), buffer);
        }
        if (bytes.starts_with(table_.littleMark)) bytes.remove_prefix(table_.littleMark.size());
        return little_.toUtf8(bytes, buffer);
    }

    std::string_view fromUtf8(std::string_view text, std::string& buffer) override {
        little_.fromUtf8(text, buffer);
        return buffer.insert(0, table_.littleMark);
    }

  private:
    const MarkedTable& table_;
    MultiByteCharset little_, big_;
};

template <class C, class Table>
std::unique_ptr<Charset> ifItWorks(const Table& table) {
    auto charset = std::make_unique<C>(table);
    if (!charset->works()) return nullptr;
    return charset;
}

}  // namespace

std::unique_ptr<Charset> makeCharset(std::string_view name) {
    const std::string asked = normalised(name);
    if (asked.empty()) return nullptr;
    if (isOneOf(asked, "utf_8 u8 utf utf8 utf8_ucs2 utf8_ucs4 cp65001")) {
        return std::make_unique<Utf8Charset>();
    }
    if (const auto* table = find(kSingleByteTables, asked)) {
        return std::make_unique<SingleByteCharset>(*table);
    }
    if (const auto* table = find(kMultiByteTables, asked)) {
        return ifItWorks<MultiByteCharset>(*table);
    }
    if (const auto* table = find(kMarkedTables, asked)) return ifItWorks<MarkedCharset>(*table);
    if (const auto* table = find(kUnicodeTables, asked)) {
        return ifItWorks<MultiByteCharset>(*table);
    }
    return nullptr;
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
