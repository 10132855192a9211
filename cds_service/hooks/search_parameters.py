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
    *, token: str = "", reference: str = "", date: str = "", string: str = "", quantity: str = ""
) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {"_id": "token", "_tag": "token", "_security": "token", "_profile": "uri"}
    kinds["_lastUpdated"] = "date"
    kinds.update(dict.fromkeys(token.split(), "token"))
    kinds.update(dict.fromkeys(reference.split(), "reference"))
    kinds.update(dict.fromkeys(date.split(), "date"))
    kinds.update(dict.fromkeys(string.split(), "string"))
    kinds.update(dict.fromkeys(quantity.split(), "quantity"))
    return kinds


_KINDS: dict[str, dict[str, Kind]] = {
    "AllergyIntolerance": _parameters(
        token=(
            "category clinical-status code criticality identifier manifestation route severity type verification-status"
        ),
        reference="asserter patient recorder",
        date="date last-date onset",
    ),
    "CarePlan": _parameters(
        token="activity-code category identifier intent status",
        reference="based-on care-team condition encounter goal part-of patient performer replaces subject",
        date="activity-date date",
    ),
    "Condition": _parameters(
        token="body-site category clinical-status code evidence identifier severity stage verification-status",
        reference="asserter encounter evidence-detail patient subject",
        date="abatement-date onset-date recorded-date",
        string="abatement-string onset-info",
        quantity="abatement-age onset-age",
    ),
    "Consent": _parameters(
        token="action category identifier purpose scope security-label status",
        reference="actor consentor data organization patient source-reference",
        date="date period",
    ),
    "Device": _parameters(
        token="identifier status type",
        reference="location organization patient",
        string="device-name manufacturer model udi-carrier udi-di",
    ),
    "DeviceUseStatement": _parameters(token="identifier", reference="device patient subject"),
    "DiagnosticReport": _parameters(
        token="category code conclusion identifier status",
        reference="based-on encounter media patient performer result results-interpreter specimen subject",
        date="date issued",
    ),
    "DocumentReference": _parameters(
        token=(
            "category contenttype event facility format identifier language relation security-label setting status type"
        ),
        reference="authenticator author custodian encounter patient related relatesto subject",
        date="date period",
        string="description",
    ),
    "Encounter": _parameters(
        token="class identifier participant-type reason-code special-arrangement status type",
        reference=(
            "account appointment based-on diagnosis episode-of-care location part-of participant patient practitioner"
            " reason-reference service-provider subject"
        ),
        date="date location-period",
        quantity="length",
    ),
    "EpisodeOfCare": _parameters(
        token="identifier status type",
        reference="care-manager condition incoming-referral organization patient",
        date="date",
    ),
    "Flag": _parameters(token="identifier", reference="author encounter patient subject", date="date"),
    "ImagingStudy": _parameters(
        token="bodysite dicom-class identifier instance modality reason series status",
        reference="basedon encounter endpoint interpreter patient performer referrer subject",
        date="started",
    ),
    "MedicationAdministration": _parameters(
        token="code identifier reason-given reason-not-given status",
        reference="context device medication patient performer request subject",
        date="effective-time",
    ),
    "MedicationDispense": _parameters(
        token="code identifier status type",
        reference="context destination medication patient performer prescription receiver responsibleparty subject",
        date="whenhandedover whenprepared",
    ),
    "MedicationRequest": _parameters(
        token="category code identifier intended-performertype intent priority status",
        reference="encounter intended-dispenser intended-performer medication patient requester subject",
        date="authoredon date",
    ),
    "MedicationStatement": _parameters(
        token="category code identifier status",
        reference="context medication part-of patient source subject",
        date="effective",
    ),
    "Observation": _parameters(
        token=(
            "category code combo-code combo-data-absent-reason combo-value-concept component-code"
            " component-data-absent-reason component-value-concept data-absent-reason identifier method status"
            " value-concept"
        ),
        reference=(
            "based-on derived-from device encounter focus has-member part-of patient performer specimen subject"
        ),
        date="date value-date",
        string="value-string",
        quantity="combo-value-quantity component-value-quantity value-quantity",
    ),
    "Patient": _parameters(
        token="active deceased email gender identifier language phone telecom",
        reference="general-practitioner link organization",
        date="birthdate death-date",
        string="address family given name phonetic",
    ),
    "Practitioner": _parameters(
        token="active communication email gender identifier phone telecom", string="address family given name phonetic"
    ),
    "PractitionerRole": _parameters(
        token="active email identifier phone role specialty telecom",
        reference="endpoint location organization practitioner service",
        date="date",
    ),
    "Procedure": _parameters(
        token="category code identifier reason-code status",
        reference="based-on encounter location part-of patient performer reason-reference subject",
        date="date",
    ),
    "RelatedPerson": _parameters(
        token="active email gender identifier phone relationship telecom",
        reference="patient",
        date="birthdate",
        string="address name phonetic",
    ),
    "ServiceRequest": _parameters(
        token="body-site category code identifier intent performer-type priority requisition status",
        reference="based-on encounter patient performer replaces requester specimen subject",
        date="authored occurrence",
    ),
    "Specimen": _parameters(
        token="accession bodysite container container-id identifier status type",
        reference="collector parent patient subject",
        date="collected",
    ),
}
