// Charsets: whatever is read and said, in each of them.

#include <array>
#include <map>
#include <memory>

#include "modes/net/make_charset.h"
#include "protocol/classic.h"
#include "protocol/names.h"
#include "tests/fuzz/fuzz.h"

namespace netchat::fuzz {
namespace {

constexpr std::array kNames = {
    "utf-8",          "ascii",      "latin-1",   "cp1251",       "cp1258",
    "cp037",          "koi8-r",     "mac_greek", "big5",         "big5hkscs",
    "cp932",          "cp949",      "cp950",     "euc_jis_2004", "euc_jisx0213",
    "euc_jp",         "euc_kr",     "gb18030",   "gb2312",       "gbk",
    "iso2022_jp",     "iso2022_kr", "johab",     "shift_jis",    "shift_jis_2004",
    "shift_jisx0213", "utf_7",      "utf-16",    "utf-32-be"};

Charset& charsetOf(size_t number) {
    static std::map<size_t, std::unique_ptr<Charset>> made;
    auto& charset = made[number % kNames.size()];
    if (!charset) charset = net::makeCharset(kNames[number % kNames.size()]);
    HOLDS(charset != nullptr);
    return *charset;
}

void readingHolds(Charset& charset, std::string_view bytes) {
    std::string buffer, again, back;
    const auto text = charset.toUtf8(bytes, buffer);
    if (!text) return;
    HOLDS(utf8::isValid(*text));
    // What is said of it is read as something, and then stays as it is.
    const std::string said(charset.fromUtf8(*text, again));
    const auto read = charset.toUtf8(said, back);
    HOLDS(read);
    const std::string first(*read);
    SAME(std::string(charset.fromUtf8(first, again)), said);
}

void sayingHolds(Charset& charset, std::string_view text) {
    std::string out, buffer;
    HOLDS(classic::appendMessageText(out, {10, charset}, text));
    const auto read = charset.toUtf8(std::string_view(out).substr(10), buffer);
    HOLDS(read);
    HOLDS(!matchesFileRule(*read));
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    const auto input = textOf(data, size);
    if (input.empty() || input.size() > 4096) return 0;
    auto& charset = charsetOf(static_cast<unsigned char>(input[0]));
    readingHolds(charset, input.substr(1));
    sayingHolds(charset, netchat::utf8::repaired(input.substr(1)));
    sayingHolds(charset, netchat::utf8::repaired(input.substr(1)) + '%');
    return 0;
}
