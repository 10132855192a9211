"""Options that every command shares which asks a cohort: the moment, who works, and where extracted records are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from cds_service.service.clock import this_minute
from cds_service.terminology.value_sets import Codebook
from cds_service.workbench.cli.terminal import Reporting, progress_bar
from cds_service.workbench.cohort import CachedCohort, Workers, open_cohort, open_workers

CACHE = Path(".cds-service/cache")


@dataclass(frozen=True, slots=True)
class CohortRun:
    """How a cohort is asked."""

    as_of: datetime
    workers: int | None
    """Processes; ``None`` is one a core."""
    distributed: str
    """Address of a Dask cluster; empty for processes here."""
    cache: Path

    @contextmanager
    def opened(self, cohort: Path, codebooks: Sequence[Codebook]) -> Iterator[tuple[CachedCohort, Workers, Reporting]]:
        """The cohort with what these codebooks can use of it, who works on it, and where progress is reported."""
        with progress_bar() as progress, open_workers(self.workers, self.distributed) as pool:
            yield open_cohort(cohort, codebooks, self.cache, pool, progress), pool, progress


def cohort_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--as-of``, ``--workers``, ``--distributed`` and ``--cache`` to a command, which gets them as one ``run``."""

    @wraps(command)
    def asked(*, as_of: str, workers: int | None, distributed: str, cache: Path, **others: Any) -> Any:
        return command(run=CohortRun(moment(as_of), workers, distributed, cache), **others)

    options = (
        click.option("--as-of", default="", metavar="MOMENT", help="The moment to ask about [default: now]."),
        click.option("--workers", type=click.IntRange(1), help="Processes [default: all cores]."),
        click.option("--distributed", default="", metavar="dask://HOST:PORT", help="Work on an existing Dask cluster."),
        click.option(
            "--cache",
            type=click.Path(path_type=Path),
            default=CACHE,
            show_default=True,
            help="Where extracted records are kept.",
        ),
    )
    for option in reversed(options):
        asked = option(asked)
    return asked


def moment(text: str, option: str = "--as-of") -> datetime:
    """Read a moment of the command line; a day is its end, no zone is UTC, nothing is now."""
    if not text:
        return this_minute()
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no date, such as 2026-03-02 or 2026-03-02T09:00Z", param_hint=option
        ) from None
    if len(text) == len("2026-03-02"):
        read = read.replace(hour=23, minute=59)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
