"""FHIR R4's search parameters of the resource types that a cancer chart is made of, by what kind of value they take.

Kinds as in the published R4 (4.0.1) search parameter registry. Composite parameters are left out: CDS Hooks
3.0 does not recommend them in a prefetch template.
"""

from __future__ import annotations

from typing import Literal

Kind = Literal["token", "reference", "date", "string", "quantity", "number", "uri"]


def parameter_kind(resource_type: str, name: str) -> Kind | None:
    """Say what kind of value a search parameter of a resource type takes; ``None`` for one that we do not know."""
    return _KINDS.get(resource_type, {}).get(name)


def known_types() -> tuple[str, ...]:
    """Resource types whose search parameters are known here."""
    return tuple(_KINDS)


def known_parameters(resource_type: str) -> tuple[str, ...]:
    """Names of the search parameters of a resource type."""
    return tuple(_KINDS.get(resource_type, ()))


def _parameters(
    *, tokens: str = "", references: str = "", dates: str = "", strings: str = "", quantities: str = ""
) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {"_id": "token", "_tag": "token", "_security": "token", "_profile": "uri"}
    kinds["_lastUpdated"] = "date"
    kinds.update(dict.fromkeys(tokens.split(), "token"))
    kinds.update(dict.fromkeys(references.split(), "reference"))
    kinds.update(dict.fromkeys(dates.split(), "date"))
    kinds.update(dict.fromkeys(strings.split(), "string"))
    kinds.update(dict.fromkeys(quantities.split(), "quantity"))
    return kinds


_KINDS: dict[str, dict[str, Kind]] = {
    "AllergyIntolerance": _parameters(
        tokens=(
            "category clinical-status code criticality identifier manifestation route severity type verification-status"
        ),
        references="asserter patient recorder",
        dates="date last-date onset",
    ),
    "CarePlan": _parameters(
        tokens="activity-code category identifier intent status",
        references="based-on care-team condition encounter goal part-of patient performer replaces subject",
        dates="activity-date date",
    ),
    "Condition": _parameters(
        tokens="body-site category clinical-status code evidence identifier severity stage verification-status",
        references="asserter encounter evidence-detail patient subject",
        dates="abatement-date onset-date recorded-date",
        strings="abatement-string onset-info",
        quantities="abatement-age onset-age",
    ),
    "Consent": _parameters(
        tokens="action category identifier purpose scope security-label status",
        references="actor consentor data organization patient source-reference",
        dates="date period",
    ),
    "Device": _parameters(
        tokens="identifier status type",
        references="location organization patient",
        strings="device-name manufacturer model udi-carrier udi-di",
    ),
    "DeviceUseStatement": _parameters(tokens="identifier", references="device patient subject"),
    "DiagnosticReport": _parameters(
        tokens="category code conclusion identifier status",
        references="based-on encounter media patient performer result results-interpreter specimen subject",
        dates="date issued",
    ),
    "DocumentReference": _parameters(
        tokens=(
            "category contenttype event facility format identifier language relation security-label setting status type"
        ),
        references="authenticator author custodian encounter patient related relatesto subject",
        dates="date period",
        strings="description",
    ),
    "Encounter": _parameters(
        tokens="class identifier participant-type reason-code special-arrangement status type",
        references=(
            "account appointment based-on diagnosis episode-of-care location part-of participant patient practitioner"
            " reason-reference service-provider subject"
        ),
        dates="date location-period",
        quantities="length",
    ),
    "EpisodeOfCare": _parameters(
        tokens="identifier status type",
        references="care-manager condition incoming-referral organization patient",
        dates="date",
    ),
    "Flag": _parameters(tokens="identifier", references="author encounter patient subject", dates="date"),
    "ImagingStudy": _parameters(
        tokens="bodysite dicom-class identifier instance modality reason series status",
        references="basedon encounter endpoint interpreter patient performer referrer subject",
        dates="started",
    ),
    "MedicationAdministration": _parameters(
        tokens="code identifier reason-given reason-not-given status",
        references="context device medication patient performer request subject",
        dates="effective-time",
    ),
    "MedicationDispense": _parameters(
        tokens="code identifier status type",
        references="context destination medication patient performer prescription receiver responsibleparty subject",
        dates="whenhandedover whenprepared",
    ),
    "MedicationRequest": _parameters(
        tokens="category code identifier intended-performertype intent priority status",
        references="encounter intended-dispenser intended-performer medication patient requester subject",
        dates="authoredon date",
    ),
    "MedicationStatement": _parameters(
        tokens="category code identifier status",
        references="context medication part-of patient source subject",
        dates="effective",
    ),
    "Observation": _parameters(
        tokens=(
            "category code combo-code combo-data-absent-reason combo-value-concept component-code"
            " component-data-absent-reason component-value-concept data-absent-reason identifier method status"
            " value-concept"
        ),
        references=(
            "based-on derived-from device encounter focus has-member part-of patient performer specimen subject"
        ),
        dates="date value-date",
        strings="value-string",
        quantities="combo-value-quantity component-value-quantity value-quantity",
    ),
    "Patient": _parameters(
        tokens="active deceased email gender identifier language phone telecom",
        references="general-practitioner link organization",
        dates="birthdate death-date",
        strings="address family given name phonetic",
    ),
    "Practitioner": _parameters(
        tokens="active communication email gender identifier phone telecom",
        strings="address family given name phonetic",
    ),
    "PractitionerRole": _parameters(
        tokens="active email identifier phone role specialty telecom",
        references="endpoint location organization practitioner service",
        dates="date",
    ),
    "Procedure": _parameters(
        tokens="category code identifier reason-code status",
        references="based-on encounter location part-of patient performer reason-reference subject",
        dates="date",
    ),
    "RelatedPerson": _parameters(
        tokens="active email gender identifier phone relationship telecom",
        references="patient",
        dates="birthdate",
        strings="address name phonetic",
    ),
    "ServiceRequest": _parameters(
        tokens="body-site category code identifier intent performer-type priority requisition status",
        references="based-on encounter patient performer replaces requester specimen subject",
        dates="authored occurrence",
    ),
    "Specimen": _parameters(
        tokens="accession bodysite container container-id identifier status type",
        references="collector parent patient subject",
        dates="collected",
    ),
}
