"""What a definition of codes comes to in one edition of a terminology: every code, its name and its value sets.

An expansion is a file of tab-separated lines, so that ten thousand codes load in milliseconds and a change reads line by
line. Its head, lines that begin with ``#``, names the definition, the source and the count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

COLUMNS = ("system", "code", "value sets", "name")
_HEAD = "# "
EVERYTHING_BELOW = "*"
"""Ends a code that stands for all that begin with it."""


@dataclass(frozen=True, slots=True)
class Member:
    """One code of an expansion."""

    system: str
    code: str
    sets: tuple[str, ...]
    """Names of the value sets that it belongs to. None: it is named only; a range may have it, or it belongs to none."""
    display: str


@dataclass(frozen=True, slots=True)
class Expansion:
    """All codes of one definition."""

    name: str
    members: tuple[Member, ...]
    head: dict[str, str] = field(default_factory=dict)
    """What the file says of itself: ``definition``, ``source``, ``count``."""


class BadLine(ValueError):
    """A line that is none of an expansion; says which, and what is wrong."""

    def __init__(self, line: int, column: int, problem: str) -> None:
        super().__init__(problem)
        self.line, self.column, self.problem = line, column, problem


def read_expansion(name: str, text: str) -> Expansion:
    """Read the lines of an expansion; :class:`BadLine` for the first that has not four columns, or repeats a code."""
    head: dict[str, str] = {}
    members: list[Member] = []
    seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            key, _, value = line[1:].strip().partition(": ")
            head[key] = value
            continue
        cells = line.split("\t")
        if len(cells) != len(COLUMNS):
            raise BadLine(number, 1, f"a line has {len(COLUMNS)} columns ({', '.join(COLUMNS)}), found {len(cells)}")
        system, code, sets, display = cells
        first = seen.setdefault((system, code), number)
        if first != number:
            raise BadLine(number, len(system) + 2, f"{system} {code} stands already on line {first}")
        members.append(Member(system, code, tuple(sets.split()), display))
    count = head.get("count")
    if count is not None and count != str(len(members)):
        raise BadLine(1, 1, f"the head says {count} codes, the file holds {len(members)}")
    return Expansion(name, tuple(members), head)


def write_expansion(expansion: Expansion) -> str:
    """Write an expansion, sorted by system and code, as :func:`read_expansion` reads it."""
    return "\n".join(_lines(expansion)) + "\n"


def _lines(expansion: Expansion) -> Iterator[str]:
    for key, value in {**expansion.head, "count": str(len(expansion.members))}.items():
        yield f"{_HEAD}{key}: {value}"
    for member in sorted(expansion.members, key=lambda one: (one.system, len(one.code), one.code)):
        yield "\t".join((member.system, member.code, " ".join(member.sets), member.display))
