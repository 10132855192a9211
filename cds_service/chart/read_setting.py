"""Who asks, and from where: the user's roles and the setting of care, which no rule asks and an answer may depend on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec
from msgspec import Raw

from cds_service.chart import wire
from cds_service.chart.decode import anything, listed
from cds_service.chart.elements import CodeableConcept
from cds_service.chart.facts import Setting, User
from cds_service.chart.identity import bare_id

_REQUESTER = re.compile(r"(?:(?<=/)|^)(?:Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9.-]{1,64}$")
_CONCEPT = msgspec.json.Decoder(CodeableConcept)
_SETTINGS: Mapping[str, Setting] = {
    **dict.fromkeys(("IMP", "ACUTE", "NONAC", "OBSENC", "SS"), "inpatient"),
    "EMER": "emergency",
    **dict.fromkeys(("AMB", "VR"), "outpatient"),
    **dict.fromkeys(("HH", "FLD"), "community"),
}
"""By class of encounter, in the codes of v3-ActCode."""
_ACT_CODE = ("v3-actcode", "v3/actcode", "2.16.840.1.113883.5.4")
"""How that code system is written; a class of another, or two that differ, are not understood."""
_NOT_NOW = frozenset({"planned", "reserved", "completed"})


def requester(user_id: str) -> str:
    """The user as an order names who ordered it, such as ``Practitioner/1``; empty where the id is no such reference."""
    found = _REQUESTER.search(user_id)
    return found[0] if found else ""


def read_user(roles: Iterable[wire.PractitionerRole], user_id: str) -> User | None:
    """The roles of the user that the hook names; ``None`` when no PractitionerRole is theirs.

    A hook that names the practitioner leaves open in which of several roles they act.
    """
    wanted, kind = bare_id(user_id), user_id.rpartition("/")[0].rpartition("/")[2]
    theirs: dict[User, None] = {}
    for role in roles:
        behind = role.practitioner.reference if role.practitioner else None
        of_them = role.id == wanted if kind != "Practitioner" else bool(behind) and bare_id(behind or "") == wanted
        if of_them and not (role.active and anything(role.active) is False):
            theirs[User(roles=tuple(_said(role.code)), specialties=tuple(_said(role.specialty)))] = None
    if len(theirs) < 2:
        return next(iter(theirs), None)
    return User(
        roles=tuple(dict.fromkeys(role for one in theirs for role in one.roles)),
        specialties=tuple(dict.fromkeys(specialty for one in theirs for specialty in one.specialties)),
        acting=False,
    )


def read_setting(encounters: Iterable[wire.Encounter], encounter_id: str) -> Setting:
    """The setting of the encounter that the hook names, by its class; empty when nobody knows."""
    visit = visit_of(encounters, encounter_id)
    found = {_SETTINGS.get(code, "") for code in _codes(visit.class_)} if visit is not None else set()
    return found.pop() if len(found) == 1 else ""


def read_locations(encounters: Iterable[wire.Encounter], encounter_id: str) -> tuple[str, ...]:
    """Where the encounter that the hook names takes place now, as it is referred to and called, in small letters."""
    visit = visit_of(encounters, encounter_id)
    places = anything(visit.location) if visit is not None and visit.location else None
    said: dict[str, None] = {}
    for place in places if isinstance(places, list) else ():
        where = place.get("location") if isinstance(place, dict) else None
        if not isinstance(where, dict) or place.get("status") in _NOT_NOW or _over(place.get("period")):
            continue
        identifier = where.get("identifier")
        named = (where.get("display"), where.get("reference"), isinstance(identifier, dict) and identifier.get("value"))
        said.update(dict.fromkeys(one.strip().lower() for one in named if isinstance(one, str) and one.strip()))
    return tuple(said)


def visit_of(encounters: Iterable[wire.Encounter], encounter_id: str) -> wire.Encounter | None:
    """The encounter that the hook names."""
    wanted = bare_id(encounter_id)
    return next((one for one in encounters if one.id == wanted), None) if wanted else None


def _over(period: object) -> bool:
    return isinstance(period, dict) and bool(period.get("end"))


def _codes(raw: Raw) -> Iterator[str]:
    """Codes of a Coding (R4), or of CodeableConcepts (R5), those of v3-ActCode or of no system."""
    found = anything(raw) if raw else None
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            codings = one.get("coding") if isinstance(one.get("coding"), list) else [one]
            for coding in codings or ():
                if isinstance(coding, dict) and _is_act_code(coding.get("system")):
                    yield str(coding.get("code", "")).upper()


def _is_act_code(system: object) -> bool:
    return not system or str(system).lower().endswith(_ACT_CODE)


def _said(raw: Raw) -> Iterator[str]:
    """Codes and words of a list of concepts, in small letters, each once."""
    said: dict[str, None] = {}
    for concept in listed(raw, _CONCEPT) if raw else ():
        codings = concept.coding or ()
        for one in (concept.text, *(part for coding in codings for part in (coding.display, coding.code))):
            if one and one.strip():
                said[one.strip().lower()] = None
    yield from said
