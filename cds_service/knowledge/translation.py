"""The words of the knowledge in another language: gettext catalogues (PO files), one for each card, laid over it.

A card with a sentence that its catalogue lacks is not translated at all: nobody reads a card in two languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from gettext import c2py
from io import StringIO
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po

from cds_service.knowledge.cards import CardDefinition, Housekeeping, Knowledge, Precautions
from cds_service.knowledge.errors import CardFileError, KnowledgeError
from cds_service.knowledge.templates import Action, compile_changes, compile_created
from cds_service.knowledge.wording import Wording, parse_wording
from cds_service.terminology.value_sets import ValueSet

FOLDER = "locales/"
"""Of the catalogues, below the cards: ``locales/de/oxygen.po``."""
FRAME, NAMES, SERVICE, ORDERS, VIEW, RUNGS = "frame", "names", "services", "orders", "view", "rungs"
"""Catalogues that belong to no card: what the program says on cards, names and units, ``services.yaml``, the orders, what the
patient view says, and why cards are silent or not."""
UNIT = "unit"
"""Context of the units of measurement among the names."""
_TEXTS = frozenset({"text", "patientInstruction", "description"})
"""Elements of an order that a reader reads."""
_LETTER = re.compile(r"[^\W\d_]")
_PLACE = re.compile(r"\{[^{}]*\}")
Say = Callable[[str], str]
"""Gives the translation of a sentence; raises :class:`KeyError` where there is none."""


@dataclass(frozen=True, slots=True)
class ServiceWords:
    """What ``services.yaml`` says on any card."""

    gaps: Mapping[str, str]
    precautions: Precautions
    housekeeping: Housekeeping


@dataclass(frozen=True, eq=False)
class Translation:
    """One language: all that the catalogues hold for one knowledge."""

    tag: str
    """As BCP 47 writes it: ``de``, ``pt-BR``."""
    frame: Mapping[str, str]
    plurals: Mapping[str, tuple[str, ...]]
    form: Callable[[int], int]
    """Which plural form a number takes."""
    names: Mapping[str, str]
    untranslated: frozenset[str]
    """Names of ours that have no translation."""
    units: Mapping[str, str]
    service: ServiceWords | None
    """``None`` where a sentence is missing: then no card speaks the language."""
    cards: Mapping[str, CardDefinition]
    """Those that are complete, by topic."""
    own: Mapping[str, CardDefinition]
    """The cards of the knowledge."""
    say: Mapping[str, Say]
    rungs: Mapping[str, Wording]
    """What holds at the rungs of ladders, by its English text."""

    def plural(self, one: str, count: int) -> str | None:
        """The form of a sentence for so many; ``None`` where it is not translated."""
        forms = self.plurals.get(one)
        return forms[self.form(count)] if forms else None

    def card(self, card: CardDefinition) -> CardDefinition | None:
        """A card in this language, also one whose parameters were changed; ``None`` where a sentence is missing."""
        if card.topic not in self.cards or card is self.own.get(card.topic):
            return self.cards.get(card.topic)
        return _translated(card, self.say[card.topic])


def translation_of(knowledge: Knowledge, tag: str) -> Translation:
    """Read the catalogues of a language. Raises :class:`KnowledgeError` for a file that is no catalogue."""
    read = {domain: catalogue_of(knowledge, tag, domain) for domain in domains_of(knowledge, tag)}
    says = {domain: _strings(catalogue) for domain, catalogue in read.items()}
    for domain, words in knowledge.own_translations.get(tag, {}).items():
        says.setdefault(domain, {}).update(words)
    said = [read[domain] for domain in (FRAME, VIEW) if domain in read] or [Catalog(locale=tag.replace("-", "_"))]
    plurals = {
        message.id[0]: tuple(message.string or ())
        for catalogue in said
        for message in catalogue
        if message.pluralizable and all(message.string or ())
    }
    names = says.get(NAMES, {})
    sets = knowledge.codebook.sets.values()
    names |= {one.title: names[one.short] for one in sets if one.short in names and one.title not in names}
    orders = says.get(ORDERS, {})
    say = {topic: _lookup({**orders, **says[topic], **_reasons(says)}) for topic in knowledge.cards if topic in says}
    return Translation(
        tag=tag,
        frame=says.get(VIEW, {}) | says.get(FRAME, {}),
        plurals=plurals,
        form=c2py(said[0].plural_expr),
        names=names,
        untranslated=frozenset(name for one in sets for name in names_of(one) if name not in names),
        units=_strings(read[NAMES], UNIT) if NAMES in read else {},
        service=_service_words(knowledge, _lookup(says.get(SERVICE, {}))),
        cards={topic: card for topic in say if (card := _translated(knowledge.cards[topic], say[topic]))},
        own=knowledge.cards,
        say=say,
        rungs={text: parse_wording(said) for text, said in says.get(RUNGS, {}).items()},
    )


def domains_of(knowledge: Knowledge, tag: str) -> tuple[str, ...]:
    """Names of the catalogues of a language: topics, and what belongs to no card."""
    start = f"{FOLDER}{tag}/"
    return tuple(name[len(start) : -3] for name in knowledge.catalogues if name.startswith(start))


def catalogue_of(knowledge: Knowledge, tag: str, domain: str) -> Catalog:
    """Read one catalogue; raises :class:`KnowledgeError` with its line."""
    name = f"{FOLDER}{tag}/{domain}.po"
    try:
        return read_po(StringIO(knowledge.catalogues[name]), locale=tag.replace("-", "_"), abort_invalid=True)
    except PoFileError as error:
        raise KnowledgeError([CardFileError(f"cards/{name}", error.lineno + 1, 1, str(error))]) from None


def placeholders_only(sentence: str) -> bool:
    """Whether a sentence has no word of its own."""
    return not _LETTER.search(_PLACE.sub("", sentence))


def names_of(one: ValueSet) -> tuple[str, ...]:
    """What we call a value set on a card: its short name, else its title."""
    return (one.short or one.title,)


def _strings(catalogue: Catalog, context: str | None = None) -> dict[str, str]:
    """The finished translations of single sentences; those that a translator marked as fuzzy are none."""
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and message.context == context and not (message.fuzzy or message.pluralizable)
    }


def _reasons(says: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    return says.get(SERVICE, {})


def _lookup(strings: Mapping[str, str]) -> Say:
    return strings.__getitem__


def _service_words(knowledge: Knowledge, say: Say) -> ServiceWords | None:
    known, routine = knowledge.precautions, knowledge.housekeeping
    try:
        return ServiceWords(
            gaps={problem: say(text) for problem, text in knowledge.gaps.items()},
            precautions=replace(
                known,
                not_adult=_wording(known.not_adult, say),
                pregnancy=_wording(known.pregnancy, say),
                prohibited=_wording(known.prohibited, say),
                prohibited_study=_wording(known.prohibited_study, say),
            ),
            housekeeping=Housekeeping(say(routine.title), _wording(routine.summary, say)),
        )
    except KeyError:
        return None


def _translated(card: CardDefinition, say: Say) -> CardDefinition | None:
    try:
        return replace(
            card,
            title=say(card.title),
            routine=say(card.routine) if card.routine else "",
            messages={
                name: replace(
                    message,
                    summary=_wording(message.summary, say),
                    do=tuple(_wording(line, say) for line in message.do),
                    check=tuple(_wording(line, say) for line in message.check),
                )
                for name, message in card.messages.items()
            },
            notes={name: replace(note, wording=_wording(note.wording, say)) for name, note in card.notes.items()},
            suggestions={
                name: replace(
                    suggestion,
                    label=_wording(suggestion.label, say),
                    actions=tuple(_action(action, say) for action in suggestion.actions),
                )
                for name, suggestion in card.suggestions.items()
            },
            override_reasons=tuple(replace(reason, display=say(reason.display)) for reason in card.override_reasons),
        )
    except KeyError:
        return None


def _wording(wording: Wording, say: Say) -> Wording:
    return parse_wording(say(wording.text))


def _action(action: Action, say: Say) -> Action:
    template = action.template
    if template is not None:
        compiled = compile_created if template.resource_type else compile_changes
        template = compiled(_order(template.written, say), template.parameters)
    return replace(action, description=_wording(action.description, say), template=template)


def _order(written: Any, say: Say, *, uncoded: bool = False) -> Any:
    """An order with its texts translated; what is ordered keeps its name where no code says it."""
    if isinstance(written, list | tuple):
        return [_order(one, say) for one in written]
    if not isinstance(written, Mapping):
        return written
    return {
        name: (say(value) if _is_text(name, value) and not uncoded else value)
        if isinstance(value, str)
        else _order(value, say, uncoded=_is_uncoded(name, value))
        for name, value in written.items()
    }


def _is_text(name: str, value: str) -> bool:
    return name in _TEXTS and not placeholders_only(value)


def _is_uncoded(name: str, value: Any) -> bool:
    return name in {"code", "medicationCodeableConcept"} and isinstance(value, Mapping) and "coding" not in value


def order_texts(card: CardDefinition) -> Iterator[str]:
    """The texts of the orders that a card suggests."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    for suggestion in card.suggestions.values():
        for action in suggestion.actions:
            if action.template is not None:
                _order(action.template.written, note)
    yield from dict.fromkeys(found)


def uncoded_names(card: CardDefinition) -> Iterator[str]:
    """Names of what a card orders that no code says: the order keeps them, and the view translates them."""
    for suggestion in card.suggestions.values():
        for action in suggestion.actions:
            written = action.template.written if action.template is not None else {}
            yield from (
                str(concept["text"])
                for name, concept in written.items()
                if _is_uncoded(name, concept) and not placeholders_only(str(concept.get("text", "")))
            )


def rung_texts(card: CardDefinition) -> Iterator[str]:
    """What holds at the rungs of its ladder: why it is silent, and what was passed on the way."""
    yield from (wording.text for wording in (*card.silent.values(), *card.passed.values()))


def card_texts(card: CardDefinition) -> Iterator[str]:
    """All that a card says to a clinician, in the order of its file, override reasons aside."""
    yield card.title
    if card.routine:
        yield card.routine
    for message in card.messages.values():
        yield message.summary.text
        yield from (line.text for line in (*message.do, *message.check))
    for note in card.notes.values():
        yield note.text
    for suggestion in card.suggestions.values():
        yield suggestion.label.text
        for action in suggestion.actions:
            yield action.description.text
