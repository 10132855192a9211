"""Prefetch templates: what they become for a context, and which ones CDS Hooks 3.0 does not recommend."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.hooks.prefetch import Unfillable, fill, fill_missing, lint, lint_all, tokens

CONTEXT = {
    "userId": "Practitioner/dr-1",
    "patientId": "p-1",
    "encounterId": "e-1",
    "draftOrders": {"resourceType": "Bundle"},
    "amount": 3,
    "urgent": True,
}
TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("Patient/{{context.patientId}}", "Patient/p-1"),
        ("Patient/{{ context.patientId }}", "Patient/p-1"),
        ("Condition?patient={{context.patientId}}&category=problem-list-item", None),
        ("Encounter/{{context.encounterId}}", "Encounter/e-1"),
        ("Practitioner/{{userPractitionerId}}", "Practitioner/dr-1"),
        ("Observation?patient={{context.patientId}}&date=ge{{today() - 90 days}}", None),
        ("Observation?date=ge{{today()}}", "Observation?date=ge2026-03-31"),
        ("Observation?date=ge{{today() - 1 day}}", "Observation?date=ge2026-03-30"),
        ("Observation?date=lt{{today() + 2 weeks}}", "Observation?date=lt2026-04-14"),
        ("Observation?date=ge{{today() - 1 month}}", "Observation?date=ge2026-02-28"),
        ("Observation?date=ge{{today() - 3 years}}", "Observation?date=ge2023-03-31"),
        ("Observation?x={{context.amount}}&y={{context.urgent}}", "Observation?x=3&y=true"),
        ("metadata", "metadata"),
    ],
)
def test_a_template_is_filled_from_the_context(template: str, filled: str | None) -> None:
    expected = filled or template.replace("{{context.patientId}}", "p-1").replace("{{today() - 90 days}}", "2025-12-31")
    assert fill(template, CONTEXT, today=TODAY) == expected


def test_a_value_cannot_add_a_parameter_to_the_query() -> None:
    filled = fill("Condition?patient={{context.patientId}}", {"patientId": "1&_include=*"})
    assert filled == "Condition?patient=1%26_include%3D%2A"
    assert parse_qsl(urlsplit(filled).query) == [("patient", "1&_include=*")]


@pytest.mark.parametrize("hostile", ["1,2", "1|2", "1$2", "1\\,2"])
def test_a_value_cannot_become_two_values_of_a_fhir_search(hostile: str) -> None:
    value = parse_qsl(fill("Condition?patient={{context.patientId}}", {"patientId": hostile}).split("?")[1])[0][1]
    unescaped = value.replace("\\\\", "").replace("\\,", "").replace("\\|", "").replace("\\$", "")
    assert not set(unescaped) & set(",|$")


@pytest.mark.parametrize(
    ("identifier", "path"),
    [
        ("a/b", "Patient/a%2Fb"),
        ("a?b", "Patient/a%3Fb"),
        ("a#b", "Patient/a%23b"),
        ("a%2Fb", "Patient/a%252Fb"),
        ("é-1", "Patient/%C3%A9-1"),
        ("a b", "Patient/a%20b"),
        ("a\r\nHost: x", "Patient/a%0D%0AHost%3A%20x"),
        ("1..2", "Patient/1..2"),
        ("Patient/1", "Patient/1"),
    ],
)
def test_an_id_stays_one_segment_of_the_path(identifier: str, path: str) -> None:
    assert fill("Patient/{{context.patientId}}", {"patientId": identifier}) == path


@pytest.mark.parametrize("identifier", ["..", ".", "../Practitioner", "1/../../admin", "a\\..\\b", "Patient/.."])
def test_an_id_that_walks_up_the_path_is_refused(identifier: str) -> None:
    with pytest.raises(Unfillable, match="would change the path"):
        fill("Patient/{{context.patientId}}", {"patientId": identifier})


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_any_value_comes_back_whole_from_a_query_and_brings_nothing_along(value: str) -> None:
    filled = fill("Basic?x={{context.x}}&y=1", {"x": value})
    assert filled.isascii()
    pairs = parse_qsl(urlsplit(filled).query, keep_blank_values=True)
    assert [name for name, _ in pairs] == ["x", "y"]
    assert _without_fhir_escapes(pairs[0][1]) == value


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_any_value_is_one_segment_of_a_path_or_refused(value: str) -> None:
    try:
        filled = fill("Basic/{{context.x}}", {"x": value})
    except Unfillable:
        assert {".", ".."} & set(value.replace("\\", "/").split("/"))
        return
    parts = urlsplit(filled)
    assert parts.query == parts.fragment == parts.netloc == ""
    assert parts.path.count("/") == 1
    assert unquote(parts.path.split("/")[1]) == value


def _without_fhir_escapes(text: str) -> str:
    out, rest = "", iter(text)
    for character in rest:
        out += next(rest) if character == "\\" else character
    return out


@pytest.mark.parametrize(
    ("template", "context", "why"),
    [
        ("Patient/{{context.patientId}}", {}, "no value"),
        ("Patient/{{context.patientId}}", {"patientId": None}, "no value"),
        ("Patient/{{context.patientId}}", {"patientId": ""}, "no value"),
        ("Patient/{{context.patientId}}", {"patientId": "x" * 600}, "longer than"),
        ("Patient/{{context.patientId}}", {"patientId": "\ud800"}, "Unicode"),
        ("Patient/{{userPatientId}}", CONTEXT, "no value"),
        ("Patient/{{userPatientId}}", {}, "no value"),
        ("Patient/{{userPatientId}}", {"userId": 3}, "no value"),
        ("List/{{context.draftOrders}}", CONTEXT, "not a primitive"),
        ("List/{{context.draftOrders.entry[0].id}}", CONTEXT, "cannot? be filled|not a token"),
        ("Patient/{{%patient.id}}", CONTEXT, "not a token"),
        ("Patient/{{context.patientId", CONTEXT, "not closed"),
        ("Observation?date=ge{{today()}}", CONTEXT, "needs today"),
        ("Observation?date=ge{{today() - 9999 years}}", CONTEXT, "calendar|today"),
    ],
)
def test_a_token_without_a_usable_value_is_refused_with_its_reason(
    template: str, context: dict[str, object], why: str
) -> None:
    today = TODAY if "9999" in template else None
    with pytest.raises(Unfillable, match=why):
        fill(template, context, today=today)


def test_a_refusal_never_quotes_the_value() -> None:
    with pytest.raises(Unfillable) as refused:
        fill("Patient/{{context.patientId}}", {"patientId": "secret/../secret"})
    assert "secret" not in str(refused.value)


def test_only_keys_that_the_client_did_not_supply_are_read() -> None:
    templates = {
        "patient": "Patient/{{context.patientId}}",
        "conditions": "Condition?patient={{context.patientId}}",
        "visit": "Encounter/{{context.encounterId}}",
    }
    reads, unfillable = fill_missing(templates, {"patient"}, {"patientId": "p-1"})
    assert reads == {"conditions": "Condition?patient=p-1"}
    assert list(unfillable) == ["visit"]
    assert "context.encounterId" in unfillable["visit"]


def test_tokens_are_listed_in_their_order() -> None:
    assert tokens("A/{{ context.b }}?c={{today()}}") == ("context.b", "today()")


@pytest.mark.parametrize(
    "template",
    [
        "Patient/{{context.patientId}}",
        "Condition?patient={{context.patientId}}",
        "Condition?patient={{context.patientId}}&clinical-status=active,recurrence",
        "Condition?patient={{context.patientId}}&code:in=http://example.org/ValueSet/bone",
        "Observation?patient={{context.patientId}}&category=laboratory&date=ge{{today() - 90 days}}&_sort=-date",
        "Observation?patient={{context.patientId}}&code=http://loinc.org|17861-6",
        "Observation?subject=Patient/{{context.patientId}}&date=2026-03",
        "MedicationRequest?patient={{context.patientId}}&status=active&_sort=-authoredon",
        "Procedure?patient={{context.patientId}}&_maxresults=50",
        "Practitioner/{{userPractitionerId}}",
        "Patient?_id={{context.patientId}}&_lastUpdated=gt2026-01-01",
    ],
)
def test_a_recommended_template_is_accepted(template: str) -> None:
    assert lint("key", template, fields={"patientId", "userId", "encounterId"}) == []


@pytest.mark.parametrize(
    ("template", "complaint"),
    [
        ("Patient/{{context.patient}}", "did you mean 'patientId'"),
        ("Patient/{{patientId}}", "neither context"),
        ("Patient/{{userPractionerId}}", "did you mean 'userPractitionerId'"),
        ("Patient/{context.patientId}", "brace"),
        ("Patient/{{context.patientId", "brace"),
        ("Patient/{{context.draftOrders}}", "no primitive field"),
        ("Patient/{{context.draftOrders.entry[0].resource.id}}", "neither context"),
        ("Patient/{{%conditions.subject}}", "depends on another key"),
        ("Observation?patient={{context.patientId}}&date=ge{{now()}}", "neither context"),
        ("https://fhir.example.org/Patient/1", "relative"),
        ("/Patient/1", "relative"),
        ("patient/1", "not a resource type"),
        ("Observations?patient=1", "did you mean 'Observation'"),
        ("Patient", "must be a read"),
        ("Patient/1/$everything", "must be a read"),
        ("Patient/1/_history/2", "must be a read"),
        ("Patient/{{context.patientId}}/Condition?code=1", "neither a read"),
        ("Condition?patient={{context.patientId}}&_include=Condition:subject", "'_include' is not a recommended"),
        ("Condition?patient={{context.patientId}}&_revinclude=Provenance:target", "not a recommended"),
        ("Condition?patient={{context.patientId}}&_elements=code", "not a recommended"),
        ("Condition?patient={{context.patientId}}&_summary=true", "not a recommended"),
        ("Condition?patient={{context.patientId}}&code:not=1", "only ':in'"),
        ("Condition?patient={{context.patientId}}&code:text=bone", "only ':in'"),
        ("Condition?patient={{context.patientId}}&code:below=1", "only ':in'"),
        ("Condition?subject:Patient={{context.patientId}}", "only ':in'"),
        ("Condition?patient:in={{context.patientId}}", "only ':in'"),
        ("Condition?patient.name=x", "chains"),
        ("Patient?_has:Observation:patient:code=1", "chains"),
        ("Condition?clinical_status=active", "did you mean 'clinical-status'"),
        ("Patient?name=x", "string parameter"),
        ("Observation?value-quantity=gt3", "quantity parameter"),
        ("Observation?date=ne2026-01-01", "prefix 'ne'"),
        ("Observation?date=sa2026-01-01", "prefix 'sa'"),
        ("Observation?date=yesterday", "must be a date"),
        ("Observation?date=ge2026-01-01&date=le2026-03-01", "occurs twice"),
        ("Observation?_count=all", "whole number"),
        ("Observation?_count=0", "whole number"),
        ("Observation?_sort=-effective", "no such search parameter"),
        ("Observation?patient=", "has no value"),
        ("Observation?patient", "has no value"),
    ],
)
def test_a_template_outside_the_recommendation_is_reported(template: str, complaint: str) -> None:
    found = lint("labs", template, fields={"patientId", "userId", "encounterId"})
    assert any(complaint in line for line in found), found
    assert all(line.startswith("prefetch 'labs': ") for line in found)


def test_what_passes_the_lint_can_be_filled() -> None:
    template = "Observation?patient={{context.patientId}}&date=ge{{today() - 2 years}}&_sort=-date"
    assert not lint("labs", template)
    assert fill(template, CONTEXT, today=TODAY).endswith("date=ge2024-03-31&_sort=-date")


def test_two_keys_with_one_query_are_reported() -> None:
    same = "Condition?patient={{context.patientId}}"
    assert lint_all({"a": same, "b": same}) == ["prefetch 'b': asks for the same as 'a'; keep one of the two"]
    assert lint_all({"a": same}) == []
