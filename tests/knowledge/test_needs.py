"""Needs, prefetch keys and resource types agree, and what the client left out is read."""

from __future__ import annotations

from cds_service.chart.needs import KEYS, NEEDS, keys_of, missing_reads
from cds_service.knowledge.prefetch import faults, uncovered, union

SEARCH = "Observation?patient={{context.patientId}}"


def test_every_key_serves_a_need_with_a_type_of_that_need() -> None:
    for key in KEYS.values():
        assert key.type in NEEDS[key.need]


def test_every_type_of_every_need_has_a_key() -> None:
    for need, types in NEEDS.items():
        assert {KEYS[key].type for key in keys_of(need)} == types


def test_what_the_client_left_out_is_read_and_null_counts_as_supplied() -> None:
    asked = {"patient": "Patient/{{context.patientId}}", "laboratory": SEARCH}
    assert missing_reads(asked, ["patient", "something-else"]) == {"laboratory": SEARCH}
    assert missing_reads(asked, asked) == {}


def test_the_union_of_needs_keeps_the_order_of_the_keys() -> None:
    queries = {"observations": {"observations": SEARCH, "laboratory": SEARCH}, "patient": {"patient": "Patient/x"}}
    assert list(union(["observations", "patient", "draft_orders"], queries)) == [
        "patient",
        "laboratory",
        "observations",
    ]


def test_a_need_without_a_query_is_named() -> None:
    assert uncovered({need: {"k": "q"} for need in NEEDS if need != "devices"}) == ["devices"]


def test_a_key_under_the_wrong_need_is_named() -> None:
    assert faults("laboratory", "reports", SEARCH) == ["'laboratory' serves 'observations', not 'reports'"]
