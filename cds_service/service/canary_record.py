"""What is on record of a canary: a knowledge version that is tried on a share of patients, for a time, beside the one in force.

``canary.json`` beside ``in-force.json`` is the one truth of the newest canary, running or not; ``canaries.jsonl`` keeps every
change. It grows a number with each change, as activations do, so that workers can say which one they have followed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from cds_service.service.answer import log
from cds_service.service.knowledge_folder import add_line, alone, write_whole

_CANARY, _CANARIES = "canary.json", "canaries.jsonl"
BAND, CALLS = 2.0, 200
State = Literal["running", "ended", "returned", "taken"]
"""Under way; over, by an operator, by its time or by another version; taken back since it left its band; in force for all."""


@dataclass(frozen=True, slots=True)
class Terms:
    """On whom a canary is tried, how long, and what takes it back."""

    share: float
    """Patients of 100, chosen by a keyed hash: a patient gets the same version at each call."""
    hours: float
    node: str = ""
    """The one node that tries it, by its host name; empty for all."""
    band: float = BAND
    """How many times as often as elsewhere, or as seldom, calls may fail and cards be due."""
    calls: int = CALLS
    """Calls, there and elsewhere, before rates are compared."""
    expected: tuple[str, ...] = ()
    """Topics whose rates may leave the band: they are what is changed."""

    def __post_init__(self) -> None:
        for wrong, problem in {
            not 0 < self.share <= 100: "share must be above 0 and at most 100, in percent of patients",
            not 0 < self.hours <= _MOST_HOURS: f"hours must be above 0 and at most {_MOST_HOURS}",
            not self.band > 1: "band must be above 1",
            self.calls < 1: "calls must be 1 or more",
        }.items():
            if wrong:
                raise ValueError(problem)


_MOST_HOURS = 2400


@dataclass(frozen=True, slots=True)
class Canary:
    """One canary, and how it stands."""

    number: int
    trial: int
    """The number with which it began: it stays the same through its changes."""
    version: str
    beside: str
    """The version in force when it began, which everybody else gets."""
    terms: Terms
    at: str
    until: str
    state: State = "running"
    because: str = ""
    """Why it runs no more."""

    @property
    def sentence(self) -> str:
        """How it stands, for people."""
        whom = f"{self.terms.share:g} % of patients" + (f" on {self.terms.node}" if self.terms.node else "")
        if self.state == "running":
            return f"canary {self.version} is tried on {whom} until {self.until}, beside {self.beside}"
        return f"canary {self.version} {_ENDINGS[self.state]}: {self.because}"


_ENDINGS: dict[State, str] = {
    "ended": "has ended",
    "returned": "was taken back",
    "taken": "was taken into use",
}


class Canaries:
    """The record of canaries in the folder of releases."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def newest(self) -> Canary | None:
        """The newest canary, running or not; ``None`` when there was none, or its file is damaged, which is logged."""
        return _read(self.folder / _CANARY)

    def begin(self, version: str, beside: str, terms: Terms, now: datetime) -> Canary:
        """Put a canary on record; raises :class:`LookupError` when one is running."""
        with alone(self.folder):
            last = self.newest()
            if last is not None and last.state == "running":
                raise LookupError(f"{last.sentence}: end it first")
            number = (last.number if last else max((one.number for one in self.history()), default=0)) + 1
            until = now + timedelta(hours=terms.hours)
            moments = (now.isoformat(timespec="seconds"), until.isoformat(timespec="seconds"))
            return self._enter(Canary(number, number, version, beside, terms, *moments))

    def end(self, trial: int, state: State, because: str, now: datetime) -> Canary | None:
        """End a canary that runs; ``None`` when somebody else has done so already."""
        with alone(self.folder):
            last = self.newest()
            if last is None or last.trial != trial or last.state != "running":
                return None
            at = now.isoformat(timespec="seconds")
            return self._enter(replace(last, number=last.number + 1, at=at, state=state, because=because))

    def history(self) -> Iterator[Canary]:
        """Every change, oldest first; a damaged line is passed over and logged."""
        file = self.folder / _CANARIES
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
        for line in lines:
            if (found := _of_json(line)) is not None:
                yield found
            else:
                log.error("a line of %s is damaged and was passed over", file)

    def _enter(self, canary: Canary) -> Canary:
        text = json.dumps(asdict(canary))
        add_line(self.folder / _CANARIES, text)
        write_whole(self.folder / _CANARY, text)
        return canary


def is_tried(folder: Path, version: str, *, beside: str) -> bool:
    """Whether a version is, or was, tried beside another, and was not taken into use since."""
    newest = _read(folder / _CANARY)
    return newest is not None and (newest.version, newest.beside) == (version, beside) and newest.state != "taken"


def _read(file: Path) -> Canary | None:
    try:
        found = _of_json(file.read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return None
    if found is None:
        log.error("%s is damaged: no canary runs", file)
    return found


def _of_json(text: str) -> Canary | None:
    try:
        written = json.loads(text)
        terms = written.pop("terms")
        return Canary(terms=Terms(**{**terms, "expected": tuple(terms["expected"])}), **written)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
