"""What differs between two knowledge versions, in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cds_service.knowledge.cards import CardDefinition, Knowledge
from cds_service.knowledge.parameters import Parameter
from cds_service.terminology.quantities import Limit

_PLACE = re.compile(r"^(?P<file>.+\.yaml):(?P<line>\d+):\d+$")
_PREPOSITIONS = ("at", "within", "below", "above", "from", "to", "after", "before", "under", "over", "until", "in")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. ``topic`` is empty for what concerns no single card."""

    topic: str
    parameter: str
    """Empty for all that is not a parameter."""
    sentence: str
    """Complete but for the topic: ``treat at 3.1 instead of 3.0 mmol/L, site overlay uk-nice.yaml line 12``."""

    def __str__(self) -> str:
        return f"{self.topic}: {self.sentence}" if self.topic else self.sentence


def changes(old: Knowledge, new: Knowledge) -> tuple[Change, ...]:
    """Say everything that differs, in the order of topics; nothing when both would answer alike."""
    return tuple(_changes(old, new))


def changed_parameters(old: CardDefinition, new: CardDefinition) -> tuple[str, ...]:
    """Names of the rule's parameters whose values differ."""
    return tuple(
        name for name, value in new.arguments.items() if name in old.arguments and old.arguments[name] != value
    )


def parameter_sentence(old: Parameter, new: Parameter) -> str:
    """``treat at 3.1 instead of 3.0 mmol/L, site overlay uk-nice.yaml line 12``."""
    words = new.words
    verb = "" if words.split()[-1] in _PREPOSITIONS else " is"
    before, after = _text(old), _text(new)
    number, _, unit = before.partition(" ")
    if unit and after.endswith(f" {unit}") and "," not in after:  # the unit once, behind both
        before, after = f"{number} {unit}", after.removesuffix(f" {unit}")
    where = origin(new) if new.changed else origin(old)
    undone = "" if new.changed or not old.changed else "without "
    return f"{words}{verb} {after} instead of {before}" + (f", {undone}{where}" if where else "")


def _text(parameter: Parameter) -> str:
    """The value in its leading unit."""
    value = parameter.value
    return str(value.stated[0]) if isinstance(value, Limit) else parameter.text


def origin(parameter: Parameter) -> str:
    """Where a value was set, for a reader: ``site overlay uk-nice.yaml line 12``, ``--set ...``; empty for the card file."""
    if not parameter.changed:
        return ""
    match = _PLACE.match(parameter.origin)
    if match is None:
        return parameter.origin
    return f"site overlay {match['file'].rpartition('/')[2]} line {match['line']}"


def _changes(old: Knowledge, new: Knowledge) -> Iterator[Change]:
    both = old.cards.keys() & new.cards.keys()
    for topic, card in old.cards.items():
        if topic not in both:
            yield Change(topic, "", f"the card {card.title!r} is gone")
    yield from _shared_changes(old, new)
    for topic, card in new.cards.items():
        if topic in old.cards:
            yield from _card_changes(old.cards[topic], card)
        else:
            yield Change(topic, "", f"a new card: {card.title}, {card.status}, on {', '.join(card.hooks)}")
    if old.maximum_cards != new.maximum_cards:
        yield Change("", "", f"at most {new.maximum_cards} instead of {old.maximum_cards} cards on opening a chart")
    for substance in sorted(old.display_units.keys() | new.display_units.keys()):
        before, after = old.display_units.get(substance, ()), new.display_units.get(substance, ())
        if before != after:
            yield Change("", "", f"{substance} is shown in {_listed(after)} instead of {_listed(before)}")
    yield from _value_set_changes(old, new)
    ranked, was = ([topic for topic in order if topic in both] for order in (new.order, old.order))
    if ranked != was:
        moved = [topic for topic, other in zip(ranked, was, strict=True) if topic != other]
        yield Change("", "", f"the topics appear in another order, first {_listed(moved)}")
    for what in sorted(old.confirmed.keys() | new.confirmed.keys()):
        if old.confirmed.get(what) != new.confirmed.get(what):
            yield Change("", "", f"{what} is {new.confirmed.get(what, 'signed no more')}")


def _shared_changes(old: Knowledge, new: Knowledge) -> Iterator[Change]:
    """A parameter that several cards share and that was changed where it is shared: once, with the cards that follow."""
    found: dict[tuple[str, str, str], tuple[Parameter, Parameter, list[str]]] = {}
    for topic, card in new.cards.items():
        for name, parameter in card.parameters.items():
            before = old.cards[topic].parameters.get(name) if topic in old.cards else None
            if before is not None and before.value != parameter.value and _is_shared_change(parameter):
                key = (parameter.shared, before.origin, parameter.origin)
                found.setdefault(key, (before, parameter, []))[2].append(topic)
    for (shared, _, _), (before, after, topics) in found.items():
        if len(topics) == 1:
            yield Change(topics[0], after.name, parameter_sentence(before, after))
        else:
            named = replace(after, name=shared)
            yield Change("shared", shared, f"{parameter_sentence(before, named)}; in {', '.join(topics)}")


def _is_shared_change(parameter: Parameter) -> bool:
    return bool(parameter.shared)


