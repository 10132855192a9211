"""Every mistake that an author can make is answered with one message: place, what was found, what was allowed, nearest."""

from __future__ import annotations

import pytest

from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import load
from cds_service.knowledge.yaml_source import read_yaml
from tests.knowledge.card_texts import (
    CARD,
    PARAMETERS,
    VALUE_SETS,
    edited,
    find_rule,
    good_files,
    loaded,
    message,
)

CARDS = [
    (
        "suggestions:\n  bis",
        "passed:\n  nrmal: It is not.\nsuggestions:\n  bis",
        "38:3: 'nrmal' is neither a message nor under 'silent'; allowed: normal, too_old, high (nearest: normal)",
    ),
    (
        "    indicator: critical",
        "    indicater: critical",
        "29:5: 'indicater' is not a key of a message; allowed: indicator, summary, do, check (nearest: indicator)",
    ),
    (
        "    indicator: critical",
        "    indicator: critcal",
        "29:16: 'indicator' cannot be 'critcal'; allowed: info, warning, critical (nearest: critical)",
    ),
    ("    indicator: critical\n", "", "29:5: a message needs 'indicator'"),
    ("title: Calcium is", "title: Twice\ntitle: Calcium is", "3:1: 'title' stands twice; the first is on line 2"),
    ("owner: acute oncology", "owner: 17", "6:8: 'owner' is text, found the number 17: write it in quotes"),
    ("version: 1.0.0", "version: 1.0", "5:10: 'version' is text, found the number 1.0: write it in quotes"),
    (
        "reviewed: 2026-11-21\npurpose",
        "reviewed: 2026-13-21\npurpose",
        "7:11: 'reviewed' is '2026-13-21'; write a date such as 2026-11-21",
    ),
    (
        "purpose: Finds high",
        "purpose: Finds: high",
        "8:15: not readable as YAML: mapping values are not allowed in this context",
    ),
    (
        "hooks: [patient-view]",
        "hooks: [patient-veiw]",
        "13:9: no service answers the hook 'patient-veiw'; allowed: patient-view, order-sign (nearest: patient-view)",
    ),
    (
        "needs: [patient, observations]",
        "needs: [patient, observation]",
        "14:18: 'observation' is not a need; allowed: patient, conditions, observations, reports, procedures, "
        "medications, orders, allergies, devices, encounters, draft_orders, red_flags (nearest: observations)",
    ),
    (
        "red_flag: true",
        "red_flag: [order-sign]",
        "12:12: 'order-sign' is not a hook of this card; allowed: patient-view",
    ),
    (
        "needs: [patient, observations]",
        "needs: [patient, observations, red_flags]",
        "12:11: a card that asks after the red flags cannot be one of them",
    ),
    (
        "rule: watch_calcium",
        "rule: watch_calcum",
        "3:7: there is no rule 'watch_calcum'; allowed: watch_calcium (nearest: watch_calcium)",
    ),
    (
        "topic: calcium-watch",
        "topic: calcium-wach",
        "1:8: the topic is 'calcium-wach', the file's name says 'calcium-watch'",
    ),
    (
        "  points: {value: 7,",
        "  points: {value: 12,",
        "22:19: 'points': 12 points lies outside 6 to 9 points; a wider range needs clinical sign-off",
    ),
    (
        "also: {mg/dL: 12.0}",
        "also: {mg/dL: 120}",
        "18:21: 'treat_at': 120 mg/dL and 3 mmol/L are not the same limit: 3 mmol/L is 12.02 mg/dL",
    ),
    ("3.00, unit: mmol/L", "3.00, unit: mmol/X", "18:21: 'treat_at': 'mmol/X' is not a unit that we know"),
    (
        "value: denosumab, one_of",
        "value: denosumap, one_of",
        "24:22: 'preferred': 'denosumap' is not among the allowed values; allowed: denosumab, zoledronic-acid "
        "(nearest: denosumab)",
    ),
    (
        "{shared: calcium_upper_limit}",
        "{shared: calcium_uper_limit}",
        "19:25: 'calcium_uper_limit' is not in parameters.yaml; allowed: calcium_upper_limit "
        "(nearest: calcium_upper_limit)",
    ),
    (
        "unit: d, between: [1, 14]",
        "unit: d",
        "20:16: 'age': it needs 'between': the range that a site may choose from",
    ),
    ("slope: {value: 0.02,", "slope: {value: high,", "23:18: 'slope': 'high' is not a number"),
    ('code: "77655"', "code: 77655", "46:45: a code is text, found the number 77655: write it in quotes"),
    ('"17861-6"', '"17861-7"', "58:49: '17861-7' is not a LOINC code: its check digit is wrong"),
    (
        "priority: urgent",
        "priorty: urgent",
        "57:11: not a valid ServiceRequest: 'priorty' is not an element of it (nearest: priority)",
    ),
    (
        "resourceType: ServiceRequest",
        "resourceType: CarePlan",
        "56:25: a suggestion does not create 'CarePlan'; allowed: ServiceRequest, MedicationRequest, Task",
    ),
    (
        'end: "{now + age}"',
        'end: "{now + points}"',
        "56:11: {now + points} adds 'points', which is not a span among the parameters; allowed: age",
    ),
    (
        "**{calcium}**",
        "**{cal cium}**",
        "31:10: {cal cium} is no placeholder; write {word}, {word.value}, {word.unit}, {now} or {now + parameter}",
    ),
    ("**{calcium}**", "**{calcium**", "31:10: a brace stands alone; braces hold placeholders only"),
    (
        "[already-done, data-wrong]",
        "[already-done, data-wrng]",
        "70:34: 'data-wrng' is not an override reason; allowed: usual, already-done, data-wrong (nearest: data-wrong)",
    ),
    (
        "{id: a-guideline, says: Treat it.}",
        "{id: a-guidline, says: Treat it.}",
        "16:5: 'a-guidline' is not in sources.yaml; allowed: a-guideline, a-label, a-manual, a-paper, a-score, "
        "another-manual, seed (nearest: a-guideline)",
    ),
    (
        "{id: a-guideline, says: Treat it.}",
        "{id: a-guideline, title: Treat it.}",
        "16:23: 'title' is not a key of a citation; allowed: id, says",
    ),
    (
        "why: Stale., source: seed",
        "why: Stale., source: sead",
        "20:67: 'age': 'sead' is not in sources.yaml; allowed: a-guideline, a-label, a-manual, a-paper, a-score, "
        "another-manual, seed (nearest: seed)",
    ),
    (
        "        delete: draft",
        "        delete: draft\n        update: draft",
        "67:9: an action is exactly one of create, delete and update, found delete and update",
    ),
    (
        "set: {dosageInstruction:",
        "set: {dosageInstrution:",
        "66:15: fits neither a MedicationRequest nor a ServiceRequest: 'dosageInstrution' is not an element of it "
        "(nearest: dosageInstruction)",
    ),
    (
        '"Calcium {calcium}: treat at {treat_at}"',
        "x" * 150,
        "30:14: the summary has 150 characters without its placeholders; 110 are the most",
    ),
    (
        "owner: acute oncology",
        "owner: !!python/name:os.system acute",
        "6:8: the tag 'tag:yaml.org,2002:python/name:os.system' is not used here",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "expected"), CARDS)
