"""Finds the places of a C++ source where a small fault can be planted.

Reads tokens, not the grammar. It relies on the house's clang-format: a comparison has blanks on
both sides, a template's bracket has none before it. What it takes wrongly does not compile, and
is then left out by mutants.py.
"""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/|(?<![^\n])[ \t]*\#(?:[^\n\\]|\\.)*)
      | (?P<text>(?:u8|[uUL])?R"(?P<mark>[^(]*)\(.*?\)(?P=mark)"
               |(?:u8|[uUL])?"(?:[^"\\]|\\.)*"|(?:u8|[uUL])?'(?:[^'\\]|\\.)+')
      | (?P<number>\.?\d(?:[\w.]|'\w|[eEpP][+-])*)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<sign><<=|>>=|<=>|\.\.\.|->\*|::|->|\+\+|--|<<|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)""",
    re.VERBOSE | re.DOTALL)

OPEN, CLOSE = {"(": ")", "[": "]", "{": "}", "<": ">"}, {")", "]", "}", ">"}
COMPARED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
# Keywords and signs at which an operand ends, whatever the operator.
ENDS = {";", ",", "?", ":", "=", "return", "else", "do", "throw", "co_return", "+=", "-=", "|=",
        "&=", "*=", "/=", "%=", "^=", "<<=", ">>="}
NO_STATEMENT = {"return", "throw", "delete", "new", "using", "static_assert", "goto", "case",
                "default", "if", "for", "while", "switch", "else", "do", "break", "continue", "try",
                "catch", "const", "auto", "static", "typedef", "struct", "class", "enum", "operator",
                "assert", "public", "private", "protected", "template", "namespace", "extern"}
NOT_AT_RUN_TIME = {"constexpr", "consteval", "constinit", "static_assert", "template", "case",
                   "requires", "using", "noexcept", "asm", "assert", "alignas", "sizeof"}


@dataclass(frozen=True)
class Place:
    start: int  # in the source's text
    end: int
    line: int
    kind: str
    said: str  # what was there
    mutated: str  # with {M} for the condition that the fault is on
    told: str  # what a reader is told that it became


@dataclass
class Token:
    kind: str
    text: str
    start: int
    end: int
    spaced: bool  # there is a blank before it
    mate: int = -1  # the bracket that belongs to it


def tokens_of(text):
    out, at, spaced = [], 0, True
    while at < len(text):
        found = TOKEN.match(text, at)
        if found.lastgroup == "blank" or found.group("blank") is not None:
            spaced = True
        else:
            kind = next(k for k in ("text", "number", "name", "sign") if found.group(k) is not None)
            out.append(Token(kind, found.group(0), at, found.end(), spaced))
            spaced = False
        at = found.end()
    pair(out, text)
    return out


def pair(tokens, text):
    """Gives each bracket its mate; a `<` without a blank before it is a template's bracket."""
    opened = []
    split = []  # `>>` closes two templates
    for token in tokens:
        closes_two = token.text == ">>" and not token.spaced and len(opened) > 1 and \
            opened[-1][1] == "<" and opened[-2][1] == "<"
        if closes_two:
            split.append(Token("sign", ">", token.start, token.start + 1, False))
            split.append(Token("sign", ">", token.start + 1, token.end, False))
        else:
            split.append(token)
    tokens[:] = split
    opened.clear()
    for i, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.text in "([{" or (token.text == "<" and not token.spaced):
            opened.append(i)
        elif token.text in ")]}" or (token.text == ">" and not token.spaced):
            while opened and tokens[opened[-1]].text == "<" and token.text != ">":
                opened.pop()  # it was no template after all
            if opened and OPEN[tokens[opened[-1]].text] == token.text:
                token.mate = opened.pop()
                tokens[token.mate].mate = i


class Finder:
    def __init__(self, text):
        self.text = text
        self.tokens = tokens_of(text)
        self.places = []

    def find(self):
        i = 0
        while i < len(self.tokens):
            token = self.tokens[i]
            if token.text == "{" and token.mate > i and self.is_body(i):
                if not self.is_early(i):
                    self.in_body(i, token.mate)
                i = token.mate
            i += 1
        return self.places

    def is_body(self, i):
        """A function's: behind its parameters, and the words and initialisers that may follow."""
        k = i - 1
        while k >= 0 and self.tokens[k].text in ("const", "noexcept", "override", "final", "&"):
            k -= 1
        if k >= 0 and self.tokens[k].text == ")":
            return True
        # A result's type behind an arrow, or an initialiser with braces.
        while k >= 0 and self.tokens[k].text not in (";", "{", "}", "->"):
            k = self.tokens[k].mate - 1 if self.tokens[k].mate >= 0 else k - 1
        return k >= 0 and (self.tokens[k].text == "->" or
                           (self.tokens[k].text == "}" and self.tokens[i - 1].text == "}" and
                            self.starts(k) is False))

    def starts(self, k):
        return self.tokens[k].mate < 0 or self.tokens[self.tokens[k].mate - 1].kind != "name"

    def is_early(self, i):
        """Of a function that may be computed when it is compiled, or that is a template."""
        k, words = i - 1, set()
        while k >= 0 and self.tokens[k].text not in (";", "{", "}"):
            words.add(self.tokens[k].text)
            k = self.tokens[k].mate - 1 if self.tokens[k].mate >= 0 else k - 1
        return bool(words & NOT_AT_RUN_TIME - {"noexcept"})

    # ---- inside a body

    def in_body(self, first, last):
        i = first + 1
        while i < last:
            token = self.tokens[i]
            if token.text in NOT_AT_RUN_TIME:  # to the end of that statement
                while i < last and self.tokens[i].text not in (";", "{", ":"):
                    i += 1
                continue
            if token.text == "static" or (token.text == "const" and self.is_folded(i)):
                while i < last and self.tokens[i].text != ";":
                    i += 1
                continue
            self.at_token(i, first, last)
            i += 1

    def is_folded(self, i):
        return self.tokens[i + 1].text == "char" and self.tokens[i + 3].text == "["

    def at_token(self, i, first, last):
        token, before = self.tokens[i], self.tokens[i - 1]
        after = self.tokens[i + 1]
        between = token.spaced and after.spaced
        if token.text in COMPARED and between and token.mate < 0 and before.text != "operator":
            self.operator(i, COMPARED[token.text], {"&&", "||"}, {"&&", "||"}, first, last)
        elif token.text == "&&" and between:
            self.operator(i, "||", {"||"}, {"&&", "||"}, first, last)
        elif token.text == "||" and between:
            self.operator(i, "&&", set(), {"||"}, first, last)
        elif token.text == "!" and not after.spaced and before.text != "operator":
            self.negation(i)
        elif token.text == "if" and after.text == "(":
            self.guard(i + 1)
        elif token.kind == "number" and re.fullmatch(r"\d+[uU]?[lL]*", token.text):
            self.constant(i)
        elif token.text in ("true", "false") and before.text == "return" and after.text == ";":
            on = "!{M}" if token.text == "true" else "{M}"
            other = "false" if token.text == "true" else "true"
            self.add(i, i, "returned truth", on, other)
        elif token.kind == "name" and before.text in (";", "{", "}", ")", "else"):
            self.statement(i, last)

    def add(self, a, b, kind, mutated, told):
        start, end = self.tokens[a].start, self.tokens[b].end
        said = self.text[start:end]
        self.places.append(Place(start, end, self.text.count("\n", 0, start) + 1, kind, said,
                                 mutated, told))

    def span(self, a, b):
        text = self.text[self.tokens[a].start:self.tokens[b].end]
        return text.replace("{", "{{").replace("}", "}}")

    def operator(self, i, other, left_ends, right_ends, first, last):
        a, b = i, i
        while a - 1 > first and not self.ends(a - 1, left_ends, "([{<"):
            back = self.tokens[a - 1].mate
            a = back if 0 <= back < a - 1 else a - 1
        while b + 1 < last and not self.ends(b + 1, right_ends, ")]}>"):
            forth = self.tokens[b + 1].mate
            b = forth if forth > b + 1 else b + 1
        if a == i or b == i or (a > 0 and self.tokens[a - 1].text == "template"):
            return
        sides = self.span(a, i - 1), self.span(i + 1, b)
        if any("//" in side for side in sides):
            return
        sign = self.tokens[i].text
        self.add(a, b, "operator", f"({{M}} ? ({sides[0]} {other} {sides[1]}) : "
                 f"({sides[0]} {sign} {sides[1]}))", f"{sign} becomes {other}")

    def ends(self, k, signs, brackets):
        """An operand ends at such a sign, and at the bracket that all of it lies in."""
        token = self.tokens[k]
        return token.text in ENDS or token.text in signs or \
            (token.mate >= 0 and token.text in brackets)

    def guard(self, first):
        """`if (condition) return …;`, or another way out: it is never taken."""
        last = self.tokens[first].mate
        if self.tokens[last + 1].text not in ("return", "continue", "break"):
            return
        a, k = first + 1, first + 1
        while k < last:
            if self.tokens[k].text == ";":
                a = k + 1
            k = max(k, self.tokens[k].mate) + 1
        if a < last and not any(t.text == "=" for t in self.tokens[a:last]):
            self.add(a, last - 1, "dropped guard",
                     f"{{M}} ? false : static_cast<bool>({self.span(a, last - 1)})", "never")

    def negation(self, i):
        b = i + 1
        while self.tokens[b].text in ("*", "!"):
            b += 1
        if self.tokens[b].text == "(":
            b = self.tokens[b].mate
        elif self.tokens[b].kind != "name":
            return
        while True:
            after = self.tokens[b + 1]
            if after.text in ("(", "[", "<") and not after.spaced and after.mate > 0:
                b = after.mate
            elif after.text in (".", "->", "::"):
                b += 2
            else:
                break
        operand = self.span(i + 1, b)
        self.add(i, b, "dropped !", f"({{M}} ? static_cast<bool>({operand}) : !{operand})",
                 "without !")

    def constant(self, i):
        before, after = self.tokens[i - 1].text, self.tokens[i + 1].text
        if before in ("[", "<") or after in ("]", ">") and not self.tokens[i + 1].spaced:
            return
        number = self.tokens[i].text
        more = re.sub(r"\d+", lambda n: str(int(n.group(0), 8 if n.group(0).startswith("0") else 10)
                                            + 1), number, count=1)
        self.add(i, i, "off by one", f"({{M}} ? {more} : {number})", more)

    def statement(self, i, last):
        """A call or an assignment that stands alone; no declaration."""
        if self.tokens[i].text in NO_STATEMENT or (self.tokens[i - 1].text == ")" and
                                                   not self.is_condition(i - 1)):
            return
        k, assigned = i, False
        while k < last and self.tokens[k].text != ";":
            token, after = self.tokens[k], self.tokens[k + 1]
            if not assigned:
                if token.kind == "name" and after.kind == "name":
                    return  # a type and a name
                if token.text in ("&", "*", ">") and after.kind == "name":
                    return
                if token.text == "<" and token.mate > k and \
                        self.tokens[token.mate + 1].kind == "name":
                    return  # a template's type and a name
            assigned = assigned or token.text in ("=", "+=", "-=", "|=", "&=")
            if token.text in ("{", "}", ":", ",") and not assigned:
                return
            k = max(k, token.mate) + 1
        if k >= last or k == i or (not assigned and self.tokens[k - 1].text != ")"):
            return
        said = self.span(i, k)
        self.add(i, k, "dropped statement", f"{{{{ if (!{{M}}) {said} }}}}", "nothing")

    def is_condition(self, k):
        word = self.tokens[self.tokens[k].mate - 1].text
        return word in ("if", "for", "while")


def places_of(text):
    return Finder(text).find()


def plant(text, chosen):
    """The text with each (number, place) planted behind the switch; lines keep their numbers."""
    parts, at = [], 0
    for number, place in sorted(chosen, key=lambda c: c[1].start):
        parts.append(text[at:place.start])
        parts.append(place.mutated.format(M=f"netchatMutant({number})"))
        at = place.end
    parts.append(text[at:])
    return "bool netchatMutant(int number);\n#line 1\n" + "".join(parts)
