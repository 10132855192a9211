"""``cds-service languages``: what cards say in other languages, brought up to date and checked."""

from __future__ import annotations

import sys
from collections import Counter
from importlib import resources
from pathlib import Path

import click
from babel import Locale, UnknownLocaleError

from cds_service.authoring.catalogues import is_promised, problems, template_of, templates, updated
from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import cards_folder, load_knowledge
from cds_service.workbench.cli.conventions import FOUND_WRONG
from cds_service.workbench.cli.knowledge_options import announced


def _known_tag(_: click.Context, __: click.Parameter, tag: str | None) -> str | None:
    try:
        Locale.parse("en" if tag is None else tag, sep="-")
    except (ValueError, UnknownLocaleError):
        raise click.BadParameter(f"{tag!r} is no language that we know; write a tag such as de or pt-BR") from None
    return tag


_ONE = click.option(
    "--language", metavar="TAG", callback=_known_tag, help="One language, such as de; otherwise all that there are."
)
_CARDS = click.option("--cards", type=click.Path(path_type=Path, exists=True), help="Folder of card files.")


@click.group("languages")
def languages() -> None:
    """Translations of the cards: bring the catalogues up to date, and check them."""


@languages.command("update")
@_ONE
@click.option("--every", is_flag=True, help="Every card, not the red flags and safety checks alone.")
@_CARDS
def update(language: str | None, every: bool, cards: Path | None) -> None:
    """Write what is to be translated into cards/locales/TAG; what is translated stays. Begins a language that is new."""
    knowledge = _loaded(cards)
    for tag in _tags(knowledge, language):
        folder = cards_folder(cards) / "locales" / tag
        folder.mkdir(parents=True, exist_ok=True)
        wanted = templates(knowledge, program_texts())
        for name in wanted:
            path = folder / f"{name}.po"
            if not (every or path.exists() or is_promised(name, tag)):
                continue
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            card = knowledge.cards.get(name)
            template = template_of(knowledge, wanted, tag, name)
            path.write_text(updated(text, template, tag, card.title if card else name.capitalize()), encoding="utf-8")
        click.echo(f"{tag}: written to {folder}")


@languages.command("check")
@_ONE
@_CARDS
def check(language: str | None, cards: Path | None) -> None:
    """Say what is not translated, by card, and where placeholders, numbers or lengths differ."""
    knowledge = _loaded(cards)
    wanted = templates(knowledge, program_texts())
    found = [problem for tag in _tags(knowledge, language) for problem in problems(knowledge, wanted, tag)]
    for problem in found:
        click.echo(str(problem))
    if found:
        missing = Counter(f"{problem.language}/{problem.catalogue}" for problem in found)
        listed = ", ".join(f"{name} ({count})" for name, count in missing.most_common())
        click.secho(f"cards stay English where a sentence is missing: {listed}", fg="red")
        sys.exit(FOUND_WRONG)
    click.echo("every sentence is translated")


def _loaded(cards: Path | None) -> Knowledge:
    return announced(load_knowledge(cards, examples=False))


def _tags(knowledge: Knowledge, language: str | None) -> tuple[str, ...]:
    return knowledge.languages if language is None else (language,)


def program_texts() -> dict[str, bytes]:
    """The program's own files, in which its sentences stand."""
    package = Path(str(resources.files("cds_service")))
    rooms = ("engine", "rules", "findings", "chart", "view")
    files = [path for room in rooms for kind in ("*.py", "*.html") for path in sorted((package / room).rglob(kind))]
    return {path.relative_to(package).as_posix(): path.read_bytes() for path in (*files, package / "outcomes.py")}
