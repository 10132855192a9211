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
from fractions import Fraction
from typing import Any

from cds_service.terminology.codings import STANDARD, CodeKey
from cds_service.terminology.order_lexemes import NAME, UNREADABLE, Lexeme, settled
from cds_service.terminology.quantities import parse_number
from cds_service.terminology.wording import plain

GRAY = frozenset({"Gy", "cGy", "mGy"})
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
    "other": "o",  # every other day, every third
    "times_of_day": "m",
    "meals": "M",  # with meals: nobody says how many
    "weekdays": "j",
    "and": "a",
    "or": "~",
    "at": "A",  # before a clock time
    "of": "q",  # 2 tablets of 4 mg
    "each": "E",
    "total": "T",
    "doses": "D",  # in 4 divided doses
    "cycles": "Q",  # for 6 cycles
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
    "fillers": "_",  # words that may follow a count: 2 in the morning
    "o_clock": "",  # 20 Uhr: a part of the time itself
}
"""The kinds of words that a file of words may list, and the letter that stands for each in a grammar."""


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
    _token: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _radiation: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _read: dict[str, tuple[Lexeme, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        beginning: dict[str, list[tuple[str, Word]]] = {}
        for word in self.words:
            for phrase in spellings(word) if word.kind else ():
                match = _LETTERS.match(phrase)
                beginning.setdefault(match.group() if match else phrase[0], []).append((phrase, word))
        ordered = {first: tuple(sorted(found, key=_longest_first)) for first, found in beginning.items()}
        object.__setattr__(self, "_by_beginning", ordered)
        o_clock = [word for word in self.words if not word.kind]
        hours = [word for word in self.words if word.value == Fraction(1, 24)]
        token = re.compile(_token(_spelt([*o_clock, *hours]), _spelt(o_clock)))
        object.__setattr__(self, "_token", token)
        gray = (word for word in self.words if word.kind == KINDS["fractions"] or word.value in GRAY)
        said = re.compile(rf"(?<![a-z])(?:{_spelt(gray)})(?![a-z])|#")
        object.__setattr__(self, "_radiation", said)

    def tell_of_radiation(self, text: str) -> bool:
        """Whether a text holds any word for gray or fractions."""
        return bool(self._radiation.search(plain(text).lower()))

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
        return settled(found, folded, {word.language for word in words if word.language and word.phrase != "am"})

    def _lexemes(self, folded: str, words: list[Word]) -> Iterator[Lexeme]:
        place = 0
        while match := self._token.search(folded, place):
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
                yield Lexeme(NAME, text, text)
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


def _spelt(words: Iterable[Word]) -> str:
    """A pattern of all spellings of words, the longest first."""
    phrases = {re.escape(phrase) for word in words for phrase in spellings(word)}
    return "|".join(sorted(phrases, key=len, reverse=True)) or "(?!)"


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
    if word.kind in {"r", "m"} and not word.language and phrase.isalpha() and len(phrase) <= _LONGEST_CODE:
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

_PLURAL = re.compile(r"(?<=[a-z])\((?:e?s|e?n)\)")
"""Of ``tablet(s)``."""

_SMALL = r"(?:0|[1-9]\d?)(?:[.,]\d)?|1/[24]"


def _token(clock: str, o_clock: str) -> str:
    """The pattern of a token: hours of the day come with words for hours (``0900 hrs``), or o'clock (``9 Uhr``)."""
    return _TOKEN.replace("{clock}", clock).replace("{o_clock}", o_clock)


_TOKEN = (
    r"(?P<date>\d{4}-\d\d-\d\d(?:t[\d:.z+-]+)?|(?<!\d)\d\d?[/.]\d\d?[/.](?:\d{4}|\d\d)(?!\d))"
    rf"|(?P<scheme>(?<![\d.,/-])(?:{_SMALL})(?: ?- ?(?:{_SMALL})){{2,3}}(?![\d/-]|[.,]\d))"
    r"|(?P<clock>(?<!\d)\d\d?:\d\d(?::\d\d)?(?: ?(?:[ap]\.?m\.?|{clock}))?(?![a-z])"
    r"|(?<!\d)(?:[01]\d|2[0-4])[0-5]\d ?(?:{clock})(?![a-z])"
    r"|(?<!\d)\d\d? ?(?:[ap]\.?m\.?|{o_clock})(?![a-z])|(?<![\d.,])0\d[0-5]\d(?![\d.,]))"
    r"|(?P<unsure>(?<![\d.,/-])\d+ ?- ?[123]/[234](?![\d/])|(?<=[^\s\d(/=*-])[.,]\d+|[<>≤≥]=? ?(?=\d))"
    r"|(?P<mixed>(?:(?<![\d.,])\d+ )?(?<![\d.,/])[123] ?/ ?[234](?![\d/]))"
    r"|(?P<period>(?<![\d.,/])\d\d? ?/ ?(?:7|52|12)(?![\d/.,]))"
    r"|(?P<spaced>(?<![\d.,])\d{1,3}(?: \d{3})+(?![\d.,]))"
    r"|(?P<number>\d(?:[\d.,]*\d)?|(?<![\d.,])[.,]\d+)"
    r"|(?P<letters>'?[a-z]+)"
    r"|(?P<range>- ?(?=\.?\d))|(?P<span>(?<=[a-z.]) ?- ?(?=[a-z]))|(?P<separator>[.;:\n]|•)|(?P<mark>[/(),=&+%*#@])"
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
    hours, half = _HOURS.match(text), _HALF_OF_DAY.search(text)
    return Lexeme("k", hours[0] + (f"{half[1]}m" if half else ""), text) if hours else Lexeme(UNREADABLE, None, text)


_HOURS = re.compile(r"\d[\d:]*")
_HALF_OF_DAY = re.compile(r"([ap])\.?m")


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
    "span": lambda text: Lexeme("-", None, text),
    "separator": lambda text: Lexeme(";", None, text),
    "mark": lambda text: Lexeme(_SIGNS.get(text) or text, None, text),
}
