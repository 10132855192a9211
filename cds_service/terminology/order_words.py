"""The words of orders: what "4 (four) times daily", "alle 6 Stunden", "1-0-1" and "mane" are made of, in any language.

A text becomes lexemes, each of one kind; grammar over them is :mod:`chart.orders.phrases`'s business. Words that mean
nothing for an order are dropped, numbers never: a number that nobody can read becomes a lexeme that says so.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from cds_service.terminology.codings import STANDARD, CodeKey
from cds_service.terminology.quantities import parse_number

REMEMBERED = 4096
_SHORT = 120
LONGEST_TEXT = 600
"""Characters of an instruction that are read; what follows makes it unreadable."""

KINDS: Mapping[str, str] = {
    "numbers": "n",  # two
    "counts": "y",  # twice
    "times": "x",  # times, mal, fois
    "times_a_day": "W",  # the Dutch "3 dd"
    "per": "p",
    "article": "@",  # a, as in "4 times a day" and "1 a 2"
    "every": "e",
    "other": "o",  # every other day
    "times_of_day": "m",
    "weekdays": "j",
    "and": "a",
    "or": "~",
    "at": "A",  # before a clock time
    "of": "q",  # 2 tablets of 4 mg
    "each": "E",
    "total": "T",
    "doses": "D",  # in 4 divided doses
    "fractions": "F",  # of radiotherapy
    "then": "s",
    "as_needed": "b",
    "at_most": "z",
    "during": "l",
    "once_only": "g",
    "changes": "i",  # reduce, taper
    "if": "C",
    "rest_of_clause": "U",  # until, dispense: what follows changes no dose
    "not": "X",
    "units": "u",
    "body": "B",  # kg, m2
    "forms": "f",
    "routes": "R",
    "rates": "r",  # bid
    "adverbs": "d",  # daily, weekly
    "ambiguous": "?",  # biweekly
}
"""The kinds of words that a file of words may list, and the letter that stands for each in a grammar."""

UNREADABLE = "?"
"""Kind of a number that may mean two things, such as ``1.250``."""
_NAME = "_"
"""Any other word: it stands between two numbers that would else be one, and is dropped."""
VOLUME, SHORT_TIME, DAYS = "V", "H", "t"
"""Kinds of units of volume, of times shorter than a day, and of days and longer."""


class Lexeme(NamedTuple):
    """One word, number or mark of an instruction."""

    kind: str
    value: Any
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase of some language, what kind it is of and what it stands for."""

    phrase: str
    kind: str
    value: Any
    language: str = ""


