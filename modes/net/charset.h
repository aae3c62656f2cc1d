#pragma once

// Charsets by name, through glibc's iconv (POCO's converters lack KOI8-R, cp866 and others).

#include <memory>
#include <string>
#include <string_view>

#include "protocol/charset.h"

namespace netchat::net {

// Null for a name that iconv does not know. Python's spellings (utf_8, koi8_r, latin-1) are known.
// UTF-16 and UTF-32 are written with a byte order mark and read with or without one.
std::unique_ptr<Charset> makeCharset(std::string_view name);

// "utf-8, cp1251, koi8-r, …": the usual ones, each tried on this machine.
std::string knownCharsets();

}  // namespace netchat::net
