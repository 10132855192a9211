"""One answer offers an order once: what a graver card suggests, a later one does not, nor another change of the same draft."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace as with_fields

from cds_service.engine.shown import Shown
from cds_service.hooks.response import Action, Suggestion

_Order = tuple[str, frozenset[str]]
"""Type of the resource, and the codes of what is ordered, else its name."""


def offered_once(ranked: Iterable[Shown], alternatives: Mapping[str, Collection[str]]) -> list[Shown]:
    """The cards in their order, without suggestions all of whose new orders an earlier card offers.

    Of a topic's ``alternatives`` one that an earlier card offers takes the others with it: only one of them is to be ordered.
    A draft that an earlier card would change or take away is not turned otherwise by a later one, whose words stay.
    """
    seen: set[_Order] = set()
    spoken_for: set[str] = set()
    kept = []
    for shown in ranked:
        suggestions = shown.card.suggestions or ()
        orders = {offer.uuid: _new_orders(offer) for offer in suggestions}
        drafts = {offer.uuid: _drafts(offer) for offer in suggestions}
        again = {uuid for uuid, made in orders.items() if made and made <= seen}
        again |= {uuid for uuid, worked_on in drafts.items() if not worked_on.isdisjoint(spoken_for)}
        choice = {uuid for uuid, name in shown.suggestions.items() if name in alternatives.get(shown.topic, ())}
        dropped = again | choice if again & choice else again
        left = tuple(offer for offer in suggestions if offer.uuid not in dropped)
        several = len(choice - dropped) > 1  # then one of them alone may be taken, and nothing beside it
        seen.update(*(orders[offer.uuid] for offer in left if offer.uuid in choice or not several))
        spoken_for.update(*(drafts[offer.uuid] for offer in left))
        kept.append(_with(shown, left, choice - dropped) if dropped else shown)
    return kept


def _with(shown: Shown, left: tuple[Suggestion, ...], choice: Collection[str]) -> Shown:
    """The card with these suggestions; without two alternatives there is nothing to choose between."""
    selection = shown.card.selection_behavior if len(choice) > 1 else "any"
    card = with_fields(shown.card, suggestions=left or UNSET, selection_behavior=selection if left else UNSET)
    return replace(shown, card=card, suggestions={offer.uuid: shown.suggestions[offer.uuid] for offer in left})


def _new_orders(offer: Suggestion) -> frozenset[_Order]:
    """What a suggestion orders anew; nothing when it also works on a draft, which no other card's offer replaces."""
    actions = offer.actions or ()
    if any(action.type != "create" for action in actions):
        return frozenset()
    return frozenset(_order(msgspec.json.decode(action.resource)) for action in actions if action.resource is not UNSET)


def _drafts(offer: Suggestion) -> frozenset[str]:
    """The drafts that a suggestion changes or takes away."""
    actions = offer.actions or ()
    return frozenset(_draft(action) for action in actions if action.type != "create")


def _draft(action: Action) -> str:
    if action.resource is UNSET:
        return str(action.resource_id)
    changed = msgspec.json.decode(action.resource)
    return f"{changed['resourceType']}/{changed.get('id', '')}"


def _order(resource: dict[str, Any]) -> _Order:
    concept = resource.get("medicationCodeableConcept") or resource.get("code") or {}
    codes = frozenset(coding["code"] for coding in concept.get("coding", ()) if "code" in coding)
    return resource["resourceType"], codes or frozenset({str(concept.get("text", resource.get("description", "")))})