@dataclass(frozen=True, slots=True)
class OrderWords:
    """All words of all languages, ready to read with. A phrase means one thing, whatever the language."""

    words: tuple[Word, ...] = ()
    codes: Mapping[CodeKey, str] = field(default_factory=dict)
    """What a code says, in words that are known here."""
    _by_beginning: Mapping[str, tuple[tuple[str, Word], ...]] = field(init=False, repr=False, compare=False)
    """Phrases by their first word, the longest first."""
    _read: dict[str, tuple[Lexeme, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        beginning: dict[str, list[tuple[str, Word]]] = {}
        for word in self.words:
            for phrase in spellings(word):
                match = _LETTERS.match(phrase)
                beginning.setdefault(match.group() if match else phrase[0], []).append((phrase, word))
        ordered = {first: tuple(sorted(found, key=_longest_first)) for first, found in beginning.items()}
        object.__setattr__(self, "_by_beginning", ordered)

    def said(self, system: str, code: str) -> str:
        """What a code says in words; a code that is no listed one may be a word itself (BID, TAB, PO)."""
        return self.codes.get(STANDARD.coding(system, code)) or ("" if code.isdigit() else code)

    def read(self, text: str) -> tuple[Lexeme, ...]:
        """The lexemes of an instruction, in order. Short texts, which come again and again, are remembered."""
        known = self._read.get(text)
        if known is None:
            known = self._lexed(text)
            if len(text) <= _SHORT:
                if len(self._read) >= REMEMBERED:
                    self._read.clear()
                self._read[text] = known
        return known

    def _lexed(self, text: str) -> tuple[Lexeme, ...]:
        folded = _PLURAL.sub("", fold(text))
        words: list[Word] = []
        found = list(self._lexemes(folded[:LONGEST_TEXT], words))
        if len(folded) > LONGEST_TEXT:
            found.append(Lexeme(UNREADABLE, None, "…"))
        kept = [one for one in _doubled(_sure(found, folded, words)) if one.kind != _NAME]
        return tuple(_clocks(_joining(kept)))

    def _lexemes(self, folded: str, words: list[Word]) -> Iterator[Lexeme]:
        place = 0
        while match := _TOKEN.search(folded, place):
            kind, text = match.lastgroup or "", match.group()
            place = match.end()
            known = self._known(folded, match.start(), text) if kind in {"letters", "mark"} else None
            if known is not None:
                phrase, word = known
                words.append(word)
                place = match.start() + len(phrase)
                yield Lexeme(word.kind, word.value, phrase)
            elif kind == "letters":
                place = _rest_of_name(folded, place)
                yield Lexeme(_NAME, None, text)
            elif kind in _READERS:
                yield _READERS[kind](text)

    def _known(self, folded: str, start: int, first: str) -> tuple[str, Word] | None:
        for phrase, word in self._by_beginning.get(first, ()):
            if folded.startswith(phrase, start) and _ends(
                phrase, folded[start + len(phrase) : start + len(phrase) + 1]
            ):
                return phrase, word
        if first[0] == "x" and first[1:] in self._by_beginning:  # "2xdaily"
            return self._known(folded, start, "x")
        return None


def _longest_first(phrase: tuple[str, Word]) -> int:
    return -len(phrase[0])


def _ends(phrase: str, following: str) -> bool:
    """Whether a phrase is not the beginning of a longer word; a number may follow a word at once (q6h)."""
    if phrase == "x":
        return True
    return not (following.isalpha() if phrase[-1].isalpha() else phrase[-1].isdigit() and following.isalnum())


def _rest_of_name(folded: str, place: int) -> int:
    """Digits at the end of a name (B12, C79) are no numbers."""
    match = _NAME_GOES_ON.match(folded, place)
    return match.end() if match else place


def fold(text: str) -> str:
    """Lower case without accents; fractions, dashes, spaces and signs in one form."""
    text = _SPACED_THOUSANDS.sub("", text)
    for sign, written in _FRACTION_SIGNS:
        text = text.replace(sign, written)
    text = unicodedata.normalize("NFKD", text.translate(_MARKS)).lower()
    return _WHITE.sub(" ", "".join(char for char in text if not unicodedata.combining(char))).strip()


def spellings(word: Word) -> Iterable[str]:
    """A phrase as it may stand in a folded text: with umlauts written out, and a code such as ``bid`` with its dots."""
    phrase = word.phrase.lower()
    yield fold(phrase)
    written_out = phrase.translate(_UMLAUTS)
    if written_out != phrase:
        yield fold(written_out)
    if word.kind == "r" and phrase.isalpha() and len(phrase) <= _LONGEST_CODE:
        yield ".".join(phrase) + "."
        yield ".".join(phrase)


_LONGEST_CODE = 3
_FRACTION_SIGNS = (("½", " 1/2"), ("¼", " 1/4"), ("¾", " 3/4"), ("⅓", " 1/3"), ("⅔", " 2/3"))
_MARKS = str.maketrans(
    {"µ": "u", "μ": "u", "×": "x", "∕": "/", "⁄": "/", "ß": "ss", "’": "'", "‐": "-"}
    | dict.fromkeys("‑‒–—−", "-")
    | {"ø": "o", "æ": "ae", "œ": "oe"}
)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_WHITE = re.compile(r"[^\S\n]+")
_SPACED_THOUSANDS = re.compile(r"(?<=\d)[\u00a0\u2009\u202f'’](?=\d{3}(?!\d))")
_DECIMAL_COMMA = re.compile(r"\d,(?:\d{1,2}|\d{4,})(?!\d)")

_PLURAL = re.compile(r"(?<=[a-z])\((?:e?s|e?n)\)")
"""Of ``tablet(s)``."""

_SMALL = r"(?:0|[1-9]\d?)(?:[.,]\d)?|1/[24]"
_TOKEN = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d(?:t[\d:.z+-]+)?|(?<!\d)\d\d?[/.]\d\d?[/.](?:\d{4}|\d\d)(?!\d))"
    rf"|(?P<scheme>(?<![\d.,/-])(?:{_SMALL})(?: ?- ?(?:{_SMALL})){{2,3}}(?![\d/-]|[.,]\d))"
    r"|(?P<clock>(?<!\d)\d\d?:\d\d(?::\d\d)?(?: ?(?:[ap]\.?m\.?|hrs?|h|uhr))?(?![a-z])"
    r"|(?<!\d)(?:[01]\d|2[0-4])[0-5]\d ?(?:hours|hrs?|h|uhr)(?![a-z])"
    r"|(?<!\d)\d\d? ?(?:[ap]\.?m\.?|uhr)(?![a-z])|(?<![\d.,])0\d[0-5]\d(?![\d.,]))"
    r"|(?P<unsure>(?<![\d.,/-])\d+ ?- ?[123]/[234](?![\d/]))"
    r"|(?P<mixed>(?:(?<![\d.,])\d+ )?(?<![\d.,/])[123] ?/ ?[234](?![\d/]))"
    r"|(?P<period>(?<![\d.,/])\d\d? ?/ ?(?:7|52|12)(?![\d/.,]))"
    r"|(?P<spaced>(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d.,]))"
    r"|(?P<number>\d(?:[\d.,]*\d)?|(?<![\d.,])[.,]\d+)"
    r"|(?P<letters>'?[a-z]+)"
    r"|(?P<range>- ?(?=\.?\d))|(?P<break>[.;:\n]|•)|(?P<mark>[/(),=&+%*#@])"
)
_LETTERS = re.compile(r"'?[a-z]+")
_NAME_GOES_ON = re.compile(r"\d\w*")


