"""Cards of worked examples in another language."""

from __future__ import annotations

from cds_service.authoring.variants import with_changes
from cds_service.engine.evaluate import Verdict
from cds_service.engine.language import Language
from cds_service.engine.respond import respond
from cds_service.engine.shown import Answer
from cds_service.knowledge.cards import CardDefinition, Example, Knowledge
from tests.expected import loaded


def answer_of(card: CardDefinition, example: Example, language: Language, knowledge: Knowledge) -> Answer:
    """What an example's card says in a language."""
    varied, case = with_changes(card, example.changes), loaded()[1].case_of(card, example)
    verdict = Verdict(varied, varied.ask(case))
    return respond(
        case,
        (verdict,),
        knowledge,
        hook_instance="example",
        patient_id="patient-1",
        language=language,
        pages="https://cds.example.org",
    )
