"""Load the knowledge: the texts of all card files, a site's overlay and settings become one frozen :class:`Knowledge`.

Nothing here touches a disk: the caller hands over file names and texts (``service/knowledge_files.py`` reads them).
"""

from __future__ import annotations

import hashlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from cds_service import rules
from cds_service.knowledge.card_file import ConfirmedEntry, ServicesFile
from cds_service.knowledge.card_reader import SHARED, Surroundings, changed, read_card
from cds_service.knowledge.cards import CardDefinition, Housekeeping, Knowledge, Rule
from cds_service.knowledge.errors import CardFileError, KnowledgeError, nearest_name
from cds_service.knowledge.no_collection import no_collection
from cds_service.knowledge.order_catalogue import FILE as ORDERS
from cds_service.knowledge.order_catalogue import OrderCatalogue, read_order_catalogue
from cds_service.knowledge.order_words import read_order_words
from cds_service.knowledge.orderables import Orderables
from cds_service.knowledge.overlay import SERVICES, Overlay, read_overlay
from cds_service.knowledge.override_reasons import OverrideReasons, read_override_reasons
from cds_service.knowledge.parameters import Parameter, write_value
from cds_service.knowledge.profiles import read_profiles
from cds_service.knowledge.service_reader import PARAMETERS as SERVICE_PARAMETERS
from cds_service.knowledge.service_reader import (
    check_display_units,
    content_of,
    read_parameters,
    read_precautions,
    read_services_file,
    services_of,
)
from cds_service.knowledge.site_words import overlaid
from cds_service.knowledge.sources import Sources, read_sources
from cds_service.knowledge.tables import WrittenParameter, names_of, read_shared
from cds_service.knowledge.value_sets import PLAUSIBLE_RESULTS, read_codebook
from cds_service.knowledge.wording import parse_wording
from cds_service.knowledge.yaml_source import Document, read_yaml
from cds_service.terminology.quantities import Limit
from cds_service.terminology.value_sets import Plausible

_SERVICES, _PARAMETERS, _SOURCES, _REASONS = "services.yaml", "parameters.yaml", "sources.yaml", "override_reasons.yaml"
_NOT_CARDS = {_SERVICES, _PARAMETERS, _SOURCES, _REASONS}
_DOCUMENTS = {"seeds.yaml", "safety.yaml", "dialects.yaml", ORDERS}
"""Files beside the cards that no request needs: what the pages on clinical content and safety are made from."""
_EXAMPLES = "examples/"
_EXPANSIONS = "expansions/"
"""Their definitions, YAML beside each, are read when an expansion is made anew, never for a request."""
_SHOWN_AS = "cards/"


def find_rule(name: str) -> Rule:
    """Give the function ``name`` of the module ``cds_service.rules.name``; :class:`LookupError` when there is none."""
    module_name = f"{rules.__name__}.{name}"
    known = tuple(module.name for module in pkgutil.iter_modules(rules.__path__))
    if name not in known:
        raise LookupError(f"there is no rule {name!r}", known)
    rule = getattr(import_module(module_name), name, None)
    if callable(rule):
        found: Rule = rule
        return found
    raise LookupError(f"the module {module_name} has no function {name!r}", ())


def load(
    files: Mapping[str, str],
    *,
    overlay: str | None = None,
    settings: Sequence[str] = (),
    find: Callable[[str], Rule] = find_rule,
) -> Knowledge:
    """Make the knowledge of the files (name inside the cards folder to text).

    ``overlay`` is the name of a site's file among them, such as ``sites/example.yaml``; ``settings`` are written
    ``topic.parameter=value`` and stand above it. Raises :class:`KnowledgeError` with every mistake of every file.
    """
    with no_collection():
        return _Loading(files, overlay, settings, find).knowledge()


