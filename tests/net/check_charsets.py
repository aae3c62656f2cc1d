#!/usr/bin/env python3
"""Compares netchat's charsets with Python's strict codecs of the same names.

usage: check_charsets.py CHARSET_TOOL names|one-byte|chinese|japanese|korean|unicode

What is said: every character of the basic plane (of all planes, where the codec has them) is
replaced by '?' or decoded by Python to a canonically equivalent text; the same for texts of
several characters. What is read: whatever Python decodes is read as Python reads it, or refused,
and what Python refuses is refused; and nothing of what Python encodes without loss is refused,
but for the parts named in MAY_REFUSE.
"""

import collections
import encodings.aliases
import pkgutil
import random
import subprocess
import sys
import unicodedata

GROUPS = {
    "chinese": "big5 big5hkscs cp950 gb18030 gb2312 gbk".split(),
    "japanese": """cp932 euc_jis_2004 euc_jisx0213 euc_jp iso2022_jp shift_jis shift_jis_2004
        shift_jisx0213""".split(),
    "korean": "cp949 euc_kr iso2022_kr johab".split(),
    "unicode": """utf_7 utf_8 utf_16 utf_16_le utf_16_be utf_32 utf_32_le utf_32_be""".split(),
}
STATEFUL = {"iso2022_jp", "iso2022_kr", *GROUPS["unicode"]}
# Codecs of texts that are not offered.
NOT_OFFERED = set("""hz iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext
    utf_8_sig idna punycode raw_unicode_escape unicode_escape undefined charmap mbcs oem rot_13
    base64_codec bz2_codec hex_codec quopri_codec uu_codec zlib_codec aliases""".split())
# Codecs that Python fills with another standard's characters, which glibc's lack.
MAY_REFUSE = {"euc_jis_2004", "euc_jisx0213"}

failures = 0


def fail(*what):
    global failures
    failures += 1
    if failures <= 40:
        print("FAILED:", *what)


