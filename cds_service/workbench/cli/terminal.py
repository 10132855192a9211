"""The terminal: a console for tables, and bars for what takes long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

T = TypeVar("T")
Reporting = Callable[[str, int, int], None]


def console() -> Console:
    """Where reports are printed: as wide as the terminal, and wide enough in a file."""
    width = None if sys.stdout.isatty() else 120
    return Console(file=sys.stdout, width=width, soft_wrap=False)


@contextmanager
def progress_bar() -> Iterator[Reporting]:
    """A bar on standard error for each step, when somebody watches."""
    columns = (TextColumn("{task.description:<11}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bars:
        steps: dict[str, Any] = {}

        def progress(step: str, done: int, of: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step)
            bars.update(steps[step], completed=done, total=of)

        yield progress


def watched(step: str, items: Iterable[T], of: int) -> Iterator[T]:
    """Give the items one by one, under a bar of their own."""
    with progress_bar() as progress:
        for done, item in enumerate(items, 1):
            yield item
            progress(step, done, of)
