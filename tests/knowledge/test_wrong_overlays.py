"""Every mistake in a site's overlay, and in a setting of the command line, is answered with one message, as in the card files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.knowledge.errors import KnowledgeError
from cds_service.service.knowledge_files import load_knowledge
from tests.knowledge.card_texts import SITE, edited, loaded, message


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [
        (
            "treat_at: 3.1 mmol/L",
            "treat_att: 3.1 mmol/L",
            "5:5: 'treat_att' is not a parameter of 'calcium-watch'; allowed: treat_at, upper_limit, age, dose, "
            "points, slope, preferred, alarming, primaries (nearest: treat_at)",
        ),
        (
            "treat_at: 3.1 mmol/L",
            "treat_at: 3.1",
            "5:15: 'treat_at': 3.1 has no unit; write it with one, such as '3 mmol/L'",
        ),
        (
            "treat_at: 3.1 mmol/L",
            "treat_at: 9 mmol/L",
            "5:15: 'treat_at': 9 mmol/L lies outside 2.8 to 3.3 mmol/L; a wider range needs clinical sign-off",
        ),
        (
            "treat_at: 3.1 mmol/L",
            "treat_at: 31 mg",
            "5:15: 'treat_at': cannot turn 'mg' into 'mmol/L' of calcium: no factor joins them",
        ),
        (
            "preferred: zoledronic-acid",
            "preferred: zoledronate",
            "6:16: 'preferred': 'zoledronate' is not among the allowed values; allowed: denosumab, zoledronic-acid "
            "(nearest: zoledronic-acid)",
        ),
        (
            "  calcium-watch:\n",
            "  calcium-wach:\n",
            "4:3: 'calcium-wach' is not a topic; allowed: shared, services, calcium-watch (nearest: calcium-watch)",
        ),
        (
            "{calcium-watch: silent}",
            "{calcium-watch: off}",
            "12:25: 'calcium-watch' cannot be 'off'; allowed: draft, silent, active, retired",
        ),
        ("calcium: [mg/dL]", "calcium: [mg/L2]", "11:27: 'mg/L2' is not a unit that we know"),
        ("title: Example", "title:\n\tExample", "3:1: not readable as YAML: indented by a tab: use spaces"),
        (
            "title: Example",
            "title: Example\b",
            "2:15: not readable as YAML: the character U+0008 is not allowed in a text",
        ),
        (
            "{calcium-watch: silent}",
            "[calcium-watch]",
            "12:9: 'status' cannot be a list: it is a mapping of keys",
        ),
        (
            "title: Example",
            "titel: Example",
            "2:1: 'titel' is not a key of a site's file; allowed: site, title, "
            "parameters, display_units, status, orderables, code_systems, value_sets, words, for_whom, translations, "
            "order, confirmed (nearest: title)",
        ),
    ],
)
def test_a_wrong_overlay_is_named_alike(right: str, wrong: str, expected: str) -> None:
    with pytest.raises(KnowledgeError) as error:
        loaded(overlay="sites/example.yaml", site=edited(SITE, right, wrong))
    assert message(error) == f"cards/sites/example.yaml:{expected}"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("x", "write topic.parameter=value, such as hypercalcaemia.treat_at='3.1 mmol/L'"),
        (
            "calcium-wach.age=3 d",
            "'calcium-wach' is not a topic; allowed: shared, services, calcium-watch (nearest: calcium-watch)",
        ),
        (
            "calcium-watch.point=7",
            "'point' is not a parameter of 'calcium-watch'; allowed: treat_at, upper_limit, age, dose, points, slope, "
            "preferred, alarming, primaries (nearest: points)",
        ),
        (
            "calcium-watch.points=17",
            "'points': 17 points lies outside 6 to 9 points; a wider range needs clinical sign-off",
        ),
        ("calcium-watch.age=7", "'age': '7' has no unit; write it with one, such as '7 days'"),
        ("calcium-watch.points=7 lesions", "'points': '7 lesions' is in 'lesions', the parameter is in 'points'"),
        ("calcium-watch.alarming=perhaps", "'alarming': 'perhaps' is not true or false"),
    ],
)
def test_a_wrong_setting_is_named_without_a_line(setting: str, expected: str) -> None:
    with pytest.raises(KnowledgeError) as error:
        loaded(settings=(setting,))
    assert message(error) == f"--set {setting}: {expected}"


def test_an_overlay_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(KnowledgeError) as error:
        loaded(overlay="sites/exmple.yaml")
    assert message(error) == "cards/sites/exmple.yaml: there is no such file; allowed: sites/example.yaml"


def test_a_mistake_in_a_sites_file_elsewhere_names_that_file(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text("site: trial\ntitle: Trial\nparameters:\n  oxygen:\n    warn_below: {value: 94}\n")
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(site=file)
    assert str(caught.value).startswith(f"{file}:5:")


def test_an_overlay_that_is_no_file_is_named_as_it_was_given(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError) as caught:
        load_knowledge(site=tmp_path / "trail.yaml")
    assert str(caught.value).startswith(f"{tmp_path}/trail.yaml: there is no such file, and none of the card files")
