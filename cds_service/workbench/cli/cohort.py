"""``cds-service cohort``: made-up patients to try a change on."""

from __future__ import annotations

from pathlib import Path

import click

from cds_service.workbench.cli.knowledge_options import cards_option
from cds_service.workbench.cli.terminal import progress_bar
from cds_service.workbench.cohort.synthetic import AS_OF, write


@click.command("cohort")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--patients", type=click.IntRange(1), default=1000, show_default=True, help="How many.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same patients.")
@click.option("--gzip", "compress", is_flag=True, help="Compress the files.")
@cards_option
def cohort_command(folder: Path, patients: int, seed: int, compress: bool, cards: Path | None) -> None:
    """Write a synthetic cohort into FOLDER as bulk-export NDJSON; nobody in it exists.

    It is of one day: simulate it --as-of 2026-03-02T09:00Z.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with progress_bar() as progress:
        write(folder, patients, seed, compress=compress, cards=cards, progress=progress)
    click.echo(f"{patients} patients in {folder}; simulate them --as-of {AS_OF:%Y-%m-%dT%H:%MZ}")
