"""``cards/services.yaml`` and the cards become services: which hook runs which cards and prefetches what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast, get_args

from cds_service.chart.gaps import Problem
from cds_service.chart.needs import KEYS, NEEDS
from cds_service.knowledge import prefetch
from cds_service.knowledge.card_file import PrecautionsEntry, ServicesFile
from cds_service.knowledge.card_reader import bound
from cds_service.knowledge.cards import REPORTED, CardDefinition, Precautions, ServiceDefinition
from cds_service.knowledge.parameters import Parameter
from cds_service.knowledge.reading import read_part
from cds_service.knowledge.sources import Sources
from cds_service.knowledge.wording import parse_wording
from cds_service.knowledge.yaml_source import Document, Path
from cds_service.terminology.dates import Span
from cds_service.terminology.quantities import normalise_unit
from cds_service.terminology.value_sets import Codebook


def read_services_file(document: Document) -> ServicesFile | None:
    """Read the file and check its prefetch templates; mistakes are noted."""
    entry = read_part(ServicesFile, document)
    if entry is None:
        return None
    seen: set[tuple[str, str]] = set()
    for place, service in enumerate(entry.services):
        if (service.id, service.hook) in seen:
            document.refuse(("services", place, "id"), f"{service.id!r} stands twice for the hook {service.hook!r}")
        seen.add((service.id, service.hook))
    for need, templates in entry.prefetch.items():
        path: Path = ("prefetch", need)
        if need not in NEEDS:
            document.refuse(path, f"{need!r} is not a need", tuple(NEEDS), found=need, of_key=True)
            continue
        for key, template in templates.items():
            for fault in prefetch.faults(key, need, template):
                document.refuse((*path, key), fault)
    for need in prefetch.uncovered(entry.prefetch):
        document.refuse(("prefetch",), f"no query brings the need {need!r}", of_key=True)
    for place, need in enumerate(entry.required):
        if not NEEDS.get(need):
            readable = tuple(name for name, types in NEEDS.items() if types)
            document.refuse(("required", place), f"{need!r} is not a need that can be read", readable, found=need)
    check_display_units(document, ("display_units",), entry.display_units)
    problems = get_args(Problem)
    for problem in entry.gaps.keys() - set(problems):
        document.refuse(("gaps", problem), f"{problem!r} is not a problem", problems, found=problem, of_key=True)
    for problem in (problem for problem in problems if problem not in entry.gaps):
        document.refuse(("gaps",), f"no words for {problem!r}", of_key=True)
    return entry


def check_display_units(document: Document, path: Path, units: Mapping[str, list[str]]) -> None:
    """Note units that we do not know; ``reported`` may stand first."""
    for substance, names in units.items():
        for place, name in enumerate(names):
            if normalise_unit(name) is None and not (name == REPORTED and place == 0):
                document.refuse((*path, substance, place), f"{name!r} is not a unit that we know")


_PARAMETERS: Mapping[str, tuple[Path, Any]] = {
    "maximum_cards": (("maximum_cards",), int),
    "adult_from": (("precautions", "adult_from"), int),
    "pregnancy_test_age": (("precautions", "pregnancy_test_age"), Span),
    "ordered_within": (("precautions", "ordered_within"), Span),
}
PARAMETERS = tuple(_PARAMETERS)
"""Numbers of the file that a site may change."""


def read_parameters(document: Document, entry: ServicesFile, sources: Sources) -> dict[str, Parameter]:
    """The numbers of the file; one that does not fit is noted and left out."""
    found = {}
    for name, (path, kind) in _PARAMETERS.items():
        written = getattr(entry if len(path) == 1 else entry.precautions, name)
        if (parameter := bound(document, path, name, kind, written, sources)) is not None:
            found[name] = parameter
    return found


def read_precautions(
    document: Document, entry: PrecautionsEntry, parameters: Mapping[str, Parameter], codebook: Codebook
) -> Precautions:
    """Bind the precautions to their numbers; words that they cannot hold and unknown value sets are noted."""
    wordings = {}
    for name, allowed in _PLACEHOLDERS.items():
        path: Path = ("precautions", name)
        wordings[name] = parse_wording("")
        try:
            wordings[name] = parse_wording(getattr(entry, name))
        except ValueError as error:
            document.refuse(path, str(error))
        for place in wordings[name].placeholders:
            if place.word not in allowed:
                document.refuse(path, f"{{{place.word}}} is not a word of it", allowed, found=place.word)
    for number, name in enumerate(entry.asked_in_pregnancy):
        if name not in codebook.sets:
            path = ("precautions", "asked_in_pregnancy", number)
            document.refuse(path, f"{name!r} is not a value set", tuple(codebook.sets), found=name)
    return Precautions(
        deceased=entry.deceased,
        adult_from=cast(int, parameters["adult_from"].value),
        pregnancy_test_age=cast(Span, parameters["pregnancy_test_age"].value),
        ordered_within=cast(Span, parameters["ordered_within"].value),
        asked_in_pregnancy=frozenset(entry.asked_in_pregnancy),
        **wordings,
    )


_PLACEHOLDERS = {
    "not_adult": ("adult_from",),
    "pregnancy": ("pregnancy", "when", "offers"),
    "prohibited": ("prohibition", "when", "offers"),
    "prohibited_study": ("prohibition", "when", "offers"),
}


def services_of(entry: ServicesFile, cards: Iterable[CardDefinition]) -> dict[tuple[str, str], ServiceDefinition]:
    """Bind each service to its cards and to the union of what they need."""
    known = tuple(cards)
    services: dict[tuple[str, str], ServiceDefinition] = {}
    for service in entry.services:
        own = tuple(card for card in known if card.evaluated and service.hook in card.hooks)
        limits = frozenset(kind for card in own for kind in card.for_whom.kinds)
        asked = frozenset(need for card in own for need in card.needs) | prefetch.needs_of(limits)
        needs = tuple(need for need in NEEDS if need in asked)
        queries = prefetch.union(needs, entry.prefetch) | prefetch.of_user(limits)
        services[service.id, service.hook] = ServiceDefinition(
            id=service.id,
            hook=service.hook,
            title=service.title,
            description=" ".join(service.description.split()),
            usage_requirements=" ".join(service.usage_requirements.split()),
            prefetch=queries,
            needs=needs,
            cards=own,
            required=tuple(key for key in queries if key in KEYS and KEYS[key].need in entry.required),
        )
    return services


def content_of(value: Any) -> Any:
    """A value in a form that is written the same way each time; used for the version of the content."""
    if isinstance(value, dict):
        return {str(key): content_of(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [content_of(inner) for inner in value]
    return value if value is None or isinstance(value, (str, int, bool)) else str(value)
