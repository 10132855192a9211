"""What a report found, in its own words: a finding says more than the name of its study."""

from __future__ import annotations

import re

from cds_service.chart.case import Case
from cds_service.chart.evidence import Evidence
from cds_service.engine.phrases import Phrases, plain_text
from cds_service.terminology.value_sets import Codebook

LONGEST = 60
"""Characters of a quotation."""
_REPORTS = frozenset({"DiagnosticReport", "ImagingStudy"})
_WORD = re.compile(r"[^\W\d_]{4,}")
_SENTENCE = re.compile(r"(?:[^.;\n]|\.(?=\d))+")


def stated(item: Evidence, case: Case, codebook: Codebook, phrases: Phrases, about: str) -> str:
    """The sentence of a report that states a finding of its conclusion, in quotes; empty where there is none.

    Of several it is the one that has most words in common with what the card is ``about``, else the first.
    """
    if item.value or item.reference.partition("/")[0] not in _REPORTS:
        return ""
    known = case.reports.of(*item.concepts) if item.concepts else case.reports
    report = next((one for one in known if one.reference == item.reference), None)
    if report is None or not report.affirmed:
        return ""
    stems = _stems(about)
    sentences = (found.group().strip() for found in _SENTENCE.finditer(report.conclusion))
    likely = sorted(sentences, key=lambda one: len(stems & _stems(one)), reverse=True)
    sentence = next((one for one in likely if codebook.phrases.affirms("Condition", one, report.affirmed)), "")
    return f'"{phrases.cut_short(plain_text(sentence), LONGEST)}"' if sentence else ""


def _stems(text: str) -> frozenset[str]:
    """Beginnings of its longer words, which are alike in singular and plural."""
    return frozenset(word[:4].lower() for word in _WORD.findall(text))