class _Loading:
    """One load: the documents, and the mistakes found so far."""

    def __init__(
        self, files: Mapping[str, str], overlay: str | None, settings: Sequence[str], find: Callable[[str], Rule]
    ) -> None:
        self.find = find
        self.settings = settings
        self.errors: list[CardFileError] = []
        self.documents: dict[str, Document] = {}
        self.expansions = {_SHOWN_AS + name: text for name, text in sorted(files.items()) if name.endswith(".tsv")}
        self.catalogues = {name: text for name, text in sorted(files.items()) if name.endswith(".po")}
        wanted = [name for name in sorted(files) if not name.startswith("sites/") or name == overlay]
        for name in wanted:
            if not name.startswith(_EXPANSIONS) and name not in self.catalogues:
                self.documents[name] = read_yaml(_SHOWN_AS + name, files[name])
        for name in (*sorted(_NOT_CARDS), *([overlay] if overlay else [])):
            if name not in files:
                self._miss(name, files)
        self.site = self.documents.get(overlay) if overlay else None

    def knowledge(self) -> Knowledge:
        services = read_services_file(self.documents[_SERVICES]) if self._readable(_SERVICES) else None
        shared = read_shared(self.documents[_PARAMETERS]) if self._readable(_PARAMETERS) else {}
        reasons = read_override_reasons(self.documents[_REASONS]) if self._readable(_REASONS) else OverrideReasons()
        sources = read_sources(self.documents[_SOURCES]) if self._readable(_SOURCES) else {}
        order_words = read_order_words(
            self._documents_below("orders/words/"), next(iter(self._documents_below("orders/codes")), None)
        )
        profiles = read_profiles(self.documents)
        orders = read_order_catalogue(self.documents[ORDERS]) if self._readable(ORDERS) else OrderCatalogue()
        overlay = self._overlay(shared)
        if services is None:
            raise self._everything_wrong()
        around = Surroundings(
            hooks=tuple(dict.fromkeys(service.hook for service in services.services)),
            shared=shared,
            sources=sources,
            override_reasons=reasons,
            orders=orders,
            find_rule=self.find,
            changes=overlay.changes,
            status=overlay.status,
            examples=self._example_documents(),
        )
        cards = self._cards(services, around, overlay)
        codebook = read_codebook(
            self._documents_below("value_sets/"),
            self._documents_below("words/"),
            self.expansions,
            self.errors,
            order_words,
            _plausible(cards),
            overlay.vocabulary,
        )
        parameters = self._service_parameters(services, overlay, sources)
        self._check_shared_changes(overlay, shared, cards)
        if self._all_errors():
            raise self._everything_wrong()
        orderables = self._orderables(overlay.orderables, orders, cards)
        precautions = read_precautions(self.documents[_SERVICES], services.precautions, parameters, codebook)
        if self._all_errors():
            raise self._everything_wrong()
        display_units = {**services.display_units, **overlay.display_units}
        return Knowledge(
            cards=cards,
            services=services_of(services, cards.values()),
            order=(*overlay.order, *(topic for topic in services.order if topic not in overlay.order)),
            codebook=codebook,
            profiles=profiles,
            orders=tuple(orders.orders),
            orderables=orderables,
            maximum_cards=int(str(parameters["maximum_cards"].value)),
            precautions=precautions,
            housekeeping=Housekeeping(services.housekeeping.title, parse_wording(services.housekeeping.summary)),
            gaps=services.gaps,
            display_units={name: tuple(units) for name, units in display_units.items()},
            override_reasons=reasons.reasons,
            site=overlay.site,
            confirmed={what: _signature(signed) for what, signed in overlay.confirmed.items()},
            version=self._version(cards, parameters, display_units, overlay),
            catalogues=self.catalogues,
            own_translations=overlay.translations,
            origins=_origins(cards, parameters, overlay),
        )

    def _readable(self, name: str) -> bool:
        document = self.documents.get(name)
        return document is not None and document.data is not None

    def _miss(self, name: str, files: Mapping[str, str]) -> None:
        known = tuple(sorted(file for file in files if file.startswith("sites/"))) if name.startswith("sites/") else ()
        self.errors.append(CardFileError(_SHOWN_AS + name, 0, 0, "there is no such file", known))

    def _documents_below(self, folder: str) -> list[Document]:
        return [
            document
            for name, document in self.documents.items()
            if name.startswith(folder) and document.data is not None
        ]

    def _card_documents(self) -> dict[str, Document]:
        return {
            name: document
            for name, document in self.documents.items()
            if "/" not in name and name not in _NOT_CARDS | _DOCUMENTS and document.data is not None
        }

    def _example_documents(self) -> dict[str, Document]:
        found = {}
        for name, document in self.documents.items():
            topic = name.removeprefix(_EXAMPLES).removesuffix(".yaml")
            if not name.startswith(_EXAMPLES):
                continue
            if f"{topic}.yaml" not in self.documents:
                document.refuse((), f"there is no card {topic!r} that these could be examples of")
            elif document.data is not None:
                found[topic] = document
        return found

    def _overlay(self, shared: Mapping[str, WrittenParameter]) -> Overlay:
        own = tuple(name for name, one in shared.items() if one.shared == name)
        known: dict[str, Iterable[str]] = {SHARED: own, SERVICES: SERVICE_PARAMETERS}
        for name, document in self._card_documents().items():
            written = document.data.get("parameters") if isinstance(document.data, dict) else None
            known[name.removesuffix(".yaml")] = names_of(written, shared)
        site = self.site if self.site is not None and self.site.data is not None else None
        overlay = read_overlay(site, self.settings, known, self.errors)
        if site is not None:
            check_display_units(site, ("display_units",), overlay.display_units)
        return overlay

    def _cards(self, services: ServicesFile, around: Surroundings, overlay: Overlay) -> dict[str, CardDefinition]:
        order = services.order
        found: dict[str, CardDefinition] = {}
        for name, written in self._card_documents().items():
            topic = name.removesuffix(".yaml")
            said = topic in overlay.words or topic in overlay.for_whom
            document = overlaid(written, self.site, topic) if self.site and said else written
            card = _signed(read_card(document, around), overlay)
            if card is None:
                continue
            if card.topic not in order:
                near = nearest_name(card.topic, order)
                problem = f"{card.topic!r} has no place in the order of services.yaml"
                document.refuse(("topic",), problem + (f" (nearest: {near})" if near else ""))
                continue
            found[card.topic] = card
        return {topic: found[topic] for topic in order if topic in found}

    def _orderables(
        self, orderables: Orderables, catalogue: OrderCatalogue, cards: Mapping[str, CardDefinition]
    ) -> Orderables:
        """The site's entries with what each suggestion orders; a name that is neither order nor suggestion is noted."""
        made = {
            f"{card.topic}.{suggestion.name}": tuple(action.order for action in suggestion.actions)
            for card in cards.values()
            for suggestion in card.suggestions.values()
        }
        for name in orderables.entries:
            if name not in catalogue.orders and name not in made and self.site is not None:
                problem = f"{name!r} is neither an order of {ORDERS} nor a suggestion, as topic.suggestion"
                self.site.refuse(("orderables", name), problem, (*catalogue.orders, *made), found=name, of_key=True)
        return replace(orderables, orders=made)

    def _service_parameters(self, services: ServicesFile, overlay: Overlay, sources: Sources) -> dict[str, Parameter]:
        found = read_parameters(self.documents[_SERVICES], services, sources)
        changes = {name: change for name in found if (change := overlay.changes.get((SERVICES, name))) is not None}
        return found | {name: changed(found[name], change) for name, change in changes.items()}

    def _check_shared_changes(
        self, overlay: Overlay, shared: Mapping[str, Any], cards: Mapping[str, CardDefinition]
    ) -> None:
        """A changed shared parameter that no card uses would change nothing, silently."""
        used = {parameter.shared for card in cards.values() for parameter in card.parameters.values()}
        for (topic, name), change in overlay.changes.items():
            if topic == SHARED and name in shared and name not in used and not self._all_errors():
                change.refuse(f"no card uses the shared parameter {name!r}", (), None)

    def _all_errors(self) -> list[CardFileError]:
        return self.errors + [error for document in self.documents.values() for error in document.errors]

    def _everything_wrong(self) -> KnowledgeError:
        return KnowledgeError(dict.fromkeys(self._all_errors()))

    def _version(
        self,
        cards: Mapping[str, CardDefinition],
        own: Mapping[str, Parameter],
        display_units: Mapping[str, Any],
        overlay: Overlay,
    ) -> str:
        written = {
            name: content_of(document.data)
            for name, document in self.documents.items()
            if not name.startswith(("sites/", _EXAMPLES)) and name != _PARAMETERS
        }
        effective = {
            topic: {"status": card.status, **{name: str(value) for name, value in card.arguments.items()}}
            for topic, card in cards.items()
        }
        shared = content_of(self.documents[_PARAMETERS].data)
        content = [
            written,
            self.expansions,
            shared,
            effective,
            [str(one.value) for one in own.values()],
            content_of(dict(display_units)),
            overlay.site,
        ]
        content += [str(overlay.orderables)] if overlay.orderables.entries else []
        content += [content_of(overlay.words)] if overlay.words else []
        content += [{what: _signature(one) for what, one in overlay.confirmed.items()}] if overlay.confirmed else []
        content += [overlay.order] if overlay.order else []
        content += [{topic: str(cards[topic].for_whom) for topic in overlay.for_whom}] if overlay.for_whom else []
        content += [self.catalogues, overlay.translations] if self.catalogues else []
        content += [str((overlay.vocabulary.systems, overlay.vocabulary.sets))] if overlay.vocabulary else []
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def _signed(card: CardDefinition | None, overlay: Overlay) -> CardDefinition | None:
    """A card that the site's clinicians have signed waits for no review, as long as it is of the version that they signed."""
    signed = overlay.confirmed.get(card.topic) if card is not None else None
    if card is None or signed is None or (signed.version and signed.version != card.version):
        return card
    return replace(card, parameters={name: replace(one, confirmed=True) for name, one in card.parameters.items()})


