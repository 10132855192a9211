"""``cds-service terminology``: what the value sets understand, and their expansions made anew from a terminology server."""

from __future__ import annotations

from pathlib import Path

import click

from cds_service.authoring.recognition import coverage_table, with_coverage
from cds_service.workbench.cli.knowledge_options import knowledge_options, loaded

PAGE = Path("docs/recognition.md")


@click.group("terminology")
def terminology() -> None:
    """Codes and words: what the value sets understand, and how their expansions are made."""


@terminology.command("coverage")
@knowledge_options
@click.option("--write", is_flag=True, help=f"Write the table into {PAGE}; otherwise print it.")
def coverage(cards: Path | None, site: str, settings: tuple[str, ...], write: bool) -> None:
    """Say how many published codes of cancers are understood, by the code alone and by the name alone."""
    codebook = loaded(cards, site, settings).codebook
    if write:
        PAGE.write_text(with_coverage(PAGE.read_text(encoding="utf-8"), codebook), encoding="utf-8")
    else:
        click.echo(coverage_table(codebook))
