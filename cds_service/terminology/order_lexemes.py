"""What lexemes of an instruction mean beside each other: numbers that may mean two things, what joins, clock times.

A lexeme alone is :mod:`terminology.order_words`'s business, whole phrases are :mod:`chart.orders.phrases`'s.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NamedTuple

UNREADABLE = "?"
"""Kind of a number that may mean two things, such as ``1.250``."""
NAME = "_"
"""Any other word: it stands between two numbers that would else be one, and is dropped. What it follows knows of it."""
STEP = "s"
"""Kind of a word or mark, such as ``then``, that begins what is taken afterwards."""
VOLUME, SHORT_TIME, DAYS = "V", "H", "t"
"""Kinds of units of volume, of times shorter than a day, and of days and longer."""


class Lexeme(NamedTuple):
    """One word, number or mark of an instruction."""

    kind: str
    value: Any
    text: str
    before: str = ""
    """The word that nobody knows right behind it: what it counts may be that."""


def settled(lexemes: list[Lexeme], folded: str, languages: Collection[str]) -> tuple[Lexeme, ...]:
    """The lexemes that mean something, each with what its neighbours make of it.

    ``languages`` are those that the words of the folded text are of.
    """
    apart = _before_names(_spans(_doubled(_sure(lexemes, folded, languages))))
    kept = [one for one in _joining(_mornings(apart, languages)) if one.kind != NAME]
    return tuple(_clocks(_rising(kept)))


def split_into_steps(lexemes: Iterable[Lexeme]) -> Iterator[list[Lexeme]]:
    """The parts of an instruction that follow each other in time: "16 mg daily, then 8 mg daily" is two."""
    step: list[Lexeme] = []
    for lexeme in lexemes:
        if lexeme.kind == STEP:
            yield step
            step = []
        else:
            step.append(lexeme)
    yield step


def _sure(lexemes: list[Lexeme], folded: str, languages: Collection[str]) -> list[Lexeme]:
    """Mark numbers whose mark is decimal for some and groups thousands for others.

    ``1,250`` is 1250 unless the words, or another number, are of people who write one and a quarter so. ``1.125`` is
    decimal in an English text only, and ``1.250``, whose last nought no prescriber writes, nowhere.
    """
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


_DECIMAL_COMMA = re.compile(r"\d,(?:\d{1,2}|\d{4,})(?!\d)")
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


def _spans(lexemes: list[Lexeme]) -> list[Lexeme]:
    """A hyphen joins two days of the week or two frequencies, ``Mon-Fri`` and ``BID-TID``; in other words it means nothing."""
    return [
        one._replace(kind="~") if one.kind == "-" else one
        for before, one, then in zip([_END, *lexemes], lexemes, [*lexemes[1:], _END], strict=False)
        if one.kind != "-" or _are_joined(before, then)
    ]


def _are_joined(one: Lexeme, other: Lexeme) -> bool:
    """Whether what a "to" or "or" stands between can be its two ends."""
    if other.kind == "y" and one.kind == "n":
        return True  # two or three times
    return (one.kind == other.kind == "j") or (one.kind in _HOW_OFTEN and other.kind in {*_HOW_OFTEN, "A", "@", "e"})


_HOW_OFTEN = frozenset("yrdm")


def _before_names(lexemes: list[Lexeme]) -> list[Lexeme]:
    """Each lexeme knows the word behind it that nobody knows: eight pellets are not eight tablets."""
    return [
        one._replace(before=then.value) if then.kind == NAME and then.value and one.kind != NAME else one
        for one, then in zip(lexemes, [*lexemes[1:], _END], strict=False)
    ]


def _mornings(lexemes: list[Lexeme], languages: Collection[str]) -> list[Lexeme]:
    """``am`` is the English morning where no other word is German: "8 mg am and pm", but "am Abend"."""
    if "de" in languages:
        return lexemes
    return [Lexeme("m", "morning", "am") if one.text == "am" and not one.before else one for one in lexemes]


def _joining(lexemes: list[Lexeme]) -> list[Lexeme]:
    """A "to" or "or" that has no two ends joins nothing: "to be taken"."""
    return [
        one
        for before, one, then in zip([_END, *lexemes], lexemes, [*lexemes[1:], _END], strict=False)
        if one.kind != "~" or then.kind in {"n", UNREADABLE} or _are_joined(before, then)
    ]


def _rising(lexemes: list[Lexeme]) -> list[Lexeme]:
    """From more to less is no range."""
    for place in range(len(lexemes) - 2):
        low, joint, high = lexemes[place : place + 3]
        if (low.kind, joint.kind, high.kind) == ("n", "~", "n") and low.value > high.value:
            lexemes[place] = Lexeme(UNREADABLE, None, low.text)
    return lexemes


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
