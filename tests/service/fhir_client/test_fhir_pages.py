"""Pages of one search as one Bundle."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.service.fhir_client.answers import Failed, Fetched, Got, Refused, reasons
from cds_service.service.fhir_client.pages import NotFhirJson, merge, read_header
from tests.service.fhir_client.fhir_stub import bundle


def body(page: dict[str, Any]) -> bytes:
    return json.dumps(page).encode()


def ids(value: bytes) -> list[str]:
    return [entry["resource"]["id"] for entry in json.loads(value)["entry"]]


def test_one_page_is_handed_on_byte_for_byte() -> None:
    page = body(bundle("1"))
    assert merge({}, {"labs": Got((page,))})["labs"] is page


def test_pages_become_one_bundle_of_all_entries_in_order() -> None:
    pages = (body(bundle("1", "2", following="x")), body(bundle(following="y")), body(bundle("3")))
    merged = json.loads(merge({}, {"labs": Got(pages)})["labs"])
    assert merged["resourceType"] == "Bundle"
    assert [entry["resource"]["id"] for entry in merged["entry"]] == ["1", "2", "3"]
    assert "link" not in merged


def test_an_entry_keeps_its_numbers_as_written() -> None:
    first = b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Observation","v":3.10}}]}'
    assert b"3.10" in merge({}, {"labs": Got((first, body(bundle("2"))))})["labs"]


def test_a_search_that_was_cut_short_says_that_there_is_more() -> None:
    pages = (body(bundle("1", following="x")), body(bundle("2", following="y")))
    merged = json.loads(merge({}, {"labs": Got(pages, cut_short="page-bound")})["labs"])
    assert merged["link"] == [{"relation": "next"}]
    assert len(merged["entry"]) == 2


def test_one_page_that_was_cut_short_keeps_or_gets_a_next_link() -> None:
    page = body(bundle("1", following="x"))
    assert merge({}, {"labs": Got((page,), cut_short="timeout")})["labs"] is page
    narrowed = json.loads(merge({}, {"labs": Got((body(bundle("1")),), cut_short="scope")})["labs"])
    assert narrowed["link"] == [{"relation": "next"}]
    assert len(narrowed["entry"]) == 1


def test_a_resource_and_an_operation_outcome_are_handed_on_as_they_are() -> None:
    patient, outcome = b'{"resourceType":"Patient","id":"1"}', b'{"resourceType":"OperationOutcome","issue":[]}'
    merged = merge({}, {"patient": Got((patient,), cut_short="scope"), "labs": Got((outcome,), status=404)})
    assert merged == {"patient": patient, "labs": outcome}


def test_a_page_whose_entries_are_no_list_makes_the_bundle_incomplete() -> None:
    pages = (body(bundle("1", following="x")), b'{"resourceType":"Bundle","entry":{"resource":1}}')
    merged = json.loads(merge({}, {"labs": Got(pages)})["labs"])
    assert merged["link"] == [{"relation": "next"}]
    assert len(merged["entry"]) == 1


def test_what_the_client_sent_stays_and_what_failed_stays_absent() -> None:
    fetched: dict[str, Fetched] = {
        "labs": Failed("timeout"),
        "orders": Refused("not-allowed"),
        "patient": Got((b'{"resourceType":"P"}',)),
    }
    assert merge({"conditions": b"null"}, fetched) == {"conditions": b"null", "patient": b'{"resourceType":"P"}'}


def test_each_key_that_brought_nothing_has_its_reason_in_words() -> None:
    fetched: dict[str, Fetched] = {
        "a": Failed("timeout"),
        "b": Refused("not-allowed"),
        "c": Failed("status", 503),
        "d": Got((b"{}",)),
    }
    assert reasons(fetched) == {
        "a": "the FHIR server did not answer in time",
        "b": "the FHIR server is not on this service's list",
        "c": "the FHIR server answered with an error (status 503)",
    }


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b'"Bundle"',
        b"{}",
        b'{"resourceType":1}',
        b'{"resourceType":"Bundle"',
        b'{"resourceType":"Bundle","total":NaN}',
        b'{"resourceType":"Bundle"} {"resourceType":"Bundle"}',
        b'{"resourceType":"Bundle","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
)
def test_what_is_no_resource_is_refused(text: bytes) -> None:
    with pytest.raises(NotFhirJson):
        read_header(text)


@pytest.mark.parametrize(
    "link", ["null", "{}", "3", "[]", "[null]", '[{"relation":"next"}]', '[{"relation":"next","url":3}]']
)
def test_an_odd_link_is_no_next_page(link: str) -> None:
    assert read_header(b'{"resourceType":"Bundle","link":' + link.encode() + b"}").next_link is None


def test_only_a_bundle_has_a_next_page() -> None:
    patient = b'{"resourceType":"Patient","link":[{"relation":"next","url":"x"}]}'
    assert read_header(patient).next_link is None
    assert read_header(body(bundle(following="x"))).next_link == "x"
