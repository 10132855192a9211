"""The committee's history: one line for each act, sealed over the line before; nothing is ever changed or taken out."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

Step = Literal["proposed", "signed", "refused", "withdrawn", "promoted", "rolled back"]
State = Literal["open", "signed", "refused", "withdrawn", "in force", "rolled back"]
_STATES: dict[Step, State] = {
    "proposed": "open",
    "signed": "signed",
    "refused": "refused",
    "withdrawn": "withdrawn",
    "promoted": "in force",
    "rolled back": "rolled back",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One act: who did what to which proposal, when and why."""

    number: int
    at: str
    who: str
    """The account's name."""
    called: str
    """The person's."""
    did: Step
    proposal: int
    """The number of the act that proposed it."""
    reason: str
    text: str = ""
    """The overlay: as proposed, or, of a promotion, as it was before."""
    before: str = ""
    """Hash of the overlay that the proposal was made from; of a later act, of the one that it left."""
    knowledge: str = ""
    """The version that the act made, or would make."""
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed overlay and what became of it."""

    made: Act
    acts: tuple[Act, ...]

    @property
    def number(self) -> int:
        return self.made.number

    @property
    def state(self) -> State:
        return _STATES[self.acts[-1].did]


class History:
    """The file; all workers see it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def acts(self) -> list[Act]:
        """Every act, oldest first; raises :class:`LookupError` that names the first line that is not as it was written."""
        found: list[Act] = []
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.is_file() else []
        seal = ""
        for number, line in enumerate(lines, 1):
            try:
                act = Act(**json.loads(line))
            except (ValueError, TypeError):
                raise LookupError(f"{self._file}, line {number} cannot be read") from None
            seal = _sealed(act, seal)
            if act.number != number or act.seal != seal:
                raise LookupError(f"{self._file}, line {number} is not as it was written")
            found.append(act)
        return found

    def proposal(self, number: int) -> Proposal | None:
        """The proposal of this number."""
        return next((one for one in self.proposals() if one.number == number), None)

    def proposals(self) -> list[Proposal]:
        """Every proposal, the newest first."""
        acts = self.acts()
        made = [act for act in acts if act.did == "proposed"]
        return [Proposal(one, tuple(act for act in acts if act.proposal == one.number)) for one in reversed(made)]

    def add(self, act: Act, now: datetime) -> Act:
        """Write one act behind all others, and give it with its number, moment and seal; call it within :meth:`alone`."""
        acts = self.acts()
        number = len(acts) + 1
        numbered = replace(
            act, number=number, at=now.isoformat(timespec="seconds"), proposal=act.proposal or number, seal=""
        )
        sealed = replace(numbered, seal=_sealed(numbered, acts[-1].seal if acts else ""))
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(sealed), ensure_ascii=False) + "\n")
        return sealed

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Decide one at a time, over all processes that see the file."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _sealed(act: Act, before: str) -> str:
    content = json.dumps(asdict(replace(act, seal="")), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(f"{before}\n{content}".encode()).hexdigest()
