"""Tables of a card file: named rows of one kind, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")
"""A frozen dataclass whose fields are the columns; a field called ``name`` holds the row's name."""


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """Rows as a rule reads them: one after the other until one fits, or one by its name."""

    names: tuple[str, ...]
    rows: tuple[R, ...]

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows)

    def __getitem__(self, name: str) -> R:
        """The row of a name; raises :class:`KeyError`."""
        if name not in self.names:
            raise KeyError(name)
        return self.rows[self.names.index(name)]

    def get(self, name: str) -> R | None:
        """The row of a name, if there is one."""
        return self.rows[self.names.index(name)] if name in self.names else None
