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
    **dict.fromkeys(("IMP", "ACUTE", "NONAC", "OBSENC", "EMER", "SS"), "inpatient"),
    **dict.fromkeys(("AMB", "VR"), "outpatient"),
    **dict.fromkeys(("HH", "FLD"), "community"),
}
"""By class of encounter (v3-ActCode), in the terms of MedicationRequest.category: emergency care gives as a ward does."""


def requester(user_id: str) -> str:
    """The user as an order names who ordered it, such as ``Practitioner/1``; empty where the id is no such reference."""
    found = _REQUESTER.search(user_id)
    return found[0] if found else ""


def read_user(roles: Iterable[wire.PractitionerRole], user_id: str) -> User | None:
    """The roles of the user that the hook names; ``None`` when no PractitionerRole is theirs."""
    wanted, kind = bare_id(user_id), user_id.rpartition("/")[0].rpartition("/")[2]
    for role in roles:
        behind = role.practitioner.reference if role.practitioner else None
        of_them = role.id == wanted if kind != "Practitioner" else bool(behind) and bare_id(behind or "") == wanted
        if of_them:
            return User(roles=tuple(_said(role.code)), specialties=tuple(_said(role.specialty)))
    return None


def read_setting(encounters: Iterable[wire.Encounter], encounter_id: str) -> Setting:
    """The setting of the encounter that the hook names, by its class; empty when nobody knows."""
    wanted = bare_id(encounter_id)
    for encounter in encounters:
        if wanted and encounter.id == wanted:
            return next((_SETTINGS[code] for code in _codes(encounter.class_) if code in _SETTINGS), "")
    return ""


def _codes(raw: Raw) -> Iterator[str]:
    """Codes of a Coding (R4), or of CodeableConcepts (R5)."""
    found = anything(raw) if raw else None
    for one in found if isinstance(found, list) else [found]:
        if isinstance(one, dict):
            codings = one.get("coding") if isinstance(one.get("coding"), list) else [one]
            yield from (str(coding.get("code", "")).upper() for coding in codings or () if isinstance(coding, dict))


def _said(raw: Raw) -> Iterator[str]:
    """Codes and words of a list of concepts, in small letters, each once."""
    said: dict[str, None] = {}
    for concept in listed(raw, _CONCEPT) if raw else ():
        codings = concept.coding or ()
        for one in (concept.text, *(part for coding in codings for part in (coding.display, coding.code))):
            if one and one.strip():
                said[one.strip().lower()] = None
    yield from said
