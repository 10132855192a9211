"""What a site's file and ``--set`` change: parameters, status, display units; every change is traced to its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cds_service.knowledge.card_file import ConfirmedEntry, SiteFile, SiteValue
from cds_service.knowledge.card_reader import SHARED, Change
from cds_service.knowledge.errors import CardFileError, nearest_name
from cds_service.knowledge.orderables import Orderables, orderables_of
from cds_service.knowledge.reading import read_part
from cds_service.knowledge.site_vocabulary import SiteVocabulary
from cds_service.knowledge.site_words import FOR_WHOM, WORDS
from cds_service.knowledge.wording import parse_wording
from cds_service.knowledge.yaml_source import Document, Path

SERVICES = "services"
"""Stands where a topic does for the parameters of the service itself."""


@dataclass(slots=True)
class Overlay:
    """All changes of a site's file and of the settings, the later ones on top."""

    site: str = ""
    changes: dict[tuple[str, str], Change] = field(default_factory=dict)
    status: dict[str, str] = field(default_factory=dict)
    display_units: dict[str, list[str]] = field(default_factory=dict)
    orderables: Orderables = field(default_factory=Orderables)
    vocabulary: SiteVocabulary | None = None
    words: dict[str, Any] = field(default_factory=dict)
    """By topic, what its card says otherwise."""
    for_whom: dict[str, str] = field(default_factory=dict)
    """Topics that are for others than their cards say, and where that is written."""
    translations: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    confirmed: dict[str, ConfirmedEntry] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    """Where each change that is no parameter was written."""


def read_overlay(
    document: Document | None, settings: Sequence[str], known: Mapping[str, Iterable[str]], errors: list[CardFileError]
) -> Overlay:
    """Read a site's file and settings. ``known`` maps every topic, ``shared`` and ``services`` to parameter names."""
    overlay = Overlay()
    if document is not None:
        _read_site(document, known, overlay)
    for setting in settings:
        _read_setting(setting, known, overlay, errors)
    return overlay


def _read_site(document: Document, known: Mapping[str, Iterable[str]], overlay: Overlay) -> None:
    entry = read_part(SiteFile, document)
    if entry is None:
        return
    overlay.site = entry.site
    for topic, parameters in entry.parameters.items():
        path: Path = ("parameters", topic)
        if topic not in known:
            document.refuse(path, f"{topic!r} is not a topic", tuple(known), found=topic, of_key=True)
            continue
        for name, written in parameters.items():
            _read_parameter(document, (*path, name), known, overlay, written)
    topics = tuple(topic for topic in known if topic not in {SHARED, SERVICES})
    for topic, status in entry.status.items():
        if topic not in topics:
            document.refuse(("status", topic), f"{topic!r} is not a topic", topics, found=topic, of_key=True)
            continue
        overlay.status[topic] = status
        overlay.origins[f"{topic} is {status}"] = document.where(("status", topic))
    _read_words_and_order(document, entry, topics, overlay)
    if entry.code_systems or entry.value_sets:
        overlay.vocabulary = SiteVocabulary(document, entry.code_systems, entry.value_sets)
    try:
        overlay.orderables = orderables_of(entry.orderables)
    except ValueError as error:
        document.refuse(("orderables",), str(error))
    for substance, units in entry.display_units.items():
        overlay.display_units[substance] = units
        shown = f"{substance} is shown in {', '.join(units)}"
        overlay.origins[shown] = document.where(("display_units", substance))


def _read_words_and_order(document: Document, entry: SiteFile, topics: tuple[str, ...], overlay: Overlay) -> None:
    for topic, words in entry.words.items():
        if topic not in topics:
            document.refuse((WORDS, topic), f"{topic!r} is not a topic", topics, found=topic, of_key=True)
            continue
        overlay.words[topic] = words
        overlay.origins[f"{topic} says otherwise: {', '.join(words)}"] = document.where((WORDS, topic))
    for topic in entry.for_whom:
        path: Path = (FOR_WHOM, topic)
        if topic not in topics:
            document.refuse(path, f"{topic!r} is not a topic", topics, found=topic, of_key=True)
            continue
        overlay.for_whom[topic] = document.where(path)
    overlay.translations = entry.translations
    _check_placeholders(document, entry)
    for language, catalogues in entry.translations.items():
        overlay.origins[f"{language} says otherwise: {', '.join(catalogues)}"] = document.where(
            ("translations", language)
        )
    for place, topic in enumerate(entry.order):
        if topic not in topics or topic in entry.order[:place]:
            problem = "stands twice" if topic in topics else "is not a topic"
            document.refuse(("order", place), f"{topic!r} {problem}", topics, found=topic)
    overlay.order = tuple(entry.order)
    if entry.order:
        overlay.origins[f"{', '.join(entry.order)} go before all other topics"] = document.where(("order",))
    overlay.confirmed = dict(entry.confirmed)
    for what, signed in entry.confirmed.items():
        overlay.origins[f"{what} is signed by {signed.by}"] = document.where(("confirmed", what))


def _check_placeholders(document: Document, entry: SiteFile) -> None:
    """A translation holds what its sentence holds, or the card could not be written."""
    for language, catalogues in entry.translations.items():
        for catalogue, said in catalogues.items():
            for sentence, translation in said.items():
                path: Path = ("translations", language, catalogue, sentence)
                try:
                    ours, theirs = (
                        {place.text for place in parse_wording(text).placeholders} for text in (sentence, translation)
                    )
                except ValueError as error:
                    document.refuse(path, str(error))
                    continue
                if ours != theirs:
                    document.refuse(path, "the translation has other placeholders", tuple(sorted(ours)))


def _read_parameter(
    document: Document, path: Path, known: Mapping[str, Iterable[str]], overlay: Overlay, written: Any
) -> None:
    topic, name = str(path[1]), str(path[2])
    names = tuple(known[topic])
    if name not in names:
        document.refuse(path, f"{name!r} is not a parameter of {topic!r}", names, found=name, of_key=True)
        return

    def refuse(problem: str, allowed: tuple[str, ...], found: str | None) -> None:
        document.refuse(path, problem, allowed, found=found)

    also: Mapping[str, Any] = {}
    why = ""
    if isinstance(written, dict):
        value = read_part(SiteValue, document, path)
        if value is None:
            return
        written, also, why = value.value, value.also, value.why
        if value.unit:
            written = f"{written} {value.unit}"
    overlay.changes[topic, name] = Change(written, also, why, document.where(path), refuse)


def _read_setting(
    setting: str, known: Mapping[str, Iterable[str]], overlay: Overlay, errors: list[CardFileError]
) -> None:
    key, equals, value = setting.partition("=")
    topic, dot, name = key.strip().partition(".")

    def refuse(problem: str, allowed: tuple[str, ...] = (), found: str | None = None) -> None:
        nearest = nearest_name(found, allowed) if found is not None else ""
        errors.append(CardFileError(f"--set {setting}", 0, 0, problem, allowed, nearest))

    if not equals or not dot:
        refuse("write topic.parameter=value, such as hypercalcaemia.treat_at='3.1 mmol/L'")
    elif topic not in known:
        refuse(f"{topic!r} is not a topic", tuple(known), topic)
    elif name not in known[topic]:
        refuse(f"{name!r} is not a parameter of {topic!r}", tuple(known[topic]), name)
    else:
        text = value.strip().strip("'\"")
        overlay.changes[topic, name] = Change(text, {}, "", f"--set {setting}", refuse)
