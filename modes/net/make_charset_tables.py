#!/usr/bin/env python3
"""Writes single_byte_tables.h and multi_byte_rules.h beside itself.

A charset of netchat is Python's codec of that name, because the original's clients are written in
Python. Codecs of one byte are written down whole. For the others the program uses glibc's iconv,
and what is written down is where iconv and Python's strict codec differ.

usage: python3 make_charset_tables.py     (Python 3.11 and glibc 2.36 made the tables)
"""

import ctypes
import encodings.aliases
import importlib
import pathlib
import pkgutil
import unicodedata

# Python's name, glibc's name, how long a character is, whether syllables of Hangul are composed.
MULTI_BYTE = [
    ("big5", "BIG5", "DoubleByte"),
    ("big5hkscs", "BIG5-HKSCS", "DoubleByte"),
    ("cp932", "CP932", "ShiftJis"),
    ("cp949", "CP949", "DoubleByte"),
    ("cp950", "CP950", "DoubleByte"),
    ("euc_jis_2004", "EUC-JISX0213", "EucJp"),
    ("euc_jisx0213", "EUC-JISX0213", "EucJp"),
    ("euc_jp", "EUC-JP", "EucJp"),
    ("euc_kr", "EUC-KR", "EucKr"),
    ("gb18030", "GB18030", "Gb18030"),
    ("gb2312", "GB2312", "DoubleByte"),
    ("gbk", "GBK", "DoubleByte"),
    ("iso2022_jp", "ISO-2022-JP", "Stateful"),
    ("iso2022_kr", "ISO-2022-KR", "Stateful"),
    ("johab", "JOHAB", "DoubleByte"),
    ("shift_jis", "SJIS", "ShiftJis"),
    ("shift_jis_2004", "SHIFT_JISX0213", "ShiftJis"),
    ("shift_jisx0213", "SHIFT_JISX0213", "ShiftJis"),
    ("utf_7", "UTF-7", "Stateful"),
]
# More of one kind of difference than this are left out: such characters are '?' and refused.
ADDED_MAX = 400
OUTPUT = pathlib.Path(__file__).parent

libc = ctypes.CDLL("libc.so.6", use_errno=True)
libc.iconv_open.restype = ctypes.c_void_p
libc.iconv_open.argtypes = [ctypes.c_char_p] * 2
libc.iconv.restype = ctypes.c_size_t
libc.iconv.argtypes = [ctypes.c_void_p] * 5


class Iconv:
    def __init__(self, to, source):
        self.handle = libc.iconv_open(to.encode(), source.encode())
        if self.handle == ctypes.c_void_p(-1).value:
            raise SystemExit(f"iconv does not convert {source} to {to}")
        self.source = ctypes.create_string_buffer(64)
        self.out = ctypes.create_string_buffer(256)

    def __call__(self, data):
        """The whole of data, converted, or None."""
        libc.iconv(self.handle, None, None, None, None)
        self.source[: len(data)] = data
        start, left = ctypes.c_void_p(ctypes.addressof(self.source)), ctypes.c_size_t(len(data))
        to, room = ctypes.c_void_p(ctypes.addressof(self.out)), ctypes.c_size_t(256)
        refs = [ctypes.byref(item) for item in (start, left, to, room)]
        if libc.iconv(self.handle, *refs) == ctypes.c_size_t(-1).value:
            return None
        libc.iconv(self.handle, None, None, refs[2], refs[3])
        return self.out.raw[: 256 - room.value]


def encode(text, codec):
    try:
        return text.encode(codec)
    except UnicodeError:
        return None


def decode(data, codec):
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def same(a, b):
    return unicodedata.normalize("NFC", a) == unicodedata.normalize("NFC", b)


def runs(values):
    """(first, last, to) from (key, to), ascending; to None: no matter, 0: refused."""
    out = []
    open_to = False  # may the last run grow over keys that do not matter?
    for key, to in values:
        if to is None:
            continue
        if to == "good":
            open_to = False
            continue
        last = out[-1] if out else None
        if last and to == 0 and last[2] == 0 and open_to:
            last[1] = key
        elif last and to and last[2] and last[1] + 1 == key and last[2] + key - last[0] == to:
            last[1] = key
        else:
            out.append([key, key, to])
        open_to = True
    return out