def _number(text: str) -> Lexeme:
    value = parse_number(text)
    return Lexeme(UNREADABLE if value is None else "n", value, text)


def _spaced_number(text: str) -> Lexeme:
    """``3 000`` is three thousand; ``2 500`` may as well be two of 500."""
    first, *groups = text.split()
    if any(group != "000" for group in groups):
        return Lexeme(UNREADABLE, None, text)
    return Lexeme("n", Decimal(first + "".join(groups)), text)


def _mixed_number(text: str) -> Lexeme:
    above, below = (int(part) for part in text.replace("/", " ").split()[-2:])
    if above >= below:
        return Lexeme(UNREADABLE, None, text)
    whole = text.partition(" ")[0] if _WHOLE.match(text) else "0"
    return Lexeme("n", Decimal(whole) + Decimal(above) / below, text)


_WHOLE = re.compile(r"\d+ \d")


def _period(text: str) -> Lexeme:
    """The prescriber's 5/7, 2/52 and 3/12: days, weeks, months."""
    count, _, of = text.replace(" ", "").partition("/")
    return Lexeme("L", Decimal(count) * {"7": 1, "52": 7, "12": 28}[of], text)


def _scheme(text: str) -> Lexeme:
    """Morning, noon, evening and night, as German plans of medication write it."""
    read = [_mixed_number(part).value if "/" in part else parse_number(part) for part in re.split(" ?- ?", text)]
    parts = tuple(part for part in read if part is not None)
    if len(parts) < len(read) or (all(parts) and max(parts) > _MOST_AT_A_TIME):
        return Lexeme(UNREADABLE, None, text)  # more like a date
    return Lexeme("S", parts, text)


_MOST_AT_A_TIME = 4


def _clock(text: str) -> Lexeme:
    hours = re.match(r"\d+", text)
    return Lexeme("k", re.sub(r"[ .]|hours|hrs?|h$|uhr", "", text), text) if hours else Lexeme(UNREADABLE, None, text)


