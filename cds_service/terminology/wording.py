"""Words in free text, read with what stands around them: affirmed, doubted, planned, denied, history or family."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

from cds_service.terminology.cues import Cue, Cues, Reading

STRENGTH: dict[Reading, int] = {"affirmed": 0, "doubted": 1, "history": 2, "planned": 3, "denied": 4, "family": 5}
"""Which reading wins over several matches in one text."""


class Prose:
    """One text, ready to be asked what it says of many things.

    Letters lose their accents and dashes their kind, so that a pattern is written once for all spellings; runs of spaces
    are one. What a report was *asked* (``Indication: ?metastases``) is nobody's statement, unless the text is an order.
    """

    def __init__(self, text: str, cues: Cues, *, order: bool = False) -> None:
        self.text = plain(text)
        self.lowered = self.text.lower()
        self._cues = cues
        self._order = order

    def reading(self, pattern: re.Pattern[str], *, plannable: bool = False) -> Reading | None:
        """How the text means the phrases that a pattern finds; ``None`` when it finds none, or only asks for them.

        Only what is ``plannable``, a device or a treatment, can be planned, and no order is: it is the plan itself.

        The strongest reading over all matches counts, so that one plain statement is not lost behind a denial elsewhere.
        Only the sentence around a match is looked at, at most a few hundred characters, so that time grows with the text's
        length alone. A text with hundreds of matches and no plain statement among them is no prose: it is doubted.
        """
        best: Reading | None = None
        for count, match in enumerate(pattern.finditer(self.text)):
            if match.start() == match.end():
                continue
            if count == _MOST_MATCHES:
                return "doubted"
            section = self._section(match.start())
            if section == "asked" and not self._order:
                continue
            reading = _OF_SECTION.get(section) or self._read(match.start(), match.end())
            if reading == "planned" and (self._order or not plannable):
                reading = "affirmed"
            if reading == "affirmed":
                return reading
            if best is None or STRENGTH[reading] < STRENGTH[best]:
                best = reading
        return best

    def _section(self, place: int) -> str:
        return self._cues.section_at(self._headings, place) if self._headings else ""

    @cached_property
    def _headings(self) -> list[tuple[int, str]]:
        return self._cues.headings(self.lowered)

    def _read(self, start: int, end: int) -> Reading:
        rest = _REST_OF_WORD.match(self.text, end)
        compound = self.lowered[end : rest.end()] if rest else ""  # a pattern may end inside a word: "metasta"
        end += len(compound)
        matched = self.lowered[start:end]
        before, after = self._sentence_before(start), self._sentence_after(end)
        reading = self._between(before, matched, compound, after)
        if reading == "affirmed" and "\n" in self.text:  # "no relevant / Cord compression": one sentence, or two?
            wider = self._sentence_before(start, wrapped=True), self._sentence_after(end, wrapped=True)
            if wider != (before, after) and self._between(wider[0], matched, compound, wider[1]) == "denied":
                return "doubted"
        return reading

    def _between(self, before: str, matched: str, compound: str, after: str) -> Reading:
        """How a match is meant between what stands before and after it in its sentence."""
        if len(before) > _BEFORE:
            before = before[-_BEFORE:].partition(" ")[2]
        after = after[:_AFTER]
        found = {_reading_before(self._cues, before, after, matched)}
        if compound:  # "metastasenverdächtig"
            found.add(self._cues.reading_after(compound))
        if after.strip():
            found.add(self._cues.reading_after(after))
        reading: Reading = next((one for one in _ORDER if one in found), "affirmed")
        return "affirmed" if reading == "planned" and self._cues.is_renewed(before, matched, after) else reading

    def _sentence_before(self, start: int, *, wrapped: bool = False) -> str:
        """The part of the sentence before the match, in lower case. A line break inside a running sentence does not end it.

        ``wrapped``: nor does one of which nobody can tell.
        """
        begin = max(0, start - _BEFORE - _SLACK)
        window = self.text[begin:start]
        cut = 0
        for found in _BREAK.finditer(window):
            right = window[found.end() :] + self.text[start : start + 1]
            if self._ends_sentence(window[: found.start()], found.group(), right, wrapped):
                cut = found.end()
        return self.lowered[begin + cut : start].replace("\n", " ")

    def _sentence_after(self, end: int, *, wrapped: bool = False) -> str:
        window = self.text[end : end + _AFTER + _SLACK]
        until = len(window)
        for found in _BREAK.finditer(window):
            mark = found.group()
            left, right = window[: found.start()], window[found.end() :]
            carried = wrapped and "\n" in mark and not left.strip() and right[:1].islower()
            if mark[0] == "?" or carried or not self._ends_sentence(left or "x", mark, right, wrapped):
                continue
            until = found.start()
            break
        return self.lowered[end : end + until].replace("\n", " ")

    def _ends_sentence(self, left: str, mark: str, right: str, wrapped: bool) -> bool:
        last = _LAST_WORD.search(left[-40:])
        word = last[1].lower().strip(".") if last else ""
        if mark == ".":
            abbreviated = self._cues.abbreviated.fullmatch(word)
            return not abbreviated or not right.strip() or (word == "no" and right.lstrip()[:1].isupper())
        if "\n" in mark:
            opening = right.lstrip(" \t")[:1]
            if self._cues.carries_on.fullmatch(word) and opening not in {"\n", ""}:
                return False
            length = len(left) - left.rfind("\n")
            if wrapped and opening.isalpha() and left[-1:].isalpha():
                return length <= (_WRAPPED_LINE if opening.isupper() else _SHORT_LINE)
            return not (length > _WRAPPED_LINE and opening.islower())
        return True


def plain(text: str) -> str:
    """Text as patterns are matched against it: composed, without accents, with plain dashes, quotes and single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(_PLAIN)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "  " in text or "\t" in text:
        text = _SPACES.sub(" ", text)
    return _ENDLESS.sub(_broken, text) if len(text) > _LONGEST_WORD else text