def _signature(signed: ConfirmedEntry) -> str:
    return f"signed by {signed.by} on {signed.on:%Y-%m-%d}" + (f", version {signed.version}" if signed.version else "")


def _plausible(cards: Mapping[str, CardDefinition]) -> dict[str, Plausible]:
    """What results can be: the rows of the shared table, as a site may have changed them."""
    ends: dict[str, dict[str, Limit]] = {}
    for card in cards.values():
        for parameter in card.parameters.values():
            table, _, cell = parameter.shared.partition(".")
            if table == PLAUSIBLE_RESULTS and isinstance(parameter.value, Limit):
                row, _, end = cell.partition(".")
                ends.setdefault(row, {})[end] = parameter.value
    return {row: Plausible(both["low"], both["high"]) for row, both in ends.items() if both.keys() >= {"low", "high"}}


def _origins(cards: Mapping[str, CardDefinition], own: Mapping[str, Parameter], overlay: Overlay) -> tuple[str, ...]:
    """One sentence for every change, so that nobody wonders why a card behaves otherwise than its file says."""
    named = [
        (f"{topic}.{name}", parameter) for topic, card in cards.items() for name, parameter in card.parameters.items()
    ]
    sentences = []
    for name, parameter in [*named, *((f"{SERVICES}.{name}", parameter) for name, parameter in own.items())]:
        if parameter.changed:
            default = write_value(parameter.default, parameter.unit)
            sentences.append(f"{name} is {parameter.text} instead of {default} ({parameter.origin})")
    sentences += [f"{topic} is {cards[topic].for_whom} ({where})" for topic, where in overlay.for_whom.items()]
    return (*sentences, *(f"{what} ({where})" for what, where in overlay.origins.items()))