_SIGNS: Mapping[str, str] = {"&": "a", "+": "a", "@": "q"}
_READERS: Mapping[str, Any] = {
    "unsure": lambda text: Lexeme(UNREADABLE, None, text),  # 1-1/2: one and a half, or a half to one
    "scheme": _scheme,
    "clock": _clock,
    "mixed": _mixed_number,
    "period": _period,
    "spaced": _spaced_number,
    "number": _number,
    "range": lambda text: Lexeme("~", None, text),
    "break": lambda text: Lexeme(";", None, text),
    "mark": lambda text: Lexeme(_SIGNS.get(text) or text, None, text),
}


def _sure(lexemes: list[Lexeme], folded: str, words: list[Word]) -> list[Lexeme]:
    """Mark numbers whose mark is decimal for some and groups thousands for others.

    ``1,250`` is 1250 unless the words, or another number, are of people who write one and a quarter so. ``1.125`` is
    decimal in an English text only, and ``1.250``, whose last nought no prescriber writes, nowhere.
    """
    languages = {word.language for word in words if word.language}
    english = "en" in languages
    elsewhere = bool(languages) and not english
    doubtful = [_POINT_AND_NOUGHT if english else _POINT]
    if elsewhere or _DECIMAL_COMMA.search(folded):
        doubtful.append(_COMMA)
    return [
        Lexeme(UNREADABLE, None, one.text)
        if one.kind == "n" and any(pattern.fullmatch(one.text) for pattern in doubtful)
        else one
        for one in lexemes
    ]


_POINT = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_POINT_AND_NOUGHT = re.compile(r"[1-9]\d{0,2}\.\d\d0")
_COMMA = re.compile(r"[1-9]\d{0,2},\d{3}")


def _doubled(lexemes: list[Lexeme]) -> list[Lexeme]:
    """``4 (four)`` is one number; ``4 (five)`` is none."""
    found: list[Lexeme] = []
    place = 0
    while place < len(lexemes):
        one, *following = lexemes[place : place + 4]
        if one.kind == "n" and [each.kind for each in following] == ["(", "n", ")"]:
            same = one.value == following[1].value
            found.append(one if same else Lexeme(UNREADABLE, None, one.text))
            place += 4
        else:
            found.append(one)
            place += 1
    return found


def _joining(lexemes: list[Lexeme]) -> list[Lexeme]:
    """A "to" or "or" before anything but a number joins nothing: "to be taken". From more to less is no range."""
    for place in range(len(lexemes) - 2):
        low, joint, high = lexemes[place : place + 3]
        if (low.kind, joint.kind, high.kind) == ("n", "~", "n") and low.value > high.value:
            lexemes[place] = Lexeme(UNREADABLE, None, low.text)
    return [
        one
        for one, then in zip(lexemes, [*lexemes[1:], _END], strict=False)
        if one.kind != "~" or then.kind in {"n", UNREADABLE}
    ]


_END = Lexeme(";", None, "")


def _clocks(lexemes: list[Lexeme]) -> list[Lexeme]:
    """``0900 & 1800``: a number of four digits beside a clock time, or beside another one, is a clock time."""
    found = list(lexemes)
    for place in range(len(found) - 2):
        first, joint, second = found[place : place + 3]
        if joint.kind in {"a", ","} and _may_be_clock(first) and _may_be_clock(second):
            for at in (place, place + 2):
                if found[at].kind == "n" and not _is_measured(found, at):
                    found[at] = Lexeme("k", found[at].text, found[at].text)
    return found


def _may_be_clock(lexeme: Lexeme) -> bool:
    return lexeme.kind == "k" or (lexeme.kind == "n" and bool(_FOUR_DIGITS.fullmatch(lexeme.text)))


def _is_measured(lexemes: list[Lexeme], place: int) -> bool:
    return place + 1 < len(lexemes) and lexemes[place + 1].kind in {"u", VOLUME, "f", DAYS, SHORT_TIME}


_FOUR_DIGITS = re.compile(r"(?:[01]\d|2[0-3])[0-5]\d")
