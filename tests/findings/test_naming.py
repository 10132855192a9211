"""What a card calls a finding."""

from __future__ import annotations

from cds_service.findings.finding import called
from tests.findings.results import medicine, result
from tests.findings.scenes import condition, scene

FILM = {"report": "chest-x-ray", "when": "1 d", "conclusion": "Cannonball lesions. Left pleural effusion."}


def test_a_problem_goes_by_its_own_name() -> None:
    case = scene(FILM, condition("lung-metastasis"))
    assert called(case, (*case.reports, *case.conditions)) == "lung metastases"


def test_a_report_is_called_by_the_most_telling_thing_that_it_states() -> None:
    film = scene(FILM)
    assert called(film, tuple(film.reports)) == "cannonball lesions (chest X-ray)"
    generic = scene({"report": "ct-chest", "when": "1 d", "conclusion": "Metastatic disease."})
    assert called(generic, tuple(generic.reports)).startswith("metastasis (")


def test_an_m1_category_is_called_metastatic_disease_whatever_its_words() -> None:
    case = scene({"observation": "m-category", "string": "cM1"})
    assert called(case, tuple(case.observations)) == "metastatic disease (M1)"


def test_nothing_has_no_name() -> None:
    assert called(scene(), ()) == ""


def test_a_problem_that_is_not_confirmed_is_called_suspected_once() -> None:
    provisional = scene(condition("lung-metastasis", verification="provisional"))
    assert called(provisional, tuple(provisional.conditions)) == "suspected lung metastases"
    in_words = scene(condition("bone-metastasis", text="?bone mets"))
    assert called(in_words, tuple(in_words.conditions)) == "suspected bone metastases"


def test_an_m1_category_without_words_is_called_metastatic_disease() -> None:
    case = scene({"observation": "m-category", "answer": "m1"})
    assert called(case, tuple(case.observations)) in {
        "metastatic disease (M1)",
        *(fact.text for fact in case.observations),
    }


def test_a_result_without_words_goes_by_its_category_else_by_its_label() -> None:
    case = scene()
    assert called(case, (result("m-category", answers=frozenset({"m1"})),)) == "metastatic disease (M1)"
    assert called(case, (result("m-category"),)) == "m-category"
    assert called(case, (medicine("denosumab", text="Denosumab 120 mg"),)) == "denosumab"


def test_what_a_report_only_suspects_is_called_suspected() -> None:
    doubted = scene(
        {"report": "ct-chest-contrast", "when": "1 d", "conclusion": "Lesions suspicious for lung metastases."}
    )
    assert called(doubted, tuple(doubted.reports)).startswith("suspected lung metastasis (")
    unspoken = scene({"report": "ct-chest-contrast", "when": "1 d", "conclusion": "Normal study."})
    assert "suspected" not in called(unspoken, tuple(unspoken.reports))
