"""Tables of a card file: named rows of one kind, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

R = TypeVar("R")
"""A frozen dataclass whose fields are the columns; a field called ``name`` holds the row's name."""


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """Rows as a rule reads them: one after the other until one fits, or one by its name."""

    names: tuple[str, ...]
    rows: tuple[R, ...]
    _by_name: Mapping[str, R] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", dict(zip(self.names, self.rows, strict=True)))

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows)

    def __getitem__(self, name: str) -> R:
        """The row of a name; raises :class:`KeyError`."""
        return self._by_name[name]

    def get(self, name: str) -> R | None:
        """The row of a name, if there is one."""
        return self._by_name.get(name)
