"""Card files and overlays say for whom a card is; who is left out must be sayable, and a critical card has its reason."""

from __future__ import annotations

import pytest

from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.errors import KnowledgeError
from cds_service.knowledge.load import load
from cds_service.simulation.changes import changes
from tests.knowledge.test_site_words import FILES, HEAD, with_site

LIMITED = {"pain-control.yaml": FILES["pain-control.yaml"] + "\nfor_whom:\n  not_for: {settings: [emergency]}\n"}


def errors_of(caught: pytest.ExceptionInfo[KnowledgeError]) -> set[str]:
    return {
        f"{error.file} {error.line}:{error.column} {error.problem} {error.nearest}".strip()
        for error in caught.value.errors
    }


@pytest.fixture(scope="module")
def limited() -> Knowledge:
    return load({**FILES, **LIMITED})


def test_a_card_without_a_word_on_it_is_for_all() -> None:
    assert {str(card.for_whom) for card in load(FILES).cards.values()} == {"for all"}


def test_what_a_site_says_stands_in_the_place_of_what_the_card_says(limited: Knowledge) -> None:
    assert str(limited.cards["pain-control"].for_whom) == "not for setting emergency"
    text = (
        HEAD + "for_whom:\n  pain-control:\n    only_for: [{roles: [Doctor, '309343006']}, {hooks: [patient-view]}]\n"
    )
    site = load({**FILES, **LIMITED, "sites/here.yaml": text}, overlay="sites/here.yaml")
    now = "only for role doctor or 309343006; or hook patient-view"
    assert str(site.cards["pain-control"].for_whom) == now
    assert f"pain-control is {now} (cards/sites/here.yaml:5:5)" in site.origins
    assert [str(one) for one in changes(limited, site)] == [
        f"pain-control: is {now} instead of not for setting emergency"
    ]
    lifted = load(
        {**FILES, **LIMITED, "sites/here.yaml": HEAD + "for_whom: {pain-control: {}}\n"}, overlay="sites/here.yaml"
    )
    assert [str(one) for one in changes(limited, lifted)] == [
        "pain-control: is for all instead of not for setting emergency"
    ]
    assert len({limited.version, site.version, lifted.version}) == 3


def test_a_critical_card_is_limited_with_a_reason_and_a_message_for_itself() -> None:
    text = """for_whom:
  mscc-suspected: {not_for: {roles: [pharmacist]}, why: The ward round tells them.}
  oxygen: {messages: {low: {not_for: {locations: [Theatre]}}}}
"""
    cards = with_site(text).cards
    assert str(cards["mscc-suspected"].for_whom) == "not for role pharmacist (The ward round tells them.)"
    assert str(cards["oxygen"].for_whom) == "for all; the message low not for location theatre"


def test_a_mistake_is_reported_where_it_stands_in_the_sites_file() -> None:
    text = """for_whom:
  oxigen: {not_for: {roles: [nurse]}}
  mscc-suspected:
    not_for: {roles: [pharmacist]}
  could-not-assess: {not_for: {clients: [north]}}
  oxygen:
    messages:
      lo: {not_for: {roles: [nurse]}}
      low: {why: Because.}
      critical: {only_for: {settings: [emergency]}}
  pain-control:
    not_for:
      - {rols: [nurse]}
      - {roles: [46255001]}
      - {specialties: []}
  sbrt:
    only_for: {settings: [emergncy], hooks: [order-sgn]}
    not_for: {}
  tumour-markers: {not_for: {rols: [nurse]}}
"""
    with pytest.raises(KnowledgeError) as caught:
        with_site(text)
    here = "cards/sites/here.yaml"
    reason = "is limited only with a reason: say 'why'"
    assert errors_of(caught) == {
        f"{here} 4:3 'oxigen' is not a topic oxygen",
        f"{here} 5:3 the critical message 'suspected' {reason}",
        f"{here} 7:3 the card that tells which red flags could not be judged {reason}",
        f"{here} 10:7 'lo' is not a message of this card low",
        f"{here} 11:7 say whom it is 'only_for' or 'not_for'",
        f"{here} 12:7 the critical message 'critical' {reason}",
        f"{here} 15:10 'rols' is not a key of a situation roles",
        f"{here} 16:18 '0' is text, found the number 46255001: write it in quotes",
        f"{here} 17:23 'specialties' cannot be a list: list should have at least 1 item after validation, not 0",
        f"{here} 19:27 'emergncy' is not a setting of care emergency",
        f"{here} 19:46 'order-sgn' is not a hook of this card",
        f"{here} 20:14 a situation names something",
        f"{here} 21:30 'rols' is not a key of a situation roles",
    }


def test_a_mistake_in_a_card_file_is_reported_there() -> None:
    lines = FILES["mscc-suspected.yaml"].count("\n")
    text = FILES["mscc-suspected.yaml"] + "for_whom:\n  not_for: {settings: [ward]}\n"
    with pytest.raises(KnowledgeError) as caught:
        load({**FILES, "mscc-suspected.yaml": text})
    assert errors_of(caught) == {
        f"cards/mscc-suspected.yaml {lines + 1}:1 the critical message 'suspected' is limited only with a reason: say 'why'",
        f"cards/mscc-suspected.yaml {lines + 2}:24 'ward' is not a setting of care",
    }


def test_discovery_asks_for_what_says_whom_a_card_is_for() -> None:
    plain = load(FILES).services["metastatic-disease-order-sign", "order-sign"]
    text = "for_whom:\n  zoledronate-renal-dose: {not_for: {roles: [nurse], settings: [emergency]}, why: Agreed.}\n"
    service = with_site(text).services["metastatic-disease-order-sign", "order-sign"]
    assert service.prefetch.keys() - plain.prefetch.keys() <= {"user", "encounters"}
    assert service.prefetch["user"] == "PractitionerRole/{{userPractitionerRoleId}}" and "user" not in plain.prefetch
    assert service.prefetch["encounters"].startswith("Encounter?patient=") and "encounters" in service.needs
