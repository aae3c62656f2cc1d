// Answers check_charsets.py, line by line, so that it can compare our charsets with Python's:
//
//     say NAME FIRST LAST    code points that are not replaced, each as "code:bytes", in
//     hexadecimal read NAME BYTES...     each as text in UTF-8, or "!" where it is refused; "-" is
//     empty write NAME TEXT...     each as bytes list                   the usual charsets

#include <charconv>
#include <iostream>
#include <sstream>
#include <string>

#include "modes/net/make_charset.h"

namespace {

using netchat::Charset;

std::string toHex(std::string_view bytes) {
    if (bytes.empty()) return "-";
    std::string out;
    for (const char byte : bytes) {
        for (const int shift : {4, 0}) {
            out += "0123456789abcdef"[static_cast<unsigned char>(byte) >> shift & 15];
        }
    }
    return out;
}

std::string fromHex(std::string_view hex) {
    std::string out;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned byte = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
        out += static_cast<char>(byte);
    }
    return out;
}

void say(Charset& charset, std::istream& in) {
    std::string buffer;
    const std::string mark(charset.fromUtf8("?", buffer));
    uint32_t first = 0, last = 0;
    in >> std::hex >> first >> last;
    for (uint32_t c = first; c <= last; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        std::string text;
        netchat::utf8::append(text, c);
        const auto bytes = charset.fromUtf8(text, buffer);
        if (c != '?' && bytes == mark) continue;
        std::cout << std::hex << c << ':' << toHex(bytes) << ' ';
    }
}

void read(Charset& charset, std::istream& in) {
    std::string buffer;
    for (std::string hex; in >> hex;) {
        const std::string bytes = fromHex(hex);  // what is read may be a view of it
        const auto text = charset.toUtf8(bytes, buffer);
        std::cout << (text ? toHex(*text) : "!") << ' ';
    }
}

void write(Charset& charset, std::istream& in) {
    std::string buffer;
    for (std::string text; in >> text;) {
        std::cout << toHex(charset.fromUtf8(fromHex(text), buffer)) << ' ';
    }
}

void answer(const std::string& line) {
    std::istringstream in(line);
    std::string verb, name;
    in >> verb >> name;
    if (verb == "list") {
        std::cout << netchat::net::knownCharsets();
        return;
    }
    const auto charset = netchat::net::makeCharset(name);
    if (!charset) {
        std::cout << "unknown";
    } else if (verb == "say") {
        say(*charset, in);
    } else if (verb == "read") {
        read(*charset, in);
    } else {
        write(*charset, in);
    }
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        answer(line);
        std::cout << std::endl;
    }
}