class Tool:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)

    def ask(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit("the tool has ended")
        return answer.strip()

    def several(self, verb, name, items):
        out = []
        for at in range(0, len(items), 5000):
            answer = self.ask(verb, name, *(item.hex() or "-" for item in items[at:at + 5000]))
            if answer == "unknown":
                raise SystemExit(f"{name} is unknown")
            out += [None if word == "!" else bytes.fromhex(word.strip("-"))
                    for word in answer.split()]
        assert len(out) == len(items)
        return out


def decode(data, name):
    try:
        return data.decode(name)
    except UnicodeError:
        return None


def encode(text, name):
    try:
        return text.encode(name)
    except (UnicodeError, LookupError):
        return None


def same(a, b):
    return a == b or unicodedata.normalize("NFC", a) == unicodedata.normalize("NFC", b)


def check_said(tool, name, last):
    said = 0
    for first in range(0, last + 1, 0x2000):
        words = tool.ask("say", name, f"{first:x}", f"{min(first + 0x1FFF, last):x}")
        if words == "unknown":
            return fail(name, "is unknown")
        for word in words.split():
            code, data = word.split(":")
            code, data = int(code, 16), bytes.fromhex(data.strip("-"))
            back = decode(data, name)
            if back is None or not same(back, chr(code)):
                fail(name, f"U+{code:04X} is said as {data}, which Python reads as {back!r}")
            said += 1
    return said


def characters(name):
    """What may be one character, or two."""
    yield from (bytes([a]) for a in range(256))
    if name in STATEFUL:
        return
    yield from (bytes([a, b]) for a in range(256) for b in range(256))
    if name.startswith("euc_j"):
        yield from (bytes([0x8F, a, b]) for a in range(0x80, 256) for b in range(0x80, 256))
    if name == "gb18030":
        yield from (bytes([a, 0x30 + b, c, 0x30 + d]) for a in range(0x81, 0x85) for b in range(10)
                    for c in range(0x81, 255) for d in range(10))


def check_read(tool, name, items):
    refused = 0
    for data, ours in zip(items, tool.several("read", name, items)):
        theirs = decode(data, name)
        if ours is None:
            refused += theirs is not None
        elif ours.decode() != theirs:
            fail(name, f"{data} is read as {ours.decode()!r}, but by Python as {theirs!r}")
    return refused


def check_encoded(tool, name, last):
    """What Python encodes without loss is read."""
    texts = [chr(c) for c in range(last + 1) if not 0xD800 <= c < 0xE000]
    pairs = [(text, data) for text in texts if (data := encode(text, name)) is not None]
    read = tool.several("read", name, [data for _, data in pairs])
    refused = 0
    for (text, data), ours in zip(pairs, read):
        theirs = decode(data, name)
        if ours is None:
            refused += theirs is not None
        elif ours.decode() != theirs:
            fail(name, f"{data} (U+{ord(text):04X}) is read as {ours.decode()!r}, "
                       f"but by Python as {theirs!r}")
    if refused and name not in MAY_REFUSE:
        fail(name, f"{refused} characters that Python encodes are refused")


def random_texts(name, seed):
    """Texts of what the codec can say, of what it can not, and of what combines."""
    rng = random.Random(seed)
    combining = "\u0300\u0301\u0302\u0304\u0306\u0308\u030c\u0323\u0327\u309a\u3099\u02e5\u02e9"
    some = [c for c in map(chr, list(range(0x20, 0x600)) + list(range(0x1E00, 0x2600))
                           + list(range(0x3000, 0x3400)) + list(range(0x4E00, 0xFA00, 7))
                           + list(range(0xFF00, 0xFFEF))) if unicodedata.category(c) != "Cs"]
    sayable = [c for c in some if encode(c, name)] or some
    for _ in range(3000):
        yield "".join(rng.choice((rng.choice(sayable), rng.choice(sayable), rng.choice(some),
                                  rng.choice(combining), rng.choice("aAeEioOuU か\u00ca+-~\\?")))
                      for _ in range(rng.randrange(1, 90 if rng.random() < 0.1 else 9)))


def check_texts(tool, name):
    texts = list(random_texts(name, 1))
    for text, data in zip(texts, tool.several("write", name, [t.encode() for t in texts])):
        back = decode(data, name)
        if back is None:
            fail(name, f"{text!r} is said as {data}, which Python refuses")
        elif not same(back, text) and not is_with_marks(back, text):
            fail(name, f"{text!r} is said as {data}, which Python reads as {back!r}")
        elif encode(text, name) is not None and decode(encode(text, name), name) == text and \
                not same(back, text) and name not in MAY_REFUSE:
            fail(name, f"{text!r} can be said, but is said as {data}")


def is_with_marks(back, text):
    """Is it the text, with '?' for some of its characters?"""
    kept, whole = parts(back), parts(text)
    # Marks of one base have no order of their own.
    if collections.Counter(kept[1]) - collections.Counter(whole[1]):
        return False
    rest = iter(whole[0])
    return all(c in rest for c in kept[0])


def parts(text):
    """The characters that stand alone, but for '?', and the marks."""
    all_parts = unicodedata.normalize("NFD", text)
    return ([c for c in all_parts if not unicodedata.combining(c) and c != "?"],
            [c for c in all_parts if unicodedata.combining(c)])


def check_names(tool):
    names = {module.name for module in pkgutil.iter_modules(encodings.__path__)} - NOT_OFFERED
    spelled = {name: name for name in names}
    spelled.update((alias, name) for alias, name in encodings.aliases.aliases.items()
                   if name in names)
    for spelling, name in sorted(spelled.items()):
        for asked in {spelling, spelling.upper(), spelling.replace("_", "-")}:
            if encode("a", asked) is None:
                continue
            text = "é" if encode("é", name) else "a"
            answer = tool.ask("write", asked, text.encode().hex())
            if answer == "unknown":
                fail(asked, "is unknown, but Python knows it as", name)
            elif decode(bytes.fromhex(answer), name) != text:
                fail(asked, "is not", name)
    for name in NOT_OFFERED | {"klingon", "cp1251//translit"}:
        if tool.ask("write", name, "61") != "unknown":
            fail(name, "is known, but is not checked")
    for name in tool.ask("list").split(", "):
        if encode("a", name) is None:
            fail(name, "is listed, but Python does not know it")


def check_one_byte(tool):
    names = {module.name for module in pkgutil.iter_modules(encodings.__path__)}
    for name in sorted(names - NOT_OFFERED - set(sum(GROUPS.values(), []))):
        if not check_said(tool, name, 0xFFFF):
            fail(name, "says nothing")
        if check_read(tool, name, list(characters("iso2022_jp"))):
            fail(name, "refuses a byte that Python reads")
        check_encoded(tool, name, 0xFFFF)
        check_texts(tool, name)


def check_several_bytes(tool, names):
    for name in names:
        last = 0x10FFFF if name in ("gb18030", "utf_8", "utf_16", "utf_7") else 0x2FFFF
        if (check_said(tool, name, last) or 0) < 6000:
            fail(name, "says too little")
        refused = check_read(tool, name, list(characters(name)))
        if refused and name not in MAY_REFUSE and name not in STATEFUL and name != "euc_kr":
            fail(name, f"refuses {refused} characters that Python reads")
        check_encoded(tool, name, last)
        check_texts(tool, name)


def main():
    tool = Tool(sys.argv[1])
    what = sys.argv[2]
    if what == "names":
        check_names(tool)
    elif what == "one-byte":
        check_one_byte(tool)
    else:
        check_several_bytes(tool, GROUPS[what])
    if failures:
        raise SystemExit(f"{failures} differences from Python {sys.version.split()[0]}")
    print("the same as Python's")


if __name__ == "__main__":
    main()
