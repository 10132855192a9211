"""An answer in the form that the client's profile asks for.

A suggestion that the client cannot show or carry out stands in words on its card, with the reason.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from msgspec import UNSET, Raw, UnsetType
from msgspec.structs import replace as with_fields

from cds_service.engine.shown import Answer, Shown
from cds_service.hooks.response import Action, Card, Coding, Response, Source, Suggestion
from cds_service.knowledge.orderables import Orderables, same_dose
from cds_service.knowledge.profiles import ClientProfile
from cds_service.terminology.quantities import Quantity, parse_quantity
from cds_service.terminology.said import plain

_encode = msgspec.json.Encoder(enc_hook=plain, decimal_format="number").encode
Say = Callable[..., str]
"""Says a sentence of the frame in the language of the card."""
_LETTERS = re.compile(r"[A-Za-z0-9]+")
_LONGEST_TOPIC = 100
_HTML_NAME = "com.epic.cdshooks.card.detail.content-type"


def adapted(answer: Answer, profile: ClientProfile, orderables: Orderables, client: str) -> Answer:
    """Adapt an answer to a client; ``client`` is its name in the allowlist, which the orderables may name."""
    if profile.plain and not orderables.entries:
        return answer
    adapter = _Adapter(profile, orderables, client)
    shown = tuple(adapter.card(one) for one in answer.shown)
    response = Response(cards=tuple(one.card for one in shown), extension=answer.response.extension)
    return replace(answer, response=response, shown=shown)


def dose_of(resource: Mapping[str, Any]) -> Quantity | None:
    """One dose of a medicine order; ``None`` where it orders none, or a rate."""
    for line in resource.get("dosageInstruction", ()):
        for rate in line.get("doseAndRate", ()):
            if (dose := rate.get("doseQuantity")) is not None:
                return parse_quantity(f"{dose['value']} {dose['unit']}")
    return None


@dataclass(frozen=True, slots=True)
class _Adapter:
    profile: ClientProfile
    orderables: Orderables
    client: str

    def card(self, shown: Shown) -> Shown:
        """One card as the client can use it, and which suggestion of the card file each of its suggestions is."""
        card, profile, say = shown.card, self.profile, shown.language.at_any_rate.say
        kept: list[Suggestion] = []
        words: list[str] = []
        named: dict[str, str] = {}
        choices: list[str] = []
        for offer in card.suggestions or ():
            name = shown.suggestions[offer.uuid]
            before = len(kept)
            for one in self._suggestions(shown, name, offer, words):
                if profile.most_suggestions is not None and len(kept) >= profile.most_suggestions:
                    words.append(one.label)
                    continue
                kept.append(self._selected(card, one))
                named[one.uuid] = name
            choices += [" + ".join(one.label for one in kept[before:])] * (len(kept) > before)
        if profile.selection == "any-only" and card.selection_behavior == "at-most-one" and len(choices) > 1:
            words.append(say("Choose one of these only: {labels}", labels="; ".join(choices)))
        made = with_fields(
            card,
            source=self._source(card.source, shown),
            detail=self._detail(card, words, say),
            suggestions=tuple(kept) or UNSET,
            selection_behavior=self._selection(card) if kept else UNSET,
            links=self._links(card),
            extension=self._extension(card),
        )
        return replace(shown, card=made, suggestions=named)

    def _suggestions(self, shown: Shown, name: str, offer: Suggestion, words: list[str]) -> Iterator[Suggestion]:
        """The suggestions that one of ours becomes; what becomes none is said in ``words``."""
        say, actions = shown.language.at_any_rate.say, offer.actions or ()
        if self.profile.suggestions == "none":
            words.append(_sentence(offer.label, actions))
            return
        if self.profile.swaps == "update":
            actions = _as_update(actions, say)
        changed = [
            made
            for place, action in enumerate(actions)
            for made in self._actions((shown.topic, name, place), action, say)
        ]
        missing = [made for made in changed if isinstance(made, str)]
        if missing or not changed:
            because = "; ".join(dict.fromkeys(missing)) or say("nothing to carry out")
            words.append(f"{_sentence(offer.label, actions)} ({because})")
            return
        ready = [made for made in changed if isinstance(made, Action)]
        if self.profile.suggestions == "as-written" or len(ready) == 1:
            yield with_fields(
                offer, actions=tuple(self._described(offer, action, alone=len(ready) == 1) for action in ready)
            )
            return
        for place, action in enumerate(sorted(ready, key=lambda made: made.type != "delete")):
            alone = self._described(offer, action, alone=False)
            own = str(uuid.uuid5(uuid.UUID(offer.uuid), str(place)))
            yield Suggestion(label=action.description, uuid=own, actions=(alone,))

    def _actions(self, which: tuple[str, str, int], action: Action, say: Say) -> Iterator[Action | str]:
        """One action as the client takes it, or in words why it cannot."""
        if action.type == "delete" or action.resource is UNSET:
            yield action
            return
        resource: dict[str, Any] = msgspec.json.decode(action.resource)
        anew = action.type == "update" and self.profile.updates != "keep"
        if anew:
            if self.profile.updates == "words":
                yield say("this system takes no changes of a draft")
                return
            reference = f"{resource['resourceType']}/{resource.pop('id')}"
            cancelled = say("Cancel the draft: {description}", description=action.description)
            yield Action(type="delete", description=cancelled, resource_id=reference)
            action = with_fields(action, type="create")
        if action.type == "create":
            problem = self._coded(which, resource, say, anew=anew)
            if problem:
                yield problem
                return
            resource.update(self.profile.sets)
        yield with_fields(action, resource=Raw(_encode(resource)))

    def _coded(self, which: tuple[str, str, int], resource: dict[str, Any], say: Say, *, anew: bool = False) -> str:
        """Put the client's codes into an order; says what is missing when it has none that the client accepts.

        ``which`` is topic, suggestion and place of the action. An entry that stands for another dose is none. ``anew``: it
        takes the place of a draft, whose own code stands for what was wrong with it. Nor do our codes of a medicine stand for
        its dose: they name the ingredient.
        """
        kind = str(resource["resourceType"])
        named = "medicationCodeableConcept" if kind == "MedicationRequest" else "code"
        concept = resource.get(named)
        if not isinstance(concept, dict):
            if not anew:
                return ""
            resource.pop("medicationReference", None)
            concept = resource[named] = {}
        topic, name, place = which
        entries, dose = (
            self.orderables.of(name if "." in name else f"{topic}.{name}", place, self.client),
            dose_of(resource),
        )
        fitting = [entry for entry in entries if dose is None or same_dose(entry, dose)]
        if entries and not fitting:
            stated = ", ".join(str(entry.dose) for entry in entries)
            return say("this site's order catalogue has it as {stated}, not as {dose}", stated=stated, dose=dose)
        own = [self._spelt(entry.coding) for entry in fitting]
        kept = not (self._by_code and (anew or dose is not None))
        ours = [self._spelt(coding) for coding in concept.get("coding", ())] if kept else []
        accepted = self.profile.accepts.get(kind)
        codings = [coding for coding in (*own, *ours) if accepted is None or coding.get("system") in accepted]
        if not codings and self.profile.unmapped == "words":
            return say("not in this site's order catalogue")
        if coded := codings or own + ours:
            concept["coding"] = coded
        return ""

    @property
    def _by_code(self) -> bool:
        """Whether the client reads nothing of an order but its code."""
        return self.profile.unmapped == "words"

    def _spelt(self, coding: dict[str, Any]) -> dict[str, Any]:
        system = str(coding.get("system", ""))
        return {**coding, "system": self.profile.systems.get(system, system)}

    def _described(self, offer: Suggestion, action: Action, *, alone: bool) -> Action:
        """The action with a description that stands alone, where the client does not show the label."""
        if not self.profile.description_alone or not alone or _says(action.description, offer.label):
            return action
        return with_fields(action, description=f"{offer.label}: {action.description}")

    def _selected(self, card: Card, made: Suggestion) -> Suggestion:
        """Nothing that deletes, and none of several alternatives, is ticked in advance."""
        if made.is_recommended is not True or self.profile.preselect == "as-written":
            return made
        actions = made.actions or ()
        harmless = all(action.type == "create" for action in actions) and card.selection_behavior != "at-most-one"
        keep = self.profile.preselect == "creates-only" and harmless
        return made if keep else with_fields(made, is_recommended=UNSET)

    def _selection(self, card: Card) -> Any:
        return "any" if self.profile.selection == "any-only" else card.selection_behavior

    def _source(self, source: Source, shown: Shown) -> Source:
        if self.profile.topic_code == "as-written" or source.topic is UNSET:
            return source
        parts = _LETTERS.findall(f"{shown.topic} {shown.message} {shown.indicator}")
        code = parts[0] + "".join(part[:1].upper() + part[1:] for part in parts[1:])
        topic = Coding(code=code[:_LONGEST_TOPIC], system=source.topic.system, display=source.topic.display)
        return with_fields(source, topic=topic)

    def _detail(self, card: Card, words: list[str], say: Say) -> str | UnsetType:
        parts = [] if card.detail is UNSET else [card.detail]
        if words:
            title = say("Order by hand")
            parts.append("\n".join((f"**{title}**", *(f"- {one}" for one in words))))
        written = "\n\n".join(parts)
        if written and self.profile.detail == "html":
            from markdown_it import MarkdownIt

            written = str(MarkdownIt("js-default", {"html": False}).render(written)).strip()
        return written or UNSET

    def _links(self, card: Card) -> Any:
        if card.links is UNSET or self.profile.links == "all":
            return card.links
        kept = tuple(link for link in card.links if self.profile.links == "smart-only" and link.type == "smart")
        return kept or UNSET

    def _extension(self, card: Card) -> Any:
        if self.profile.detail != "html":
            return card.extension
        known: Mapping[str, Any] = card.extension or {}
        return {**known, _HTML_NAME: "text/html"}


def _as_update(actions: tuple[Action, ...], say: Say) -> tuple[Action, ...]:
    """A draft that is deleted for another of its type as one changed draft; anything else as it is."""
    if [action.type for action in actions] != ["delete", "create"]:
        return actions
    old, new = actions
    order: dict[str, Any] = {} if new.resource is UNSET else msgspec.json.decode(new.resource)
    kind, _, own = str(old.resource_id).rpartition("/")
    if kind != order.get("resourceType"):
        return actions
    changed = Raw(_encode({"resourceType": kind, "id": own, **order}))
    described = say("{description}, in place of the draft", description=new.description)
    return (Action(type="update", description=described, resource=changed),)


def _sentence(label: str, actions: tuple[Action, ...]) -> str:
    """What a suggestion would do, in words."""
    described = "; ".join(action.description for action in actions if not _says(label, action.description))
    return f"{label}: {described}" if described else label


def _says(text: str, other: str) -> bool:
    return other.casefold() in text.casefold()
