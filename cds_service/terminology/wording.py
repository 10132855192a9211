"""Words in free text, read with what stands around them: affirmed, doubted, denied, history or family."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from cds_service.terminology import cues

Reading = Literal["affirmed", "doubted", "denied", "history", "family"]

_STRONGEST: dict[Reading, int] = {"affirmed": 0, "doubted": 1, "history": 2, "denied": 3, "family": 4}
"""Which reading wins over several matches in one text."""


def read_words(text: str, pattern: re.Pattern[str]) -> Reading | None:
    """Read how a text means the phrases that a pattern finds; ``None`` when it finds none.

    The strongest reading over all matches counts, so that one plain statement is not lost behind a denial elsewhere;
    only a question that a report was asked (``Indication: ?metastases``) yields to the report's denial.
    Only the sentence around a match is looked at, at most a few hundred characters, so that time grows with the text's
    length alone. A text with hundreds of matches and no plain statement among them is no prose: it is doubted.
    """
    best: Reading | None = None
    asked = False
    for count, match in enumerate(pattern.finditer(text)):
        if match.start() == match.end():
            continue
        if count == _MOST_MATCHES:
            return "doubted"
        reading = _read(text, match.start(), match.end())
        if reading == "affirmed":
            return reading
        if reading == "doubted" and _is_request(text, match.start()):
            asked = True
        elif best is None or _STRONGEST[reading] < _STRONGEST[best]:
            best = reading
    return "doubted" if asked and best != "denied" else best


_BEFORE, _AFTER, _WHITE = 240, 160, 400
"""Characters that are looked at before and after a match, and how many more for runs of white space."""
_HEADING = 400
_MOST_MATCHES = 300
_WORDS_IN_SCOPE = 5
_WORDS_IN_ITEM = 3
_ORDER: tuple[Reading, ...] = ("family", "denied", "doubted", "history")
"""Which reading wins when several cues bear on one match: ``no suspected`` is denied."""


def _read(text: str, start: int, end: int) -> Reading:
    before = _plain(_sentence_before(text, start))
    if len(before) > _BEFORE:
        before = before[-_BEFORE:].partition(" ")[2]
    rest = _REST_OF_WORD.match(text, end)
    end = rest.end() if rest else end  # a pattern may end inside a word: "metasta"
    after = _plain(_sentence_after(text, end))[:_AFTER]
    found = {_reading_before(before, after, text[start:end].lower()), _reading_after(after)}
    return next((reading for reading in _ORDER if reading in found), "affirmed")


def _is_request(text: str, start: int) -> bool:
    """Whether the nearest heading before the match is that of a question, such as ``Indication:``."""
    headings = list(cues.REQUEST.finditer(text, max(0, start - _HEADING), start))
    return bool(headings) and headings[-1]["request"] is not None


def _reading_after(after: str) -> Reading:
    if not after.strip():
        return "affirmed"
    if cues.AFTER_FAMILY.match(after):
        return "family"
    if cues.AFTER_DOUBTED.match(after):
        return "doubted"
    if cues.AFTER_DENIED.match(after):
        return "denied"
    return "history" if cues.AFTER_HISTORY.match(after) else "affirmed"


@dataclass(slots=True)
class _Scope:
    """A cue that is in force while the words towards the match are read."""

    kind: str
    words: int = 0
    """Since the cue, or since the last item of its list."""
    items: int = 0
    longest: int = 0

    def next_item(self, mark: str) -> bool:
        """Pass a comma, bracket or dash; whether the cue still holds behind it."""
        if not self.words and not self.items:
            return mark != ","  # "Suspected - ..." heads what follows, "PE suspected, ..." belongs to what came before
        if mark[0] == "-":
            return False
        self.longest = max(self.longest, self.words)
        self.items += 1
        single = self.words <= 1
        self.words = 0
        if self.kind == "doubted":
            return single
        if self.kind == "plain":
            return self.longest <= _WORDS_IN_ITEM
        return self.kind in {"denied", "family", "standing", "risk"}


def _reading_before(before: str, after: str, matched: str) -> Reading:
    """Walk from the start of the sentence to the match, opening and closing the scopes of cues."""
    if _NON.search(before) and cues.UNDONE_BY_NON.match(matched):
        return "denied"
    listed = bool(cues.LIST_GOES_ON.match(after))
    scopes: list[_Scope] = []
    broken, previous = False, ""  # broken: a comma or "and" stands right before this token
    for token in _TOKEN.finditer(before):
        kind, word = token.lastgroup or "word", token.group()
        if kind in _CUES:
            older = [] if broken else [scope for scope in scopes if _goes_on(scope, kind, word, previous)]
            scopes = [*older, _Scope(kind)]
        elif kind == "ends" or (broken and kind in {"affirming", "neutral"}):
            scopes = []
        elif kind == "weak" and broken and not listed:
            scopes = [scope for scope in scopes if scope.kind not in {"plain", "not"}]
        elif kind == "comma":
            scopes = [scope for scope in scopes if scope.next_item(word)]
        else:
            scopes = [scope for scope in scopes if _goes_on(scope, kind, word, previous)]
        broken = kind == "comma" or (kind == "joint" and word == "and")
        previous = word
    return _reading_of(scopes, matched, listed)


def _goes_on(scope: _Scope, kind: str, word: str, previous: str) -> bool:
    if kind == "joint":
        if not scope.words and not scope.items and word == "and" and scope.kind != "standing":
            return False  # "PE ruled out and ...": the cue belongs to what came before
        if word != "and":
            scope.items += scope.kind in {"denied", "plain", "not", "standing"}
            scope.words = 0
        return True
    if not _LETTER.search(word):
        return True
    scope.words += 1 + word.count(" ")
    if scope.kind == "history" and cues.HISTORY_ENDS.fullmatch(word):
        return False
    if scope.kind == "risk" and word in {"in", "with", "from"}:
        return False
    shows = cues.SHOWS.fullmatch(word)
    if shows and (scope.items or (scope.kind != "not" and not shows["auxiliary"])):
        return False
    if word == "for" and scope.kind in {"not", "plain", "standing"} and not cues.FOR_BELONGS.fullmatch(previous):
        return False
    return scope.words <= _WORDS_IN_SCOPE


def _reading_of(scopes: list[_Scope], matched: str, listed: bool) -> Reading:
    readings: set[Reading] = set()
    for scope in scopes:
        if scope.kind == "standing":
            readings.add("affirmed" if cues.LASTING.search(matched) else "denied")
        elif scope.kind == "plain" and scope.items == 1 and not scope.words and not listed and scope.longest:
            readings.add("doubted")  # "no fever, leg weakness": a list of two, or two statements? It cannot be known
        else:
            readings.add(_CUES[scope.kind])
    return next((reading for reading in _ORDER if reading in readings), "affirmed")


_CUES: dict[str, Reading] = {
    "standing": "affirmed",
    "doubted": "doubted",
    "query": "doubted",
    "family": "family",
    "history": "history",
    "risk": "denied",
    "denied": "denied",
    "plain": "denied",
    "not": "denied",
}


def _words(phrases: str) -> str:
    return rf"(?<![\w/'-])(?:{phrases})(?![\w/'])"


_TOKEN = re.compile(
    "|".join(
        (
            rf"(?P<neutral>{_words(cues.NEUTRAL)})",
            rf"(?P<standing>{_words(cues.STANDING)})",
            rf"(?P<doubted>{_words(cues.DOUBTED)})",
            rf"(?P<family>{_words(cues.FAMILY)})",
            rf"(?P<history>{_words(cues.HISTORY)})",
            rf"(?P<risk>{_words(cues.RISK)})",
            rf"(?P<denied>{_words(cues.DENIED)})",
            rf"(?P<not>{_words(cues.NOT)})",
            rf"(?P<plain>{_words(cues.PLAIN_NO)})",
            rf"(?P<ends>{_words(cues.ENDS)})",
            rf"(?P<affirming>{_words(cues.AFFIRMING)})",
            rf"(?P<weak>{_words(cues.AFFIRMING_AFTER_NO)})",
            r"(?P<joint>\b(?:and|or|nor)\b|/|&)",
            r"(?P<comma>[,()\[\]]|(?<= )-+(?= ))",
            r"(?P<query>\?+)",
            r"(?P<word>[^\s,()\[\]?/]+)",
        )
    )
)

# A sentence ends at a full stop before a space, a question mark that closes a word, a semicolon, bullet or item number.
_BREAK = re.compile(r"[.!](?=\s|$)|(?<=\w)\?+(?=\s)|[;|•]|\s\*\s|\b\d{1,2}\)\s|[=-]>|</?(?:br|p|li|div)\b ?/?>|\r?\n")
_ABBREVIATED = re.compile(
    r"dr|mr|mrs|ms|prof|e\.g|i\.e|eg|ie|vs|approx|neg|susp|poss|prob|hist|prev|pt|hx|fh|pmh|st|cf|incl|no"
)
_CARRIES_ON = re.compile(r"no|of|without|for|any|the|an?|or|and|evidence|denie[sd]|to|in|with|from|not|known|[:,(-]")
_WRAPPED_LINE = 45
"""Characters from which a line that goes on in lower case was wrapped; a shorter one is an item of a list."""
_LAST_WORD = re.compile(r"([\w./'-]+|[:,(-])\s*$")
_NON = re.compile(r"(?<![a-z])non[- ]?$")
_LETTER = re.compile(r"\w")
_REST_OF_WORD = re.compile(r"\w*")
_SPACE = re.compile(r"\s+")
_DASHES = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2019": "'", "\u2018": "'", "\u00a0": " ", "\u2011": "-"})


def _sentence_before(text: str, start: int) -> str:
    """The part of the sentence before the match. A line break inside a running sentence does not end it."""
    window = text[max(0, start - _BEFORE - _WHITE) : start]
    cut = 0
    for found in _BREAK.finditer(window):
        if _ends_sentence(window[: found.start()], found.group(), window[found.end() :] or text[start : start + 1]):
            cut = found.end()
    return window[cut:]


def _sentence_after(text: str, end: int) -> str:
    window = text[end : end + _AFTER + _WHITE]
    for found in _BREAK.finditer(window):
        mark = found.group()
        if mark[0] == "?" or not _ends_sentence(window[: found.start()] or "x", mark, window[found.end() :]):
            continue
        return window[: found.start()]
    return window


def _ends_sentence(left: str, mark: str, right: str) -> bool:
    last = _LAST_WORD.search(left[-40:])
    word = last[1].lower().strip(".") if last else ""
    if mark == ".":
        return not _ABBREVIATED.fullmatch(word) or not right.strip() or (word == "no" and right.lstrip()[:1].isupper())
    if "\n" in mark:
        opening = right.lstrip(" \t")[:1]
        if _CARRIES_ON.fullmatch(word) and opening not in {"\n", "\r", ""}:
            return False
        wrapped = len(left) - left.rfind("\n") > _WRAPPED_LINE
        return not (wrapped and opening.islower())
    return True


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text.translate(_DASHES)).lower()
