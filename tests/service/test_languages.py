"""Which language a call is answered in: what the request asks for, among those that the site has picked."""

from __future__ import annotations

import json

import pytest

from cds_service.engine.language import ENGLISH
from cds_service.knowledge.cards import Knowledge
from cds_service.service.application import application, prepare
from cds_service.service.languages import Languages, NoSuchLanguage
from cds_service.service.settings import Settings
from tests.service.wire import ROOT, over_wsgi


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("de", "de"),
        ("de-CH", "de"),
        ("de-CH,pl;q=0.9,en;q=0.8", "de"),
        ("de-1996-CH-x-y", "de"),
        ("fr;q=0.5, de;q=0.8", "de"),
        ("en;q=0.9,de;q=0.8", "en"),
        ("DE-at", "de"),
        ("pl, nl;q=0.5", "en"),
        ("*", "en"),
        ("de;q=0", "en"),
        ("", "en"),
        ("de;;;q=x,,", "en"),
        (", ".join(["zz"] * 400), "en"),
    ],
)
def test_the_request_chooses_among_the_languages_of_the_site(header: str, tag: str, knowledge: Knowledge) -> None:
    assert Languages(knowledge, None, every=True).accepted(header).tag == tag


def test_a_language_that_the_site_did_not_pick_is_not_spoken(knowledge: Knowledge) -> None:
    assert Languages(knowledge, ()).accepted("de") is ENGLISH
    assert Languages(knowledge, None).accepted("de") is ENGLISH
    assert Languages(knowledge, ["en"]).accepted("de") is ENGLISH
    with pytest.raises(NoSuchLanguage, match="no catalogues of xx; there are en, de, es, fr"):
        Languages(knowledge, ["xx"])


def test_a_request_in_german_is_answered_in_german_and_one_in_english_as_ever() -> None:
    body = (ROOT / "fhir_fixtures/requests/lung-mets-spo2-91-patient-view.json").read_bytes()
    path = "/cds-services/metastatic-disease-patient-view"
    answers = {}
    for languages in ("", "de"):
        made = application(prepare(Settings.model_validate({"languages": languages, "snapshots": ""})))
        send = over_wsgi(made.wsgi)
        for header in ("", "de-AT", "en-GB"):
            sent = send("POST", path, body, {"Accept-Language": header} if header else {})
            assert sent.status == 200
            answers[languages, header] = json.loads(sent.body)
        made.close()
    english, german = answers["", ""], answers["de", "de-AT"]
    assert answers["", "de-AT"] == answers["", "en-GB"] == answers["de", "en-GB"] == answers["de", ""] == english
    assert german["extension"]["language"] == "de"
    assert "language" not in english["extension"]
    assert len(german["cards"]) == len(english["cards"])
    (oxygen,) = [card for card in german["cards"] if card["source"]["topic"]["code"] == "oxygen"]
    assert oxygen["summary"].startswith("SpO2 91 % (vor 1 h), Lungenmetastasen: wiederholen")
    assert oxygen["source"]["topic"]["display"] == "Niedrige Sauerstoffsättigung"
    assert oxygen["overrideReasons"][0]["display"] == "Bereits erfolgt oder angeordnet"