def encode_values(codec, iconv):
    for c in range(0x110000):
        if 0xD800 <= c < 0xE000:
            continue
        text = chr(c)
        ours, theirs = iconv(text.encode()), encode(text, codec)
        if ours is not None:
            back = decode(ours, codec)
            if back is not None and same(back, text):
                yield c, "good"
                continue
        if theirs is not None and len(theirs) <= 4 and decode(theirs, codec) == text:
            yield c, int.from_bytes(theirs, "big")
        else:
            yield c, None if ours is None else 0


def characters(shape):
    """All that may be one character."""
    yield from (bytes([a]) for a in range(256))
    if shape != "Stateful":
        yield from (bytes([a, b]) for a in range(0x80, 256) for b in range(256))
    if shape == "EucJp":
        yield from (bytes([0x8F, a, b]) for a in range(0x80, 256) for b in range(0x80, 256))
    if shape == "Gb18030":
        yield from (bytes([a, 0x30 + b, c, 0x30 + d])
                    for a in range(0x81, 255) for b in range(10)
                    for c in range(0x81, 255) for d in range(10))


def decode_values(codec, iconv, shape):
    for data in characters(shape):
        ours, theirs = iconv(data), decode(data, codec)
        ours = None if ours is None else ours.decode()
        # What has no rule and is ASCII does not go through iconv.
        if len(data) == 1 and data < b"\x80" and shape != "Stateful":
            ours = data.decode()
        # Two characters that Python reads are found one by one.
        if theirs is not None and len(data) == 2 and decode(data[:1], codec) is not None:
            continue
        key = int.from_bytes(data, "big")
        if ours == theirs:
            yield key, None if ours is None else "good"
        elif theirs is None:
            yield key, 0
        elif len(theirs) == 1:
            yield key, ord(theirs)


def limited(rules, source):
    """Without what only adds characters, where there is too much of it."""
    added = [rule for rule in rules if rule[2] and source(rule[0]) is None]
    return [rule for rule in rules if rule not in added] if len(added) > ADDED_MAX else rules