def test_a_wrong_card_is_named_with_line_and_column(right: str, wrong: str, expected: str) -> None:
    with pytest.raises(KnowledgeError) as error:
        loaded(card=edited(CARD, right, wrong))
    assert message(error) == f"cards/calcium-watch.yaml:{expected}"


def test_a_misspelt_parameter_is_reported_with_what_the_rule_needs() -> None:
    with pytest.raises(KnowledgeError) as error:
        loaded(card=edited(CARD, "  age: {value: 7", "  agee: {value: 7"))
    assert message(error).splitlines() == [
        "cards/calcium-watch.yaml:17:1: the rule 'watch_calcium' needs the parameter 'age' (Span)",
        "cards/calcium-watch.yaml:20:3: 'agee' is not a parameter of the rule 'watch_calcium', and no text of the card "
        "holds it; allowed: treat_at, upper_limit, age, dose, points, slope, preferred, alarming, primaries "
        "(nearest: age)",
    ]


def test_all_mistakes_of_all_files_are_reported_at_once() -> None:
    with pytest.raises(KnowledgeError) as error:
        loaded(
            card=edited(CARD, "indicator: critical", "indicator: critcal"),
            parameters=edited(PARAMETERS, "why: Above", "wy: Above"),
            value_sets=edited(VALUE_SETS, '"94222008"', '"94222009"'),
        )
    assert [each.file for each in error.value.errors] == [
        "cards/calcium-watch.yaml",
        "cards/parameters.yaml",
        "cards/value_sets/laboratory.yaml",
    ]


@pytest.mark.parametrize("name", sorted(name for name in good_files() if not name.startswith("sites/")))
@pytest.mark.parametrize("text", ["", "[]", "- 1", "just words", "{", "\t", "a: 1\n---\nb: 2", "? [a]\n: b", "\x00"])
def test_nonsense_in_any_file_is_refused_and_never_crashes(name: str, text: str) -> None:
    files = good_files() | {name: text}
    if name.startswith(("value_sets/", "examples/")) and text == "[]":
        load(files, find=find_rule)  # a file without sets or examples is a file without mistakes
        return
    if name == "override_reasons.yaml" and text == "[]":
        text = "nothing"  # an empty list is fine in itself, the card that uses it is not
    with pytest.raises(KnowledgeError):
        load(files | {name: text}, find=find_rule)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("topic: " + "[" * 100_000, "1:48"),
        ("topic: x\ntitle: " + "{a: " * 100_000, "2:168"),
        ("- " * 100_000, "1:83"),
        ("topic:\n" + "".join(f"{' ' * depth}a:\n" for depth in range(1, 60)), "42:42"),
    ],
)
def test_a_hundred_thousand_brackets_are_refused_with_their_place(text: str, place: str) -> None:
    with pytest.raises(KnowledgeError) as error:
        loaded(card=text)
    assert message(error) == f"cards/calcium-watch.yaml:{place}: not readable as YAML: nested more than 40 deep"


def test_a_number_of_five_thousand_digits_is_text() -> None:
    assert read_yaml("x.yaml", "a: " + "9" * 5000).data == {"a": "9" * 5000}


def test_anchors_are_refused_so_that_nothing_is_changed_in_two_places_unseen() -> None:
    with pytest.raises(KnowledgeError) as error:
        loaded(
            card=edited(
                edited(CARD, "title: Calcium is watched", "title: &words Calcium"),
                "owner: acute oncology",
                "owner: *words",
            )
        )
    assert "anchors (&, *) are not used here" in message(error)
