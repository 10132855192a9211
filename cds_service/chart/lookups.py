"""What was looked up on a case, so that an answer knows what it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cds_service.terminology.dates import Span


class Read(NamedTuple):
    """One look-up: of which kind, for which value sets (none: all of the kind), and how far back it matters."""

    kind: str
    concepts: frozenset[str]
    span: Span | None
    drafted: str = ""
    """Of drafts of the session: ``medications`` or ``orders``."""


class Inquiry(NamedTuple):
    """A finding, or a bare look-up, with the look-ups behind it."""

    answer: object
    reads: tuple[Read, ...]


class Reads:
    """What was looked up on a case since somebody last took note: each finding asked, with the look-ups behind it.

    A look-up counts as far back as the spans reach that its finding takes; one without a span counts whenever it was.
    """

    __slots__ = ("_depth", "_log", "_spans", "asked", "ever", "unsaid")

    def __init__(self) -> None:
        self.asked: list[Inquiry] = []
        """Since somebody last took note."""
        self.unsaid: list[Inquiry] = []
        """Behind the cards that were passed on the way: a gap there might have been that card."""
        self.ever: list[Inquiry] = []
        self._log: list[Read] = []
        self._spans: list[Span | None] = [None]
        self._depth = 0

    def start_anew(self) -> None:
        """Another rule begins."""
        self.asked, self.unsaid, self.ever, self._depth = [], [], [], 0

    def look(self, kind: str, concepts: Iterable[str], answer: object, drafted: str = "") -> None:
        """Note a look-up."""
        read = Read(kind, frozenset(concepts), self._spans[-1], drafted)
        self._log.append(read)
        self._keep(answer, (read,))

    def begin(self, arguments: Iterable[object]) -> int:
        """A finding begins; gives the mark with which it ends."""
        spans = [argument for argument in arguments if isinstance(argument, Span)]
        self._spans.append(max(spans, key=_length) if spans else None)
        self._depth += 1
        return len(self._log)

    def end(self, mark: int) -> tuple[Read, ...]:
        """The look-ups of the finding that began at the mark."""
        self._depth -= 1
        self._spans.pop()
        return tuple(dict.fromkeys(self._log[mark:]))

    def found(self, answer: object, reads: tuple[Read, ...], *, again: bool) -> None:
        """A finding gave its answer; ``again`` when it was remembered and looked nothing up."""
        if again:
            self._log.extend(reads)
        self._keep(answer, reads)

    def _keep(self, answer: object, reads: tuple[Read, ...]) -> None:
        if not self._depth:
            self.asked.append(Inquiry(answer, reads))
            self.ever.append(Inquiry(answer, reads))


def _length(span: Span) -> int:
    return span.months * 730 + span.days * 24 + span.hours