def _card_changes(old: CardDefinition, new: CardDefinition) -> Iterator[Change]:
    topic = new.topic
    if old.status != new.status:
        yield Change(topic, "", f"is {new.status} instead of {old.status}")
    for name, parameter in new.parameters.items():
        if name not in old.parameters:
            yield Change(topic, name, f"has a new parameter, {name.replace('_', ' ')}: {parameter.text}")
        elif old.parameters[name].value != parameter.value and not _is_shared_change(parameter):
            yield Change(topic, name, parameter_sentence(old.parameters[name], parameter))
    for name in old.parameters:
        if name not in new.parameters:
            yield Change(topic, name, f"no longer has the parameter {name.replace('_', ' ')}")
    for what, before, after in (
        ("answers", old.hooks, new.hooks),
        ("reads", old.needs, new.needs),
        ("follows the rule", (old.rule_name,), (new.rule_name,)),
        ("is a red flag on", old.red_flag, new.red_flag),
    ):
        if before != after:
            yield Change(topic, "", f"{what} {_listed(after)} instead of {_listed(before)}")
    if old.for_whom != new.for_whom:
        yield Change(topic, "", f"is {new.for_whom} instead of {old.for_whom}")
    yield from _word_changes(old, new)


def _word_changes(old: CardDefinition, new: CardDefinition) -> Iterator[Change]:
    for name, message in new.messages.items():
        before = old.messages.get(name)
        if before is None:
            yield Change(new.topic, "", f"has a new message, {name} ({message.indicator})")
        elif before.indicator != message.indicator:
            yield Change(new.topic, "", f"the message {name} is {message.indicator} instead of {before.indicator}")
        elif (before.summary.text, before.body) != (message.summary.text, message.body):
            yield Change(new.topic, "", f"the message {name} reads otherwise: {message.summary.text!r}")
    yield from (
        Change(new.topic, "", f"no longer has the message {name}") for name in old.messages if name not in new.messages
    )
    yield from _text_changes(old, new)
    offered, before_offered = set(new.suggestions), set(old.suggestions)
    if offered != before_offered:
        more, fewer = sorted(offered - before_offered), sorted(before_offered - offered)
        parts = [f"offers {_listed(more)}"] if more else []
        parts += [f"no longer offers {_listed(fewer)}"] if fewer else []
        yield Change(new.topic, "", " and ".join(parts))


def _text_changes(old: CardDefinition, new: CardDefinition) -> Iterator[Change]:
    """Every other text of a card that reads otherwise, with how it reads now."""
    pairs = [
        ("the title", old.title, new.title),
        *(
            (f"the {kind} {name}", before[name].text, after.text)
            for kind, before, now in (
                ("note", old.notes, new.notes),
                ("reason for silence", old.silent, new.silent),
                ("passage", old.passed, new.passed),
            )
            for name, after in now.items()
            if name in before
        ),
        *(
            (f"the order {name}", old.suggestions[name].label.text, one.label.text)
            for name, one in new.suggestions.items()
            if name in old.suggestions
        ),
        ("the list of links", _links(old), _links(new)),
        ("the list of override reasons", _reasons(old), _reasons(new)),
    ]
    for what, before, after in pairs:
        if before != after:
            yield Change(new.topic, "", f"{what} reads otherwise: {after!r}")
    for name, suggestion in new.suggestions.items():
        if name in old.suggestions and old.suggestions[name].recommended != suggestion.recommended:
            said = "is recommended" if suggestion.recommended else "is not recommended any more"
            yield Change(new.topic, "", f"the order {name} {said}")
    waits, waited = (any(not one.confirmed for one in card.parameters.values()) for card in (new, old))
    if waits != waited:
        yield Change(new.topic, "", "waits for clinical review" if waits else "waits no more for clinical review")


def _links(card: CardDefinition) -> str:
    return ", ".join(f"{link.label} {link.url}" for link in card.links)


def _reasons(card: CardDefinition) -> str:
    return ", ".join(reason.display for reason in card.override_reasons)


def _value_set_changes(old: Knowledge, new: Knowledge) -> Iterator[Change]:
    if old.codebook.order_words != new.codebook.order_words:
        yield Change("", "", "the words that orders are read with differ")
    before, after = old.codebook.sets, new.codebook.sets
    for name in sorted(before.keys() | after.keys()):
        if name not in after or name not in before:
            yield Change("", "", f"the value set {name} is {'gone' if name not in after else 'new'}")
        elif before[name] != after[name]:
            more = {(code.system, code.code) for code in after[name].codes} - {
                (one.system, one.code) for one in before[name].codes
            }
            fewer = {(code.system, code.code) for code in before[name].codes} - {
                (one.system, one.code) for one in after[name].codes
            }
            parts = [f"has {_codes(more)} more"] if more else []
            parts += [f"lacks {_codes(fewer)}"] if fewer else []
            yield Change("", "", f"the value set {name} {' and '.join(parts) or 'has other words'}")
    yield from _group_changes(old.codebook.groups, new.codebook.groups)


def _group_changes(old: Mapping[str, tuple[str, ...]], new: Mapping[str, tuple[str, ...]]) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name, ()), new.get(name, ())
        more, fewer = ([one for one in this if one not in other] for this, other in ((after, before), (before, after)))
        parts = [*([f"has {_listed(more)} more"] if more else []), *([f"lacks {_listed(fewer)}"] if fewer else [])]
        if before != after:
            yield Change("", "", f"the group {name} {' and '.join(parts) or 'names its value sets in another order'}")


def _codes(codes: Iterable[tuple[str, str]]) -> str:
    return _listed([f"{system} {code}" for system, code in sorted(codes)])


def _listed(words: Iterable[str]) -> str:
    found = list(words)
    return ", ".join(found[:5]) + (f" and {len(found) - 5} others" if len(found) > 5 else "") if found else "nothing"
