"""Every pattern that meets text from outside takes time that grows with the text, not with its square.

Each is fed with what it nearly matches, again and again: beginnings of its own matches, its words, its characters.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
import random
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import cds_service
from cds_service.findings.stability_scores import in_words
from cds_service.knowledge.cards import Knowledge
from cds_service.terminology.phrases import LONGEST_TEXT
from cds_service.terminology.wording import plain

SHORT, LONG = 500, 2000
"""Lengths of texts from which is told how a pattern's time grows."""
QUICK_S = 0.0015
"""Processor time for a short text that needs no closer look: what is linear takes a third of it."""
BOUND_S = 0.5
"""Processor time that no pattern may take for the longest text that it ever meets."""
LENGTHS = {
    "cds_service.terminology.quantities.": 300,
    "knowledge.codebook.results.": 300,
    "knowledge.codebook.order_words.": 600,
    "cds_service.terminology.units.": 48,
    "cds_service.terminology.order_words.": 600,
    "cds_service.simulation.recognition.": 80,
    "cds_service.engine.phrases._LOOSE_END": 200,  # of a summary that was cut
    "cds_service.hooks.lenient_json.": 600,  # of bytes
}
"""Where texts are cut shorter than elsewhere before patterns meet them."""
OUR_OWN = (
    "cds_service.authoring.",
    "cds_service.knowledge.",
    "cds_service.workbench.",
    "cds_service.terminology.codings.",
)
"""Rooms whose patterns meet card files and command lines only."""


