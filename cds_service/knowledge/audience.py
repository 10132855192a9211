"""For whom a card or one of its messages is shown: by hook, client, trigger, role, specialty, setting of care and location.

What is not known of a call withholds nothing: an unknown role is shown every card.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.chart.case import Case

KINDS: Mapping[str, str] = {
    "hooks": "hook",
    "clients": "client",
    "triggers": "trigger",
    "roles": "role",
    "specialties": "specialty",
    "settings": "setting",
    "locations": "location",
}
"""By what a card may be limited, with the word for one of each."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where all that is named holds; of each kind any of its words."""

    wanted: Mapping[str, tuple[str, ...]]
    """By kind, in small letters; a kind that is not named may be anything."""

    def __str__(self) -> str:
        return " and ".join(f"{KINDS[kind]} {' or '.join(words)}" for kind, words in self.wanted.items())

    def holds(self, case: Case) -> bool | None:
        """Whether a call is of this kind; ``None`` when what is known of it leaves that open."""
        answers = [self._is(case, kind) for kind in self.wanted]
        return False if False in answers else None if None in answers else True

    def met(self, case: Case, *, is_so: bool) -> dict[str, str]:
        """What of the call is as it is named here (or is not), by kind."""
        return {
            kind: next((one for one in said_of(case, kind) if one in words), said_of(case, kind)[0])
            for kind, words in self.wanted.items()
            if self._is(case, kind) is is_so
        }

    def _is(self, case: Case, kind: str) -> bool | None:
        said, wanted = said_of(case, kind), self.wanted[kind]
        if any(one in wanted for one in said):
            of_user = kind in {"roles", "specialties"}
            return True if not of_user or (case.user is not None and case.user.acting) else None
        return False if not {*map(_spelling, said)}.isdisjoint(map(_spelling, wanted)) else None


@dataclass(frozen=True, slots=True)
class Restriction:
    """For whom something is shown: in one of the situations that it is only for, and in none that it is not for."""

    only_for: tuple[Situation, ...] = ()
    not_for: tuple[Situation, ...] = ()
    why: str = ""

    def __str__(self) -> str:
        parts = [f"only for {'; or '.join(map(str, self.only_for))}"] if self.only_for else []
        parts += [f"not for {'; nor '.join(map(str, self.not_for))}"] if self.not_for else []
        return "; ".join(parts) + (f" ({self.why})" if self.why else "")

    def withholds(self, case: Case) -> str:
        """Why it is not shown to who asks: ``not for this role (ward pharmacist)``; empty when it is."""
        for situation in self.not_for:
            if situation.holds(case):
                return self._said(situation.met(case, is_so=True))
        if self.only_for and all(situation.holds(case) is False for situation in self.only_for):
            return self._said({k: v for one in self.only_for for k, v in one.met(case, is_so=False).items()})
        return ""

    def _said(self, met: Mapping[str, str]) -> str:
        what = " and ".join(f"{KINDS[kind]} ({said})" for kind, said in met.items())
        return f"not for this {what}" + (f": {self.why}" if self.why else "")


EVERYBODY = Restriction()


@dataclass(frozen=True, slots=True)
class Audience:
    """For whom a card is, and which of its messages are for fewer."""

    card: Restriction = EVERYBODY
    messages: Mapping[str, Restriction] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anybody is left out."""
        return self != ALL

    def __str__(self) -> str:
        whole = str(self.card) if self.card != EVERYBODY else "for all"
        return "; ".join([whole, *(f"the message {name} {one}" for name, one in self.messages.items())])

    @property
    def kinds(self) -> frozenset[str]:
        """By what it is limited."""
        every = (self.card, *self.messages.values())
        return frozenset(kind for one in every for where in (*one.only_for, *one.not_for) for kind in where.wanted)

    def withholds(self, case: Case, message: str) -> str:
        """Why this message is not shown to who asks; empty when it is."""
        return self.card.withholds(case) or self.messages.get(message, EVERYBODY).withholds(case)


ALL = Audience()


def said_of(case: Case, kind: str) -> tuple[str, ...]:
    """What a call says of itself, of one kind; nothing where that is not known."""
    user = case.user
    said: tuple[str, ...]
    match kind:
        case "roles":
            said = user.roles if user is not None else ()
        case "specialties":
            said = user.specialties if user is not None else ()
        case "locations":
            said = case.locations
        case _:
            one = {"hooks": case.hook, "clients": case.client, "triggers": case.trigger, "settings": case.setting}[kind]
            said = (one.lower(),) if one else ()
    return said


def _spelling(said: str) -> str:
    """A code of digits, a reference, or a word: what is written in one way cannot differ from what is in another."""
    return "reference" if "/" in said else "word" if any(map(str.isalpha, said)) else "code"