def to_bytes(number):
    return number.to_bytes(max(1, (number.bit_length() + 7) // 8), "big")


def names():
    """The names of Python's codecs, and other names for each."""
    out = {}
    for alias, codec in encodings.aliases.aliases.items():
        out.setdefault(codec, set()).add(alias.replace(".", "_"))
    out.setdefault("latin_1", set()).add("iso8859_1")
    return out


def wrapped(items, indent, separator=", "):
    lines, line = [], indent
    for item in items:
        piece = item + separator.rstrip()
        if len(line) + len(piece) > 99:
            lines.append(line.rstrip())
            line = indent
        line += piece + " "
    return "\n".join(lines + [line.rstrip()])


def literal(indent, prefix, text):
    """A string literal on as many lines as it takes."""
    lines, line = [], ""
    for c in text:
        shown = c
        category = unicodedata.category(c)
        if c in '"\\':
            shown = "\\" + c
        elif ord(c) == 0xFFFE or (ord(c) > 0x7E and (
                category[0] not in "LNPS" or unicodedata.bidirectional(c) not in ("L", "ON", "EN",
                                                                                  "ES", "ET", "CS"))):
            shown = f"\\u{ord(c):04X}"
        elif ord(c) < 0x20 or ord(c) == 0x7F:
            shown = f"\\{ord(c):03o}"
        if len(line) + len(shown) > 96 - len(indent) - len(prefix) - 3:
            lines.append(line)
            line = ""
        line += shown
    # A NUL would end a literal that does not know its length.
    suffix = "sv" if "\0" in text else ""
    return "\n".join(f'{indent}{prefix}"{part}"' for part in lines + [line]) + suffix


def header(of):
    return f"""#pragma once

// {of}
// Written by make_charset_tables.py. Do not edit.
"""


def write_single_byte(aliases):
    ascii_half = "".join(map(chr, range(128)))
    out = header("Python's codecs of one byte a character.") + """
#include <string_view>

namespace netchat::net {

using namespace std::string_view_literals;

struct SingleByteTable {
    std::string_view name, aliases;
    // What the bytes 0 to 127 and 128 to 255 mean; U+FFFE: nothing. An empty lower half is ASCII.
    std::u16string_view lower, upper;
};

// clang-format off
inline constexpr SingleByteTable kSingleByteTables[] = {
"""
    for module in sorted(m.name for m in pkgutil.iter_modules(encodings.__path__)):
        if module in ("mbcs", "oem", "charmap", "rot_13"):
            continue
        members = vars(importlib.import_module("encodings." + module))
        if module not in ("ascii", "latin_1") and not (
                "decoding_table" in members or "decoding_map" in members):
            continue
        if module == "iso8859_1":
            continue
        table = [decode(bytes([b]), module) or "\ufffe" for b in range(256)]
        assert all(len(c) == 1 for c in table), module
        text = "".join(table)
        lower, upper = text[:128], text[128:]
        other = " ".join(sorted(aliases.get(module, [])))
        out += f'    {{"{module}",\n{literal("     ", "", other)},\n'
        out += '     u"",\n' if lower == ascii_half else literal("     ", "u", lower) + ",\n"
        if set(upper) == {"\ufffe"}:
            upper = ""
        out += literal("     ", "u", upper) + "},\n"
    out += "};\n// clang-format on\n\n}  // namespace netchat::net\n"
    (OUTPUT / "single_byte_tables.h").write_text(out)


def write_multi_byte(aliases):
    out = header("Python's codecs of several bytes a character, and where iconv differs from them.") + """
#include <cstdint>
#include <span>
#include <string_view>

namespace netchat::net {

// How long a character is.
enum class Shape {
    DoubleByte,  // one byte below 0x81, or two
    EucJp,       // the same; three after 0x8F
    EucKr,       // as DoubleByte; four pairs, the first of which is A4 D4, are a syllable of Hangul
    Gb18030,     // as DoubleByte; four where the second is a digit
    ShiftJis,    // as DoubleByte; one from 0xA0 to 0xDF, and above 0xFC
    Stateful,    // it depends on what was before
};

// What keys from `first` to `last` become: `to` and what follows it; 0: refused. A key is a code
// point and `to` the bytes as one big-endian number, or the reverse.
struct MultiByteRule {
    uint32_t first, last, to;
};

struct MultiByteTable {
    std::string_view name, aliases, iconv;
    Shape shape;
    std::span<const MultiByteRule> encode, decode;  // ascending
};

// clang-format off
"""
    table = ""
    for codec, glibc, shape in MULTI_BYTE:
        encoder, decoder = Iconv(glibc, "utf-8"), Iconv("utf-8", glibc)
        rules = {
            "Encode": limited(runs(encode_values(codec, encoder)),
                              lambda c: encoder(chr(c).encode())),
            "Decode": [] if shape == "Stateful" else
                      limited(runs(sorted_values(decode_values(codec, decoder, shape))),
                              lambda b: decoder(to_bytes(b))),
        }
        used = []
        for kind, those in rules.items():
            if those:
                name = "k" + "".join(part.capitalize() for part in codec.split("_")) + kind
                items = ["{0x%X, 0x%X, 0x%X}" % tuple(rule) for rule in those]
                out += f"inline constexpr MultiByteRule {name}[] = {{\n{wrapped(items, '    ')}\n}};\n"
            used.append(name if those else "{}")
        print(codec, {kind: len(those) for kind, those in rules.items()})
        other = " ".join(sorted(aliases.get(codec, [])))
        table += f'    {{"{codec}",\n{literal("     ", "", other)},\n'
        table += f'     "{glibc}", Shape::{shape}, {used[0]}, {used[1]}}},\n'
    out += f"\ninline constexpr MultiByteTable kMultiByteTables[] = {{\n{table}}};\n"
    out += "// clang-format on\n\n}  // namespace netchat::net\n"
    (OUTPUT / "multi_byte_rules.h").write_text(out)


def sorted_values(values):
    return sorted(values, key=lambda item: item[0])


if __name__ == "__main__":
    write_single_byte(names())
    write_multi_byte(names())
