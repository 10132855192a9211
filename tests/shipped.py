"""The knowledge as it is shipped, loaded once a process: many test modules read it, and none changes it."""

from __future__ import annotations

from functools import cache

from cds_service.chart.meanings import Meanings
from cds_service.knowledge.cards import Knowledge
from cds_service.service.knowledge_files import load_knowledge
from cds_service.terminology.value_sets import Codebook


@cache
def knowledge() -> Knowledge:
    return load_knowledge()


def codebook() -> Codebook:
    return knowledge().codebook


@cache
def meanings() -> Meanings:
    """What the codes and words of the value sets mean, as a chart is read by them."""
    return Meanings(codebook())