def patterns(knowledge: Knowledge) -> dict[str, re.Pattern[str]]:
    """All compiled patterns of the package, by where they stand, and all phrases of the card files."""
    found: dict[str, re.Pattern[str]] = {}
    seen: set[int] = set()

    def walk(where: str, thing: object, depth: int) -> None:
        if isinstance(thing, re.Pattern):
            if isinstance(thing.pattern, str):
                found[where] = thing
        elif depth and id(thing) not in seen and not isinstance(thing, str | bytes | int | type):
            seen.add(id(thing))
            for name, inner in inside(thing):
                walk(f"{where}.{name}", inner, depth - 1)

    for module in pkgutil.walk_packages(cds_service.__path__, "cds_service."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                if not name.startswith("__"):
                    walk(f"{module.name}.{name}", value, 3)
    walk("knowledge", knowledge, 7)
    book = knowledge.codebook.phrases
    found |= {f"phrase {phrase.value_set}: {phrase.pattern}": phrase.compiled for phrase in book.all}
    arguments = (item for card in knowledge.cards.values() for item in card.arguments.items())
    found |= {f"score {name}": in_words(names) for name, names in arguments if name in {"sins_names", "mirels_names"}}
    return {where: pattern for where, pattern in found.items() if not where.startswith(OUR_OWN)}


def inside(thing: object) -> Iterator[tuple[str, object]]:
    if isinstance(thing, dict):
        yield from ((str(key)[:20], value) for key, value in thing.items())
    elif isinstance(thing, list | tuple | set | frozenset):
        yield from ((str(place), value) for place, value in enumerate(thing))
    elif type(thing).__module__.startswith("cds_service."):
        names = {*getattr(thing, "__dict__", ()), *getattr(type(thing), "__slots__", ())}
        if isinstance(thing, msgspec.Struct):
            names |= set(thing.__struct_fields__)
        names |= {"compiled"} & set(dir(thing))  # compiled when it is first used
        yield from ((name, getattr(thing, name, None)) for name in sorted(names))


def nearly(pattern: re.Pattern[str], chance: random.Random) -> Iterator[str]:
    """Pieces of what the pattern matches: whole matches but for their end, their words and their characters."""
    tree = re._parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)  # type: ignore[attr-defined]
    for _ in range(3):
        match = written(tree, chance)
        yield match[: max(1, len(match) * 2 // 3)]
        yield match + "\x00"
        yield from match.split()[:2]
    yield from ("a", "1", " ", "a ", "1 ", "no ", ", ", "\n", "-", "(")


def written(tree: Any, chance: random.Random) -> str:
    """A text that the tree of a pattern matches, nearly: what stands around it is not asked."""
    made = ""
    for name, value in tree:
        match str(name):
            case "LITERAL":
                made += chr(value)
            case "IN":
                made += of_class(value, chance)
            case "ANY" | "NOT_LITERAL":
                made += "a"
            case "SUBPATTERN":
                made += written(value[3], chance)
            case "ATOMIC_GROUP":
                made += written(value, chance)
            case "BRANCH":
                made += written(chance.choice(value[1]), chance)
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                times = max(value[0], min(int(value[1]), chance.choice((1, 2, 4))))
                made += "".join(written(value[2], chance) for _ in range(times))
    return made


def of_class(parts: Any, chance: random.Random) -> str:
    name, value = chance.choice([part for part in parts if str(part[0]) != "NEGATE"])
    match str(name):
        case "LITERAL":
            return chr(value)
        case "RANGE":
            return chr(value[0])
        case _:
            return {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " "}.get(str(value), "w")


class TooSlow(Exception):
    """A pattern has taken twice the time that the longest text may take."""


def seconds(pattern: re.Pattern[str], text: str) -> float:
    """The processor time for a text, cut off where it is too much: patterns look for signals now and then."""

    def stop(*_: object) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * BOUND_S)
    began = time.thread_time()
    try:
        pattern.fullmatch(text)
        for _ in pattern.finditer(text):
            pass
    except TooSlow:
        return 100 * BOUND_S
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
    return time.thread_time() - began


def repeated(piece: str, length: int) -> str:
    return plain((piece * (length // len(piece) + 1))[:length])


def slowest(pattern: re.Pattern[str], longest: int, chance: random.Random) -> tuple[float, str]:
    """The time for the longest text of the worst kind, told from how it grows with short ones."""
    worst = (0.0, "")
    for piece in dict.fromkeys(filter(None, nearly(pattern, chance))):
        if worst[0] > BOUND_S:
            break
        short = seconds(pattern, repeated(piece, min(SHORT, longest)))
        if short < QUICK_S:
            continue
        if longest <= SHORT or short > BOUND_S / 4:
            worst = max(worst, (short, piece))
            continue
        long = seconds(pattern, repeated(piece, LONG))
        power = max(1.0, math.log(long / short, LONG / SHORT))
        worst = max(worst, (long * (longest / LONG) ** power, piece))
    return worst


def test_no_pattern_takes_long_for_the_longest_text_that_it_nearly_matches(knowledge: Knowledge) -> None:
    chance = random.Random(7)
    asked = patterns(knowledge)
    assert len(asked) > 2000
    too_slow = []
    for where, pattern in asked.items():
        longest = next((length for place, length in LENGTHS.items() if where.startswith(place)), LONGEST_TEXT)
        took, piece = slowest(pattern, longest, chance)
        if took > BOUND_S and min(slowest(pattern, longest, random.Random(n))[0] for n in (7, 8)) > BOUND_S:
            too_slow.append(f"{where}: {took:.2f} s for {piece!r}")
    assert not too_slow, "\n".join(sorted(too_slow))


@pytest.mark.parametrize("pattern", [r"(?:a{1,9}){1,9}b", r"(\w+\s?){0,9};", r"\w+ ?\w+ ?\w+ ?\w+!", "a.*b.*c"])
def test_a_pattern_that_is_not_linear_is_found(pattern: str) -> None:
    assert slowest(re.compile(pattern), LONGEST_TEXT, random.Random(7))[0] > BOUND_S


@pytest.mark.parametrize("pattern", [r"\bbone\w{0,9} metasta", r"(a|b)+c?", r"\d{1,4}[.,]\d+"])
def test_a_pattern_that_is_linear_is_let_through(pattern: str) -> None:
    assert slowest(re.compile(pattern), LONGEST_TEXT, random.Random(7))[0] < BOUND_S


def test_letters_without_end_are_broken_and_the_longest_words_stay() -> None:
    assert plain("w" * 50) == "w" * 50
    assert plain("w" * 120) == " ".join(("w" * 50, "w" * 50, "w" * 20))
    assert plain("a" * 45 + "\n\n\n\n\nb") == "a" * 45 + "\n\nb"
