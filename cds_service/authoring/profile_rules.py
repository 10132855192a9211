"""What each client profile promises of an answer on the wire, as rules that can be checked, and the page that lists them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.knowledge.profiles import ClientProfile

Json = Mapping[str, Any]
_TOPIC = re.compile(r"[A-Za-z0-9]{1,100}")
_HEAD = """# Client profiles: the same decision, adapted to the client

Made by `cds-service profiles --write` from `cards/profiles` and the rules that a test checks on the wire, for every example of
every card through every profile; do not edit. The allowlist names a client's `profile`; a site may write one of its own.

"""


@dataclass(frozen=True, slots=True)
class ProfileRule:
    """One promise: of which profiles, and whether a card keeps it beside the card that a client of the standard gets."""

    says: str
    applies: Callable[[ClientProfile], bool]
    kept: Callable[[Json, Json, ClientProfile], bool]


def rules_of(profile: ClientProfile) -> tuple[ProfileRule, ...]:
    """The rules that a profile's answers keep."""
    return tuple(rule for rule in RULES if rule.applies(profile))


def broken(card: Json, standard: Json, profile: ClientProfile) -> Iterator[str]:
    """The rules that a card breaks, by their words."""
    return (rule.says for rule in rules_of(profile) if not rule.kept(card, standard, profile))


def profiles_page(profiles: Mapping[str, ClientProfile]) -> str:
    """The table of rules by profile, in Markdown."""
    names = list(profiles)
    lines = [f"| on the wire | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    lines += [
        f"| {rule.says} | {' | '.join('kept' if rule.applies(one) else '' for one in profiles.values())} |"
        for rule in RULES
    ]
    titles = "\n".join(f"- `{name}`: {one.title or 'as the standard has it'}" for name, one in profiles.items())
    return f"{_HEAD}{titles}\n\n" + "\n".join(lines) + "\n"


def _offers(card: Json) -> list[Json]:
    return list(card.get("suggestions", ()))


def _actions(card: Json) -> list[Json]:
    return [action for offer in _offers(card) for action in offer.get("actions", ())]


def _created(card: Json) -> list[Json]:
    return [action["resource"] for action in _actions(card) if action["type"] == "create"]


def _codes(orders: Iterable[Json]) -> Iterator[tuple[str, set[str]]]:
    for order in orders:
        concept = order.get("medicationCodeableConcept") or order.get("code") or {}
        yield order["resourceType"], {coding.get("system", "") for coding in concept.get("coding", ())}


def _accepted(card: Json, profile: ClientProfile) -> bool:
    known = [
        (set(profile.accepts[kind]), systems) for kind, systems in _codes(_created(card)) if kind in profile.accepts
    ]
    return all(systems and systems <= accepted for accepted, systems in known)


def _chosen(card: Json) -> list[Json]:
    return [offer for offer in _offers(card) if offer.get("isRecommended")]


def _nothing_lost(card: Json, standard: Json) -> bool:
    """Each suggestion of the standard card is offered, in one or in several, or its label stands in the detail."""
    said = card.get("detail", "") + "".join(
        offer["label"] + "".join(action["description"] for action in offer.get("actions", ()))
        for offer in _offers(card)
    )
    return all(
        offer["label"] in said or all(action["description"] in said for action in offer.get("actions", ()))
        for offer in _offers(standard)
    )


RULES = (
    ProfileRule(
        "at most one suggestion of a card is recommended",
        lambda profile: True,
        lambda card, standard, profile: len(_chosen(card)) <= 1,
    ),
    ProfileRule(
        "what removes an order is never recommended",
        lambda profile: True,
        lambda card, standard, profile: all(
            action["type"] != "delete" for offer in _chosen(card) for action in offer.get("actions", ())
        ),
    ),
    ProfileRule(
        "of alternatives none is recommended",
        lambda profile: True,
        lambda card, standard, profile: standard.get("selectionBehavior") != "at-most-one" or not _chosen(card),
    ),
    ProfileRule(
        "what is not offered stands in words",
        lambda profile: True,
        lambda card, standard, profile: _nothing_lost(card, standard),
    ),
    ProfileRule(
        "a suggestion has one action",
        lambda profile: profile.suggestions == "one-action",
        lambda card, standard, profile: all(len(offer.get("actions", ())) == 1 for offer in _offers(card)),
    ),
    ProfileRule(
        "no suggestions",
        lambda profile: profile.suggestions == "none",
        lambda card, standard, profile: "suggestions" not in card and "selectionBehavior" not in card,
    ),
    ProfileRule(
        "no update of a draft",
        lambda profile: profile.updates != "keep" or profile.suggestions == "none",
        lambda card, standard, profile: all(action["type"] != "update" for action in _actions(card)),
    ),
    ProfileRule(
        "a draft replaced by another of its type is one update",
        lambda profile: profile.swaps == "update",
        lambda card, standard, profile: (
            not any(
                [action["type"] for action in offer.get("actions", ())] == ["delete", "create"]
                and offer["actions"][0]["resourceId"].partition("/")[0]
                == offer["actions"][1]["resource"]["resourceType"]
                for offer in _offers(card)
            )
        ),
    ),
    ProfileRule(
        "`selectionBehavior` is `any`",
        lambda profile: profile.selection == "any-only",
        lambda card, standard, profile: card.get("selectionBehavior", "any") == "any",
    ),
    ProfileRule(
        "alternatives say that one may be chosen",
        lambda profile: profile.selection == "any-only" and profile.suggestions != "none",
        lambda card, standard, profile: (
            standard.get("selectionBehavior") != "at-most-one"
            or len(_offers(card)) < 2
            or "Choose one of these only" in card.get("detail", "")
        ),
    ),
    ProfileRule(
        "descriptions stand alone: each says something of its own",
        lambda profile: profile.description_alone,
        lambda card, standard, profile: (
            len({action["description"] for action in _actions(card)}) == len(_actions(card))
        ),
    ),
    ProfileRule(
        "the topic's code is letters and digits, at most 100",
        lambda profile: profile.topic_code == "letters-and-digits",
        lambda card, standard, profile: bool(_TOPIC.fullmatch(card["source"]["topic"]["code"])),
    ),
    ProfileRule(
        "orders hold codes that the client makes orders of, and no others",
        lambda profile: bool(profile.accepts),
        lambda card, standard, profile: _accepted(card, profile),
    ),
    ProfileRule(
        "orders have the intent and status that the client takes",
        lambda profile: bool(profile.sets),
        lambda card, standard, profile: all(
            order.get(name) == value for order in _created(card) for name, value in profile.sets.items()
        ),
    ),
    ProfileRule(
        "links are SMART links only",
        lambda profile: profile.links == "smart-only",
        lambda card, standard, profile: all(link["type"] == "smart" for link in card.get("links", ())),
    ),
)
"""Each takes the card on the wire, the same card for a client of the standard, and the profile."""
