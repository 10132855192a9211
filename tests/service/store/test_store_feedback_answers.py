"""What a client hears of its feedback."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds_service.hooks.feedback import EPIC_REASONS
from cds_service.knowledge.cards import Knowledge, OverrideReason
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.feedback import FeedbackAnswer, Reasons, answer_feedback
from cds_service.service.languages import Languages, spoken
from cds_service.service.store import Store
from tests.service.store.ward import NORTH, SERVICE, SOUTH, Clock, answer, card_id, hypercalcaemia, suggestion_id

REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


NOT_FITTING = OverrideReason("does-not-fit", "cds-not-applicable", REASONS, "Does not fit here")
OFFERED = Reasons(
    {
        "hypercalcaemia": dict.fromkeys(("cds-not-applicable", "does-not-fit", "does not fit here"), NOT_FITTING),
        "oxygen": {"already-given": OverrideReason("already-given", "already-given", "urn:ours", "Given already")},
    }
)


def _send(
    store: Store,
    *items: dict[str, Any] | str,
    service: str = SERVICE,
    caller: Any = NORTH,
    reasons: Reasons = OFFERED,
) -> FeedbackAnswer:
    body = json.dumps({"feedback": items}).encode()
    return answer_feedback(store, body, service=service, services={SERVICE}, caller=caller, reasons=reasons)


def _item(number: int, **more: Any) -> dict[str, Any]:
    return {"card": card_id(number), "outcome": "overridden", "outcomeTimestamp": "2026-03-02T09:05:00Z"} | more


@pytest.fixture
def local(tmp_path: Path, open_store: Callable[..., Store], clock: Clock) -> Store:
    store = open_store(f"sqlite:///{tmp_path}/store.db")
    store.record_shown(answer(clock(), hypercalcaemia(1), hypercalcaemia(2), hypercalcaemia(3)))
    return store


def test_feedback_of_every_form_is_answered_200_once_it_is_stored(local: Store) -> None:
    said = _send(
        local,
        _item(1, overrideReason={"reason": {"code": "cds-not-applicable", "system": REASONS}}),
        _item(2, overrideReason={"userComment": "comment only"}),
        _item(3, outcome="accepted", acceptedSuggestions=[{"id": suggestion_id(3)}]),
        _item(404),
    )
    assert (said.status, said.body) == (200, b"{}")
    assert (said.acknowledged.recorded, said.acknowledged.unknown) == (4, 1)
    (tally,) = local.tallies(["topic"])
    assert (tally.accepted, tally.overridden) == (1, 2)
    assert {(reason.code, reason.system) for reason in local.reasons([])} == {("", ""), ("cds-not-applicable", REASONS)}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({"reason": {"code": "cds-not-applicable", "system": REASONS}}, ("cds-not-applicable", REASONS)),
        ({"reason": {"code": "cds-not-applicable"}}, ("cds-not-applicable", REASONS)),
        ({"reason": {"code": "does-not-fit"}}, ("cds-not-applicable", REASONS)),
        (
            {"extension": {"com.epic.cdshooks.feedback.overrideReason.reasonTitle": "Does not fit here"}},
            ("cds-not-applicable", REASONS),
        ),
        ({"reason": {"code": "cds-not-applicable", "system": "urn:another"}}, ("other", "")),
        ({"reason": {"code": "already-given"}}, ("other", "")),  # another card's
        ({"reason": {"code": "Mrs-Smith-of-Ward-9", "system": "http://example.org/patients/9"}}, ("other", "")),
        ({"extension": {"com.epic.cdshooks.feedback.overrideReason.reasonTitle": "Mrs Smith"}}, ("other", "")),
    ],
)
def test_of_a_reason_only_what_the_card_itself_offers_is_kept(
    local: Store, sent: dict[str, Any], kept: tuple[str, str]
) -> None:
    assert _send(local, _item(1, overrideReason=sent)).status == 200
    assert [(reason.code, reason.system) for reason in local.reasons([])] == [kept]


@pytest.mark.parametrize(
    ("code", "kept"), [("already-given", ("already-given", "urn:ours")), ("Mrs-Smith", ("other", ""))]
)
def test_of_a_card_that_is_not_on_record_what_any_card_offers_is_kept(
    local: Store, code: str, kept: tuple[str, str]
) -> None:
    assert _send(local, _item(404, overrideReason={"reason": {"code": code}})).acknowledged.unknown == 1
    local.record_shown(answer(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), hypercalcaemia(404)))  # it comes late
    assert local.flush()
    assert [(reason.code, reason.system) for reason in local.reasons([])] == [kept]


def test_every_card_of_the_knowledge_keeps_its_own_reasons_and_housekeeping_those_of_routine_cards(
    knowledge: Knowledge,
) -> None:
    reasons = Reasons.of(knowledge.cards.values())
    every = {reason.code: reason for card in knowledge.cards.values() for reason in card.override_reasons}
    for card in knowledge.cards.values():
        own = {reason.code for reason in card.override_reasons}
        kept = {code for code, one in every.items() if reasons.kept(card.topic, code, one.system) == (code, one.system)}
        assert kept == own, card.topic
    routine = {one.code for card in knowledge.cards.values() if card.routine for one in card.override_reasons}
    assert {code for code in every if reasons.kept("housekeeping", code, "")[0] == code} == routine < every.keys()
    assert reasons.kept("retired-since", next(iter(every)), "") == ("other", "")


@pytest.mark.parametrize("tag", ["de", "fr", "es"])
def test_a_reason_is_known_by_its_words_in_every_language_of_the_card(knowledge: Knowledge, tag: str) -> None:
    translated = spoken(knowledge, tag).card(knowledge.cards["mscc-suspected"])
    assert translated is not None
    reasons = Reasons.of(KnowledgeAdvisor(knowledge, languages=Languages(knowledge, [tag])).spoken_cards())
    for own in translated.override_reasons:
        assert reasons.kept("mscc-suspected", own.display, EPIC_REASONS) == (own.code, own.system)
    assert translated.override_reasons != knowledge.cards["mscc-suspected"].override_reasons


def test_unknown_and_foreign_cards_are_answered_alike(local: Store) -> None:
    assert local.flush()
    unknown, foreign = _send(local, _item(404), caller=SOUTH), _send(local, _item(1), caller=SOUTH)
    assert (unknown.status, unknown.body) == (foreign.status, foreign.body) == (200, b"{}")
    assert foreign.acknowledged.foreign == 1


def test_feedback_for_a_service_that_is_not_ours_is_404(local: Store) -> None:
    said = _send(local, _item(1), service="another")
    assert said.status == 404
    assert json.loads(said.body)["issue"][0]["code"] == "not-found"


def test_one_wrong_item_refuses_the_whole_call(local: Store) -> None:
    said = _send(local, _item(1), _item(2, outcome="ignored"))
    assert said.status == 400
    assert "feedback" in json.loads(said.body)["issue"][0]["expression"][0]
    assert [tally.overridden for tally in local.tallies([])] == [0]


def test_a_store_that_is_away_is_503_and_says_to_send_again(tmp_path: Path, open_store: Callable[..., Store]) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    said = _send(open_store(f"sqlite:///{tmp_path}/data/store.db"), _item(1, overrideReason={"userComment": "MARKED"}))
    assert (said.status, said.retry_after) == (503, 5)
    assert json.loads(said.body)["issue"][0]["code"] == "transient"
    assert b"MARKED" not in said.body
    assert str(tmp_path).encode() not in said.body
