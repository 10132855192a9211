"""Feedback bodies as clients really send them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cds_service.hooks.feedback import FeedbackItem, read_feedback
from cds_service.hooks.request import RequestError


def item(**changes: Any) -> dict[str, Any]:
    whole = {
        "card": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
        "outcome": "accepted",
        "outcomeTimestamp": "2026-03-02T09:00:00Z",
        "acceptedSuggestions": [{"id": "e56e1945-20b3-4393-8503-a1a20fd73152"}],
    }
    return {name: value for name, value in (whole | changes).items() if value is not ...}


def overridden(reason: object) -> dict[str, Any]:
    return item(outcome="overridden", acceptedSuggestions=..., overrideReason=reason)


def read(*items: object) -> tuple[FeedbackItem, ...]:
    return read_feedback(json.dumps({"feedback": items}).encode())


def test_an_accepted_card_names_its_suggestions() -> None:
    (found,) = read(item())
    assert found.accepted_suggestions[0].id == "e56e1945-20b3-4393-8503-a1a20fd73152"


def test_another_offset_becomes_utc() -> None:
    (found,) = read(item(outcomeTimestamp="2026-03-02T10:30:00.5+01:30"))
    assert found.outcome_timestamp == datetime(2026, 3, 2, 9, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    "reason",
    [
        {"reason": {"code": "done", "system": "https://x.org/r"}},
        {"reason": {"code": "done", "system": "https://x.org/r", "display": None}, "userComment": ""},
        {"userComment": "clinician knows better"},
        ...,
        None,
    ],
)
def test_an_override_may_have_a_reason_a_comment_both_or_none(reason: object) -> None:
    (found,) = read(overridden(reason))
    assert found.outcome == "overridden"


EPIC = "com.epic.cdshooks.feedback.overrideReason."
SIGNED = {f"{EPIC}reasonCategory": "2", f"{EPIC}reasonTitle": "Benefit outweighs risk", f"{EPIC}userComment": "agreed"}


@pytest.mark.parametrize(
    ("reasons", "code", "comment"),
    [
        ({"reason": {"code": "done", "system": "https://x.org/r"}}, "done", None),
        ([{"reason": {"code": "done"}, "userComment": "on Monday"}], "done", "on Monday"),
        ([{"userComment": "a"}, {"reason": {"code": "done"}, "userComment": "b"}], "done", "a; b"),
        ({"extension": SIGNED}, "Benefit outweighs risk", "agreed"),
        ([{"extension": SIGNED}], "Benefit outweighs risk", "agreed"),
        ({"reason": {"code": "done"}, "extension": SIGNED}, "done", "agreed"),
        ({"extension": {f"{EPIC}reasonDisplay": "Other"}}, "Other", None),
        ({"extension": {f"{EPIC}reasonCategory": 7}}, "7", None),
        ({"extension": {f"{EPIC}userComment": "seen"}}, None, "seen"),
        ({"extension": {}}, None, None),
        ([], None, None),
        (None, None, None),
    ],
)
def test_the_reasons_that_epic_sends_keep_what_was_chosen(
    reasons: object, code: str | None, comment: str | None
) -> None:
    (found,) = read(item(outcome="overridden", acceptedSuggestions=..., overrideReasons=reasons))
    reason = found.override_reason
    assert (reason.reason.code if reason and reason.reason else None) == code
    assert (reason.user_comment if reason else None) == comment


def test_five_hundred_items_come_at_once() -> None:
    assert len(read(*[item()] * 500)) == 500


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (item(card=...), "feedback.0.card"),
        (item(card=""), "feedback.0.card"),
        (item(outcome="ignored"), "feedback.0.outcome"),
        (item(outcomeTimestamp=...), "feedback.0.outcomeTimestamp"),
        (item(outcomeTimestamp="2026-03-02T09:00:00"), "feedback.0.outcomeTimestamp"),
        (item(outcomeTimestamp="2026-03-02"), "feedback.0.outcomeTimestamp"),
        (item(outcomeTimestamp=1772442000), "feedback.0.outcomeTimestamp"),
        (item(outcomeTimestamp="1772442000"), "feedback.0.outcomeTimestamp"),
        (item(acceptedSuggestions=...), "feedback.0"),
        (item(acceptedSuggestions=[]), "feedback.0"),
        (item(acceptedSuggestions=[{}]), "feedback.0.acceptedSuggestions.0.id"),
        (overridden({}), "feedback.0.overrideReason"),
        (overridden({"reason": "done"}), "feedback.0.overrideReason.reason"),
        ("x", "feedback.0"),
    ],
)
def test_a_wrong_item_is_named_by_its_path(wrong: object, path: str) -> None:
    with pytest.raises(RequestError) as caught:
        read(wrong)
    assert (caught.value.status, caught.value.path) == (400, path)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"feedback": []}', b'{"feedback": {}}', b"\xff", b"[" * 99_999])
def test_a_body_that_holds_no_feedback_is_refused(body: bytes) -> None:
    with pytest.raises(RequestError):
        read_feedback(body)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00"])
def test_a_moment_that_utc_does_not_have_is_refused(moment: str) -> None:
    item = {"card": "1", "outcome": "overridden", "outcomeTimestamp": moment}
    with pytest.raises(RequestError) as caught:
        read_feedback(json.dumps({"feedback": [item]}).encode())
    assert caught.value.path == "feedback.0.outcomeTimestamp"
