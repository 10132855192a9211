"""How long cards and answers are, for the table of ``docs/calibration.md``: ``python -m tests.measures`` writes it anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from cds_service.authoring.written_cards import WrittenCard, written_cards
from cds_service.engine.lines import MOST_WORDS
from cds_service.knowledge.cards import LONGEST_SUMMARY, MOST_OVERRIDE_REASONS, Knowledge
from cds_service.service.advisor import KnowledgeAdvisor
from cds_service.service.handler import HookHandler
from tests import expected

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs/calibration.md"
STANDARD = ROOT / "fhir_fixtures/requests/breast-bone-mets-leg-weakness-patient-view.json"
"""The request of the README: suspected cord compression, and a bone-modifying agent to start."""
MOST_BYTES = 12_000
"""Of its answer, links included."""
ADDRESS = "https://cds.example.org"
_BEGIN, _END = "<!-- measures -->\n", "<!-- end of measures -->\n"
_BEFORE = {
    "words of a card, median": "`hypercalcaemia` 275, `mscc-suspected` 228",
    "words of a card, most": "no limit",
    "characters of a summary, most": "no limit",
    "override reasons of a card, median and most": "7, 9",
    "bytes of the answer to the README's request": "25,000",
    "bytes of an answer to a request on file, median and most": "",
}


def table() -> str:
    """Each measure before (0.1.0) and now."""
    now = dict(_measures())
    rows = [f"| {name} | {before} | {now[name]} |" for name, before in _BEFORE.items()]
    return "\n".join(("| measure | before | now |", "|---|---|---|", *rows, ""))


def answer_of(request: Path, knowledge: Knowledge) -> bytes:
    """The body that a client gets whose cards have links."""
    body = json.loads(request.read_text(encoding="utf-8"))
    handler = HookHandler(KnowledgeAdvisor(knowledge, pages=ADDRESS), development=True)
    answer = handler.answer(f"metastatic-disease-{body['hook']}", request.read_bytes())
    assert answer.status == 200, request.name
    return bytes(answer.body)


def words_of(card: WrittenCard) -> int:
    """Words of a card's body, headings and marks aside."""
    return len([word for word in card.detail.replace("**", " ").split() if word != "-"])


def _measures() -> Iterator[tuple[str, Any]]:
    knowledge, runner = expected.loaded()
    active = [card for card in knowledge.cards.values() if card.status == "active"]
    cards = [written for card in active for written in written_cards(card, runner)]
    words = sorted(map(words_of, cards))
    yield "words of a card, median", round(median(words))
    yield "words of a card, most", f"{words[-1]} ({MOST_WORDS} allowed)"
    longest = max(len(card.summary) for card in cards)
    yield "characters of a summary, most", f"{longest} ({LONGEST_SUMMARY} allowed)"
    reasons = sorted(len(card.override_reasons) for card in active)
    yield (
        "override reasons of a card, median and most",
        f"{median(reasons):g}, {reasons[-1]} ({MOST_OVERRIDE_REASONS} allowed)",
    )
    yield (
        "bytes of the answer to the README's request",
        f"{_about(len(answer_of(STANDARD, knowledge)))} ({MOST_BYTES:,} allowed)",
    )
    sizes = sorted(len(answer_of(request, knowledge)) for request in sorted(STANDARD.parent.glob("*.json")))
    yield "bytes of an answer to a request on file, median and most", f"{_about(median(sizes))}, {_about(sizes[-1])}"


def _about(number: float) -> str:
    """To the hundred, so that not every word that changes changes the table."""
    return f"{round(number, -2):,.0f}"


def page(written: str) -> str:
    """The page with its table as it is now."""
    before, rest = written.split(_BEGIN)
    return before + _BEGIN + table() + _END + rest.split(_END)[1]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
