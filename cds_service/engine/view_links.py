"""The link of each card to the patient view: as a SMART app that the record launches, or by address in development."""

from __future__ import annotations

from dataclasses import dataclass, replace

from msgspec import UNSET
from msgspec.structs import replace as with_fields

from cds_service.engine.shown import Answer, Shown
from cds_service.hooks.response import Link, Response
from cds_service.knowledge.profiles import ClientProfile
from cds_service.terminology.said import said

LABEL = said("Patient view: what to do, time line, scores, why").sentence


@dataclass(frozen=True, slots=True)
class ViewLinks:
    """Where the patient view is launched, and by whom."""

    launch: str
    """Address that a record launches the SMART app at."""
    clients: frozenset[str]
    """Names of the clients at whose records the app is registered."""
    standalone: str = ""
    """Address for whoever cannot launch, in development only; it takes the card's id after it."""

    def added_to(self, answer: Answer, profile: ClientProfile, client: str) -> Answer:
        """The answer with a link on each card, in place of the one to its page, unless the client takes none."""
        if profile.links == "none":
            return answer
        shown = tuple(_linked(one, self._link(one, profile, client)) for one in answer.shown)
        response = Response(cards=tuple(one.card for one in shown), extension=answer.response.extension)
        return replace(answer, response=response, shown=shown)

    def _link(self, shown: Shown, profile: ClientProfile, client: str) -> Link | None:
        """``appContext`` is the card's id, which names no patient."""
        card, label = shown.card, shown.language.at_any_rate.say(LABEL)
        if profile.view == "smart" and (client in self.clients or self.standalone):
            return Link(label=label, url=self.launch, type="smart", app_context=card.uuid)
        if self.standalone and profile.links == "all":
            return Link(label=label, url=self.standalone + card.uuid, type="absolute")
        return None


def _linked(shown: Shown, link: Link | None) -> Shown:
    if link is None:
        return shown
    page = f"/cards/{shown.topic}"
    written = () if shown.card.links is UNSET else [one for one in shown.card.links if not one.url.endswith(page)]
    return replace(shown, card=with_fields(shown.card, links=(link, *written)))
