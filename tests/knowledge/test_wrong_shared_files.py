"""A mistake in a file that the cards share is named as one in a card is: place, what was found, what was allowed, nearest."""

from __future__ import annotations

import pytest

from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import load
from tests.knowledge.card_texts import (
    edited,
    find_rule,
    good_files,
    loaded,
    message,
)


@pytest.mark.parametrize(
    ("file", "right", "wrong", "expected"),
    [
        (
            "parameters",
            "why: Above it",
            "wy: Above it",
            "cards/parameters.yaml:7:3: 'wy' is not a key of a parameter; allowed: value, unit, also, substance, "
            "between, one_of, why, source, alternatives, reviewed, confirmed, fixed, common (nearest: why)",
        ),
        (
            "services",
            "required: [conditions, observations]",
            "required: [condition]",
            "cards/services.yaml:20:12: 'condition' is not a need that can be read; allowed: patient, conditions, "
            "observations, reports, procedures, medications, orders, allergies, devices, encounters (nearest: conditions)",
        ),
        (
            "override_reasons",
            "data-wrong, display",
            "data-wrong, dislpay",
            "cards/override_reasons.yaml:5:22: 'dislpay' is not a key of an override reason; allowed: name, display, "
            "code, system, source (nearest: display)",
        ),
        (
            "override_reasons",
            "usual: [already-done, data-wrong]",
            "usual: [already-done, data-wrng]",
            "cards/override_reasons.yaml:2:25: 'data-wrng' is not a reason; allowed: already-done, data-wrong "
            "(nearest: data-wrong)",
        ),
        (
            "override_reasons",
            "usual: [already",
            "data-wrong: [already",
            "cards/override_reasons.yaml:2:3: 'data-wrong' is the name of a reason",
        ),
        (
            "sources",
            'url: "https://example.org/guideline"',
            "url: example.org",
            "cards/sources.yaml:1:40: 'example.org' is not a web address; it begins with https://",
        ),
        (
            "sources",
            "a-label: {title",
            "a-label: {tilte",
            "cards/sources.yaml:2:11: 'tilte' is not a key of a source; allowed: title, url (nearest: title)",
        ),
        (
            "services",
            "[oxygen, calcium-watch]",
            "[oxygen, calcium-wacht]",
            "cards/calcium-watch.yaml:1:8: 'calcium-watch' has no place in the order of services.yaml "
            "(nearest: calcium-wacht)",
        ),
        (
            "services",
            "laboratory&_sort=-date",
            "laboratory&_sort=-dat",
            "cards/services.yaml:11:17: prefetch 'laboratory': _sort by '-dat': Observation has no such search "
            "parameter; did you mean 'date'?",
        ),
        (
            "services",
            '"Device?patient={{context.patientId}}"',
            '"Device?patient={{context.userId}}"',
            "cards/services.yaml:18:22: {{context.userId}} is a token that some clients do not fill; only "
            "{{context.patientId}} is used\n"
            "cards/services.yaml:18:22: the query must hold patient={{context.patientId}}",
        ),
        (
            "services",
            '{devices: "Device?',
            '{device: "Device?',
            "cards/services.yaml:18:21: 'device' is not a prefetch key that we know (nearest: devices)",
        ),
        (
            "services",
            '{conditions: "Condition?',
            '{conditions: "Observation?',
            "cards/services.yaml:9:28: 'conditions' stands for Condition: write "
            "Condition?patient={{context.patientId}}&...",
        ),
        (
            "value_sets",
            '"94222008"',
            '"94222009"',
            "cards/value_sets/laboratory.yaml:14:30: '94222009' is not a SNOMED CT code: its check digit is wrong",
        ),
        (
            "value_sets",
            "display: Calcium, verified: authoritative",
            "display: Calcium, verified: memory",
            "cards/value_sets/laboratory.yaml:5:68: a code that rests on 'memory' is not used: find a public source; "
            "allowed: authoritative, curated-list, public-use",
        ),
        (
            "value_sets",
            "includes: [calcium-total]",
            "includes: [calcium-totl]",
            "cards/value_sets/laboratory.yaml:10:14: 'calcium-totl' is not a value set; allowed: calcium-total, "
            "any-calcium (nearest: calcium-total)",
        ),
        (
            "value_sets",
            "includes: [calcium-total]",
            "includes: [any-calcium]",
            "cards/value_sets/laboratory.yaml:10:14: 'any-calcium' includes itself, by way of others or at once",
        ),
        (
            "value_sets",
            "units: [mmol/L, mg/dL]",
            "units: [mmol/L, mgg/dL]",
            "cards/value_sets/laboratory.yaml:6:49: 'mgg/dL' is not a unit that we know",
        ),
        (
            "value_sets",
            "bone met'",
            "bone (met'",
            "cards/value_sets/laboratory.yaml:16:10: '\\\\bbone (met' is not a regular expression: missing ), "
            "unterminated subpattern at position 7",
        ),
        (
            "value_sets",
            "- name: any-calcium",
            "- name: calcium-total",
            "cards/value_sets/laboratory.yaml:7:9: 'calcium-total' stands already in laboratory.yaml",
        ),
        (
            "value_sets",
            'code: "94222008"',
            "code: 94222008",
            "cards/value_sets/laboratory.yaml:14:30: 'code' is text, found the number 94222008: write it in quotes",
        ),
    ],
)
def test_a_wrong_file_beside_the_cards_is_named_alike(file: str, right: str, wrong: str, expected: str) -> None:
    names = {"value_sets": "value_sets/laboratory.yaml"}
    text = good_files()[names.get(file, f"{file}.yaml")]
    with pytest.raises(KnowledgeError) as error:
        loaded(**{file: edited(text, right, wrong)})
    assert message(error) == expected


def test_files_that_are_missing_are_named() -> None:
    with pytest.raises(KnowledgeError) as error:
        load({}, find=find_rule)
    assert message(error).splitlines() == [
        "cards/override_reasons.yaml: there is no such file",
        "cards/parameters.yaml: there is no such file",
        "cards/services.yaml: there is no such file",
        "cards/sources.yaml: there is no such file",
    ]
