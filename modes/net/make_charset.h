#pragma once

// Charsets by name. A name is that of a codec of Python's, because the clients of the original are
// Python programs: what is sent can be decoded by the strict codec of that name, to a text that is
// canonically equivalent, but for what the codec cannot say, which becomes '?'. What that codec
// encodes is read as that codec reads it, or refused.
//
//     SingleByteCharset   from a whole table
//     MultiByteCharset    by glibc's iconv, corrected where Python's codec differs
//     both                RespellingCharset: another spelling is tried before the '?'

#include <memory>
#include <string>
#include <string_view>

#include "protocol/charset.h"

namespace netchat::net {

// Null for a name that is no codec of Python's, or one that is not offered here (hz, and iso2022_jp
// but for the first). Every spelling that Python knows is known (utf_8, KOI8-R, latin1, sjis).
// UTF-16 and UTF-32 are written with a byte order mark and read with or without one.
std::unique_ptr<Charset> makeCharset(std::string_view name);

// "utf-8, cp1251, koi8-r, …": the usual ones, each tried on this machine.
std::string knownCharsets();

}  // namespace netchat::net