def _broken(run: re.Match[str]) -> str:
    """Letters without end are no word, and lines without end no room: what patterns may go to and fro over stays short."""
    return "\n\n" if run[0].isspace() else f"{run[0]} "


def folded(pattern: str) -> str:
    """A pattern as its author writes it, made to fit :func:`plain` text: ``knöchern`` finds knöchern, knochern and knoechern."""
    return pattern if pattern.isascii() else unicodedata.normalize("NFC", pattern).translate(_IN_PATTERNS)


def _accents() -> dict[int, str]:
    """Latin letters with accents, each to its one bare letter."""
    table = {}
    for place in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        bare = unicodedata.normalize("NFD", chr(place))[0]
        if bare.isascii():
            table[place] = bare
    return table


_PLAIN: dict[int, str] = {
    **_accents(),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u00ab\u00bb"), '"'),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), " "),
    **dict.fromkeys(map(ord, "\u00ad\u200b\ufeff"), ""),
    **{ord(low): str(digit) for digit, low in enumerate("₀₁₂₃₄₅₆₇₈₉")},  # SpO₂
    **dict(zip(map(ord, "²³⁺"), "23+", strict=True)),  # Ca²⁺
    ord("ø"): "o",
    ord("Ø"): "O",
    ord("ł"): "l",
    ord("Ł"): "L",
}
_IN_PATTERNS: dict[int, str] = {
    **_PLAIN,
    ord("ä"): "ae?",
    ord("ö"): "oe?",
    ord("ü"): "ue?",
    ord("ß"): "(?:ss|ß)",
}
_LONGEST_WORD = 50
_ENDLESS = re.compile(rf"\w{{{_LONGEST_WORD}}}(?=\w)|\n{{3,}}")
_SPACES = re.compile(r"[ \t]{2,}|\t")
_BEFORE, _AFTER, _SLACK = 240, 160, 40
"""Characters that are looked at before and after a match, and how many more so that no word is cut."""
_MOST_MATCHES = 300
_WORDS_IN_SCOPE = 5
_WORDS_IN_ITEM = 3
_ORDER: tuple[Reading, ...] = ("family", "denied", "planned", "doubted", "history")
"""Which reading wins when several cues bear on one match: ``no suspected`` is denied."""
_OF_SECTION: dict[str, Reading] = {"family": "family", "past": "history"}


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


