"""Where card files lie, and their texts: the only place where the knowledge touches a disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.errors import CardFileError, KnowledgeError
from cds_service.service.knowledge_snapshots import load_or_take_up

_LARGEST = 4_000_000
"""Bytes of one card file; a larger one is no card file."""


def cards_folder(setting: str | Path | None = None) -> Path:
    """Find the cards: where the setting says, else inside the installed package, else in the repository beside it.

    Raises :class:`FileNotFoundError` that names the places that were looked at.
    """
    return find_folder("cards", "services.yaml", setting)


def find_folder(name: str, holding: str, setting: str | Path | None = None) -> Path:
    """Find a folder of files that belong to the service, known by one that it holds.

    It lies where the setting says, else inside the installed package, else in the repository beside it. Raises
    :class:`FileNotFoundError` that names the places that were looked at.
    """
    package = Path(str(resources.files("cds_service")))
    places = [Path(setting)] if setting else [package / name, package.parent / name]
    for place in places:
        if (place / holding).exists():
            return place
    raise FileNotFoundError(f"no folder of {name} (one with {holding}) at {', '.join(map(str, places))}")


def read_card_files(folder: Path, *, examples: bool = True) -> dict[str, str]:
    """Read every YAML file, expansion and catalogue below a folder: its name inside the folder, with ``/``, to its text.

    Without ``examples`` those are left out: half of what is written, and no call needs them.

    Raises :class:`KnowledgeError` for a file that is not UTF-8 or far too large.
    """
    texts: dict[str, str] = {}
    errors: list[CardFileError] = []
    for path in sorted(path for kind in ("*.yaml", "*.tsv", "*.po") for path in folder.rglob(kind)):
        name = path.relative_to(folder).as_posix()
        if name.startswith("examples/") and not examples:
            continue
        try:
            texts[name] = _text(path, f"cards/{name}")
        except KnowledgeError as error:
            errors.extend(error.errors)
    if errors:
        raise KnowledgeError(errors)
    return texts


def load_knowledge(
    folder: str | Path | None = None,
    *,
    site: str | Path | None = None,
    settings: Sequence[str] = (),
    examples: bool = True,
) -> Knowledge:
    """Load the cards of a folder with the overlay of a site: a name under ``sites/``, or the path of a YAML file.

    Raises :class:`KnowledgeError` with every mistake, :class:`FileNotFoundError` when there are no cards.
    """
    files = read_card_files(cards_folder(folder), examples=examples)
    if not site:
        return load_or_take_up(files, settings=settings)
    overlay, given = f"sites/{Path(site).stem}.yaml", Path(site)
    is_path = given.suffix in {".yaml", ".yml"}
    if not (is_path and given.is_file()):
        if is_path and overlay not in files:
            problem = f"there is no such file, and none of the card files is {overlay}"
            raise KnowledgeError([CardFileError(str(given), 0, 0, problem)])
        return load_or_take_up(files, overlay=overlay, settings=settings)
    return load_with_overlay(files, _text(given, str(given)), str(given), settings=settings)


def load_with_overlay(files: Mapping[str, str], text: str, called: str, *, settings: Sequence[str] = ()) -> Knowledge:
    """Load the knowledge with an overlay that does not stand among the card files.

    Raises :class:`KnowledgeError`; mistakes in the overlay stand in the file ``called`` so.
    """
    overlay = f"sites/{Path(called).stem}.yaml"
    try:
        return load_or_take_up({**files, overlay: text}, overlay=overlay, settings=settings)
    except KnowledgeError as error:
        shown = f"cards/{overlay}"
        raise KnowledgeError(replace(one, file=called) if one.file == shown else one for one in error.errors) from None


def _text(path: Path, called: str) -> str:
    if path.stat().st_size > _LARGEST:
        raise KnowledgeError([CardFileError(called, 0, 0, "the file is too large to be a card file")])
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        raise KnowledgeError([CardFileError(called, line, column, "not UTF-8 text: save the file as UTF-8")]) from None
