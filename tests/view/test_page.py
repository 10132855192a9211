"""What the open view says, and the referral that is made of it."""

from __future__ import annotations

import html
import re

import pytest
import requests
from fhir.resources.R4B.bundle import Bundle

from tests.view.conftest import CORD, HARD, Service

FIVE = (CORD, HARD, "oligometastatic-three-lesions-ecog-1", "no-cancer-back-pain", "calcium-gt-15-string")


@pytest.fixture(scope="module", params=FIVE)
def view(service: Service, request: pytest.FixtureRequest) -> tuple[str, requests.Session, requests.Response]:
    browser, page = service.opened(request.param)
    assert page.status_code == 200
    return request.param, browser, page


def test_every_page_has_its_parts_and_nothing_of_another_host(
    view: tuple[str, requests.Session, requests.Response],
) -> None:
    _, _, page = view
    for part in ("now", "course", "disease", "scores", "flags", "why", "gaps"):
        assert f'<section id="{part}"' in page.text
    loaded = re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]+)"', page.text)
    assert loaded and all(address.startswith("../../smart/static/") for address in loaded)
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=|\sstyle=", page.text)
    assert not re.search(r">\s*None\s*<|, None|\(None|object at 0x", page.text)


def test_every_referral_is_a_valid_document(view: tuple[str, requests.Session, requests.Response]) -> None:
    name, browser, page = view
    made = browser.get(page.url + "mdt.json", timeout=30)
    bundle = Bundle.model_validate(made.json())
    composition = bundle.entry[0].resource
    assert (bundle.type, composition.get_resource_type()) == ("document", "Composition")
    assert bundle.identifier is not None and bundle.timestamp is not None
    within = {entry.fullUrl for entry in bundle.entry}
    assert {composition.subject.reference, composition.author[0].reference} <= within
    assert bundle.entry[1].resource.id == name
    assert all(section.text.div for section in composition.section)


def test_the_hard_patient_is_referred_as_a_registrar_would(service: Service) -> None:
    browser, page = service.opened(HARD)
    answer = browser.get(page.url + "mdt", timeout=30)
    (text,) = re.findall(r'data-copy="([^"]*)"', answer.text)
    said = html.unescape(text)
    for line in (
        "breast cancer, metastatic to bone and lung. ECOG 3",
        "Local and systemic treatment of breast cancer, metastatic to bone and lung, at ECOG 3",
        "not waiting for the board: suspected spinal cord compression, hypercalcaemia, low oxygen saturation.",
        "\n- Secondary malignant neoplasm of bone (",
        "\n- Invasive ductal carcinoma, grade 2. (",
        "Suspected spinal cord compression: yes (urinary retention, ",
        "Hypercalcaemia: yes (calcium 3.36 mmol/L, ",
        "\n- Hydrochlorothiazide (",
        "Calcium 3.58 mmol/L, corrected; measured 3.36 mmol/L, albumin 29 g/L",
        "Creatinine clearance: 26.1 mL/min",
        "Denosumab: given",
    ):
        assert line in said
    assert said.index("QUESTION TO THE BOARD") < said.index("IMAGING")
    assert "STAGE\n- Not on record." in said


def test_a_board_is_asked_nothing_of_a_cancer_that_is_not_on_record(service: Service) -> None:
    browser, page = service.opened("no-cancer-back-pain")
    said = html.unescape(browser.get(page.url + "mdt", timeout=30).text)
    assert "No cancer is on record: say here what the board is asked." in said
    assert "treatment of" not in said


def test_red_flags_are_written_in_the_reader_s_words(service: Service) -> None:
    page = service.opened(HARD)[1].text
    red_flags = html.unescape(page.split('<section id="flags"')[1].split("</section>")[0])
    assert re.search(r"urinary retention, \d+ [A-Z]", red_flags) and "calcium 3.36 mmol/L" in red_flags
    assert "Condition/" not in red_flags and "[Moles/volume]" not in red_flags
    assert "now +" not in page  # limits of time as a clock shows them


def test_trends_carry_the_limits_of_the_parameters(service: Service) -> None:
    page = service.opened(HARD)[1].text
    for limit in ("upper limit 2.6 mmol/L", "treat 3 mmol/L", "severe 3.5 mmol/L"):
        assert limit in page


def test_a_score_with_missing_inputs_is_a_range_and_asks_for_them(service: Service) -> None:
    page = service.opened(HARD)[1].text
    assert "between 0 and 18 points" in page
    assert "6 of 6 inputs are missing" in page
    points = re.findall(
        r'name="([^"]+)" value="[^"]+" data-points="(\d)"', page.split('id="score-sins"')[1].split("</form>")[0]
    )
    highest: dict[str, int] = {}
    for part, point in points:
        highest[part] = max(highest.get(part, 0), int(point))
    assert sum(highest.values()) == 18  # as published


ANSWERS = {
    "location": "spine-level-junctional",
    "mechanical pain": "mechanical-pain",
    "lytic or blastic": "lytic-lesion",
    "alignment": "spinal-alignment-normal",
    "vertebral collapse": "vertebral-collapse-under-half",
    "posterolateral involvement": "no-posterolateral-involvement",
}


def test_a_score_goes_to_the_record_only_whole_from_the_page_and_in_the_session(service: Service) -> None:
    browser, page = service.opened(CORD)
    address = page.url + "scores/sins"
    assert requests.post(address, json=ANSWERS, timeout=10).status_code == 401
    assert browser.post(address, json=ANSWERS, headers={"Sec-Fetch-Site": "cross-site"}, timeout=10).status_code == 403
    assert browser.post(address, data=ANSWERS, timeout=10).status_code == 403
    part = {name: row for name, row in ANSWERS.items() if name != "alignment"}
    missing = browser.post(address, json=part, timeout=10)
    assert (missing.status_code, missing.json()["says"]) == (400, "not answered: alignment")
    strange = browser.post(address, json=ANSWERS | {"alignment": "lytic-lesion"}, timeout=10)
    assert strange.status_code == 400
    assert browser.post(page.url + "scores/frax", json=ANSWERS, timeout=10).status_code == 400
    sent = browser.post(address, json=ANSWERS, timeout=10)
    assert (sent.status_code, sent.json()["says"]) == (201, "Sent to the record as a draft (status preliminary).")
    again = browser.get(page.url, timeout=30).text
    assert _missing(again) == _missing(page.text)  # a draft states nothing yet


def _missing(page: str) -> list[str]:
    return re.findall(r"\d of \d inputs are missing", page)