def _reading_before(cues: Cues, before: str, after: str, matched: str) -> Reading:
    """Walk from the start of the sentence to the match, opening and closing the scopes of cues."""
    if cues.non.search(before) and cues.undone_by_non.match(matched):
        return "denied"
    listed = cues.list_goes_on(after)
    scopes: list[_Scope] = []
    broken, previous = False, ""  # broken: a comma or "and" stands right before this token
    for token in cues.tokens(before):
        kind, word = token
        if kind == "affirming":  # "MRI planned, with pacemaker"
            scopes = [scope for scope in scopes if scope.kind != "planned"]
        if kind in _CUES:
            older = [] if broken else [scope for scope in scopes if _goes_on(cues, scope, token, previous)]
            scopes = [*older, _Scope(kind)]
        elif kind == "ends" or (broken and kind in {"affirming", "neutral"}):
            scopes = []
        elif kind == "weak" and broken and not listed:
            scopes = [scope for scope in scopes if scope.kind not in {"plain", "not"}]
        elif kind == "comma":
            scopes = [scope for scope in scopes if scope.next_item(word)]
        else:
            scopes = [scope for scope in scopes if _goes_on(cues, scope, token, previous)]
        broken = kind == "comma" or (kind == "joint" and word in cues.ands)
        previous = word
    return _reading_of(cues, scopes, matched, listed)


def _goes_on(cues: Cues, scope: _Scope, token: Cue, previous: str) -> bool:
    kind, word = token
    if kind == "joint":
        adds = word in cues.ands
        if not scope.words and not scope.items and adds and scope.kind != "standing":
            return False  # "PE ruled out and ...": the cue belongs to what came before
        if not adds:
            scope.items += scope.kind in {"denied", "plain", "not", "standing"}
            scope.words = 0
        return True
    if not _LETTER.search(word):
        return True
    scope.words += 1 + word.count(" ")
    if scope.kind == "history" and word in cues.history_ends:
        return False
    if scope.kind == "risk" and word in cues.risk_ends:
        return False
    auxiliary = cues.has.fullmatch(word)
    if (auxiliary or cues.shows.fullmatch(word)) and (scope.items or (scope.kind != "not" and not auxiliary)):
        return False
    if (
        word in cues.purpose
        and scope.kind in {"not", "plain", "standing", "planned"}
        and previous not in cues.purpose_belongs
    ):
        return False
    return scope.words <= _WORDS_IN_SCOPE


def _reading_of(cues: Cues, scopes: list[_Scope], matched: str, listed: bool) -> Reading:
    readings: set[Reading] = set()
    for scope in scopes:
        if scope.kind == "standing":
            readings.add("affirmed" if cues.lasting.search(matched) else "denied")
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
    "planned": "planned",
    "denied": "denied",
    "plain": "denied",
    "not": "denied",
}

# A sentence ends at a full stop before a space, a question mark that closes a word, a semicolon, bullet or item number.
_BREAK = re.compile(r"[.!](?=\s|$)|(?<=\w)\?+(?=\s)|[;|•]|\s\*\s|\b\d{1,2}\)\s|[=-]>|</?(?:br|p|li|div)\b ?/?>|\n")
_WRAPPED_LINE = 45
"""Characters from which a line that goes on in lower case was wrapped; a shorter one is an item of a list."""
_SHORT_LINE = 24
"""Up to which such a line surely is one."""
_LAST_WORD = re.compile(r"([\w./'-]+|[:,(-])\s*$")
_LETTER = re.compile(r"\w")
_REST_OF_WORD = re.compile(r"\w*")
