"""``cds-service terminology``: what the value sets understand, and their expansions made anew from a terminology server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from cds_service.authoring.recognition import coverage_table, with_coverage
from cds_service.authoring.value_set_expansion import differences, expand, read_definition
from cds_service.service.knowledge_files import cards_folder, load_knowledge
from cds_service.terminology.expansions import Expansion, write_expansion
from cds_service.terminology.value_sets import Codebook
from cds_service.workbench.cli.knowledge_options import KnowledgeChoice, knowledge_options
from cds_service.workbench.terminology_server import ServerError, TerminologyServer

PAGE = Path("docs/recognition.md")
_SHOWN = 40


@click.group("terminology")
def terminology() -> None:
    """Codes and words: what the value sets understand, and how their expansions are made."""


@terminology.command("coverage")
@knowledge_options
@click.option("--write", is_flag=True, help=f"Write the table into {PAGE}; otherwise print it.")
def coverage(choice: KnowledgeChoice, write: bool) -> None:
    """Say how many published codes of cancers are understood, by the code alone and by the name alone."""
    codebook = choice.announced().codebook
    if write:
        PAGE.write_text(with_coverage(PAGE.read_text(encoding="utf-8"), codebook), encoding="utf-8")
    else:
        click.echo(coverage_table(codebook))


@terminology.command("refresh")
@click.option("--server", required=True, metavar="URL", help="FHIR base of the terminology server.")
@click.option("--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Sent with each request.")
@click.option("--only", metavar="NAME", help="One definition of cards/expansions, such as secondary-cancer.")
@click.option("--write", is_flag=True, help="Write the expansions after the difference has been shown.")
@click.option("--all", "whole", is_flag=True, help=f"Show every difference, not the first {_SHOWN} of each.")
@click.option("--cards", type=click.Path(path_type=Path, exists=True), help="Folder of card files.")
def refresh(
    server: str,
    headers: tuple[str, ...],
    only: str | None,
    write: bool,
    whole: bool,
    cards: Path | None,
) -> None:
    """Expand the definitions with a FHIR terminology server, show what would differ, and write it when told to."""
    codebook = load_knowledge(cards, examples=False).codebook
    asked = TerminologyServer(server, dict(_header(text) for text in headers))
    definitions = _definitions(cards_folder(cards) / "expansions", only)
    try:
        fresh = [(path, _refreshed(path, asked, codebook)) for path in definitions]
    except ServerError as error:
        raise click.ClickException(f"{error}; nothing was written") from None
    for path, expansion in fresh:
        _show(expansion, codebook, whole)
        if write:
            path.with_suffix(".tsv").write_text(write_expansion(expansion), encoding="utf-8")
    click.echo("written" if write else "nothing was written; --write writes it")


def _definitions(folder: Path, only: str | None) -> list[Path]:
    known = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    if only is not None and only not in known:
        raise click.UsageError(f"there is no definition {only!r}; allowed: {', '.join(known)}")
    return [known[only]] if only is not None else list(known.values())


def _refreshed(path: Path, server: TerminologyServer, codebook: Codebook) -> Expansion:
    definition = read_definition(f"cards/expansions/{path.name}", path.read_text(encoding="utf-8"), codebook)
    concepts, edition = server.expand(definition.definition)
    made = expand(path.stem, definition, concepts, codebook)
    return replace(made, head={**made.head, "source": edition}) if edition else made


def _show(fresh: Expansion, codebook: Codebook, whole: bool) -> None:
    before = next((one for one in codebook.expansions if one.name == fresh.name), None)
    lines = list(differences(before, fresh))
    click.echo(f"{fresh.name}: {len(fresh.members)} codes, {len(lines) or 'no'} differences")
    for line in _first(lines, whole):
        click.echo(f"  {line}")


def _first(lines: list[str], whole: bool) -> Iterator[str]:
    shown = lines if whole else lines[:_SHOWN]
    yield from shown
    if len(shown) < len(lines):
        yield f"... and {len(lines) - len(shown)} more (--all shows them)"


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise click.UsageError(f"a header is written 'NAME: VALUE', found {text!r}")
    return name.strip(), value.strip()
