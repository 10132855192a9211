"""Answers: no nulls, no empties, and every rule of the protocol checked before bytes leave."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from cds_service.hooks.response import (
    Action,
    Card,
    Coding,
    Link,
    Response,
    ResponseError,
    Source,
    Suggestion,
    check,
    encode,
    salvage,
)

CARD = "7b0a2a4e-2a36-5d6a-8f5c-000000000001"
OFFER = "7b0a2a4e-2a36-5d6a-8f5c-00000000000{}"


def full() -> Response:
    create = Action(type="create", description="Order", resource=Raw(b'{"resourceType":"ServiceRequest"}'))
    delete = Action(type="delete", description="Remove", resource_id="MedicationRequest/d1")
    card = Card(
        uuid=CARD,
        summary="s" * 139,
        indicator="critical",
        source=Source(label="NICE", url="https://www.nice.org.uk", topic=Coding(code="mscc", system="https://x.org/t")),
        detail="**Why**",
        suggestions=(
            Suggestion(label="MRI", uuid=OFFER.format(2), is_recommended=True, actions=(create,)),
            Suggestion(label="Stop", uuid=OFFER.format(3), actions=(delete, create)),
        ),
        selection_behavior="at-most-one",
        override_reasons=(Coding(code="done", system="https://x.org/r", display="Done already"),),
        links=(Link(label="App", url="https://app.example.org", type="smart", app_context="a=b"),),
        extension={"evidence": ["Condition/1"]},
    )
    return Response(cards=(card,), extension={"heldBack": ["sbrt"]})


def parts() -> dict[str, Any]:
    body: dict[str, Any] = json.loads(encode(full()))
    return body


def test_a_full_answer_passes_its_check_and_uses_the_names_of_the_wire() -> None:
    body = encode(full())
    check(body)
    card = json.loads(body)["cards"][0]
    assert card["selectionBehavior"] == "at-most-one"
    assert card["suggestions"][0]["isRecommended"] is True
    assert card["suggestions"][1]["actions"][0] == {
        "type": "delete",
        "description": "Remove",
        "resourceId": "MedicationRequest/d1",
    }
    assert card["links"][0]["appContext"] == "a=b"


def test_equal_answers_give_equal_bytes() -> None:
    assert encode(full()) == encode(full())


def test_an_answer_without_cards_is_exactly_that() -> None:
    assert encode(Response(cards=())) == b'{"cards":[]}'
    check(b'{"cards":[]}')


def test_unused_fields_are_absent() -> None:
    card = Card(uuid=CARD, summary="s", indicator="info", source=Source(label="NICE"))
    body = json.loads(encode(Response(cards=(card,))))
    assert body == {"cards": [{"uuid": CARD, "summary": "s", "indicator": "info", "source": {"label": "NICE"}}]}


def test_a_text_that_speaks_of_null_or_empty_json_is_no_offence() -> None:
    body = parts()
    body["cards"][0]["detail"] = 'null [] {} "" are words here'
    check(json.dumps(body).encode())


def breaks(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        *steps, last = path.split(".")
        target: Any = body
        for step in steps:
            target = target[int(step)] if step.isdigit() else target[step]
        if value is ...:
            del target[last]
        else:
            target[last] = value

    return change


CARD_0 = "cards.0."
ACTION = "cards.0.suggestions.0.actions.0."
DELETE = "cards.0.suggestions.1.actions.0."


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cards", None),
        ("extension", {}),
        ("extension", None),
        ("extension", {"a": None}),
        ("extension", {"a": {"b": [[]]}}),
        (CARD_0 + "uuid", ...),
        (CARD_0 + "uuid", "card-1"),
        (CARD_0 + "summary", ""),
        (CARD_0 + "summary", "s" * 140),
        (CARD_0 + "summary", ...),
        (CARD_0 + "indicator", "hard-stop"),
        (CARD_0 + "source", ...),
        (CARD_0 + "source.label", ""),
        (CARD_0 + "source.url", "nice.org.uk"),
        (CARD_0 + "source.topic.system", ...),
        (CARD_0 + "detail", None),
        (CARD_0 + "detail", ""),
        (CARD_0 + "suggestions", []),
        (CARD_0 + "suggestions", ...),
        (CARD_0 + "selectionBehavior", ...),
        (CARD_0 + "selectionBehavior", "all"),
        (CARD_0 + "suggestions.1.isRecommended", True),
        (CARD_0 + "suggestions.1.uuid", CARD),
        (CARD_0 + "suggestions.1.label", ...),
        (CARD_0 + "overrideReasons", []),
        (CARD_0 + "overrideReasons.0.display", ...),
        (CARD_0 + "links", []),
        (CARD_0 + "links.0.type", "absolute"),
        (CARD_0 + "links.0.url", "/relative"),
        (CARD_0 + "mispelt", "x"),
        (ACTION + "resource", ...),
        (ACTION + "resource", None),
        (ACTION + "resource", {"id": "1"}),
        (ACTION + "resource", {"resourceType": "ServiceRequest", "note": []}),
        (ACTION + "description", ...),
        (ACTION + "type", "replace"),
        (DELETE + "resource", {"resourceType": "MedicationRequest"}),
        (DELETE + "resourceId", ...),
        (DELETE + "resourceId", "https://ehr.example.org/fhir/MedicationRequest/d1"),
    ],
)
def test_an_answer_that_breaks_the_protocol_does_not_leave(path: str, value: object) -> None:
    body = parts()
    breaks(path, value)(body)
    with pytest.raises(ResponseError):
        check(json.dumps(body, separators=(",", ":")).encode())


def test_the_complaint_about_an_answer_names_the_field_and_no_value() -> None:
    body = parts()
    body["cards"][0]["summary"] = "Anna " * 40
    with pytest.raises(ResponseError, match=r"cards\[0\]\.summary") as caught:
        check(json.dumps(body).encode())
    assert "Anna" not in str(caught.value)


def card(number: int, **changes: Any) -> Card:
    plain = Card(uuid=f"{CARD[:-1]}{number}", summary=f"Card {number}", indicator="info", source=Source(label="NICE"))
    return msgspec.structs.replace(plain, **changes)


def test_a_card_whose_suggestion_is_wrong_goes_out_without_it_and_costs_no_other_card() -> None:
    wrong = Suggestion(label="", uuid=OFFER.format(9))
    answer = Response(cards=(card(1), card(2, detail="Why", suggestions=(wrong,), selection_behavior="any"), card(3)))
    mended, complaints = salvage(answer)
    check(encode(mended))
    assert mended.cards == (card(1), card(2, detail="Why"), card(3))
    assert len(complaints) == 1


def test_a_card_that_is_wrong_elsewhere_keeps_its_heading() -> None:
    mended, _ = salvage(Response(cards=(card(1, summary="s" * 200, detail=""),)))
    assert mended.cards == (card(1, summary="s" * 139),)


def test_a_card_that_cannot_be_saved_is_not_lost_in_silence() -> None:
    with pytest.raises(ResponseError):
        salvage(Response(cards=(card(1), card(2, uuid=""))))
