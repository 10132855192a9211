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
_SENTENCE = re.compile(r"(?:[^.;\n]|\.(?=\d))+")


def stated(item: Evidence, case: Case, codebook: Codebook, phrases: Phrases) -> str:
    """The first sentence of a report that states a finding of its conclusion, in quotes; empty where there is none."""
    if item.value or item.reference.partition("/")[0] not in _REPORTS:
        return ""
    known = case.reports.of(*item.concepts) if item.concepts else case.reports
    report = next((one for one in known if one.reference == item.reference), None)
    if report is None or not report.affirmed:
        return ""
    sentences = (found.group().strip() for found in _SENTENCE.finditer(report.conclusion))
    sentence = next((one for one in sentences if _states(one, report.affirmed, codebook)), "")
    return f'"{phrases.cut_short(plain_text(sentence), LONGEST)}"' if sentence else ""


def _states(sentence: str, findings: frozenset[str], codebook: Codebook) -> bool:
    read = codebook.of_words("Condition", sentence)
    return any(read.get(finding) == "affirmed" for finding in findings)
