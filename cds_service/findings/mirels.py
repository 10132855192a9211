"""Mirels' score of a metastasis in a long bone.

Mirels H, Clin Orthop Relat Res 1989;(249):256-64: 4 to 12 points; 7 and less irradiate, 8 consider fixation, 9 and more fix.
"""

from __future__ import annotations

import re

from cds_service.chart.case import Case, finding
from cds_service.findings.pain import newest_pain, points
from cds_service.findings.score import Instrument, Score, score
from cds_service.terminology.dates import Span

_PAIN, _MILD, _MODERATE = "pain", 1, 2
MIRELS = Instrument(
    concept="mirels-score",
    in_words=re.compile(r"\bMirels?'?s?\b(?: score)?[^0-9.;\n]{0,12}(\d{1,2})\b", re.I),
    points={
        "site": {
            "peritrochanteric-site": 3,
            "lower-long-bone-metastasis": 2,
            "site-femur": 2,
            "upper-long-bone-metastasis": 1,
            "site-humerus": 1,
        },
        _PAIN: {"functional-pain": 3},
        "lytic or blastic": {"lytic-lesion": 3, "mixed-lesion": 2, "blastic-lesion": 1},
        "size of the lesion": {"lesion-over-two-thirds": 3, "lesion-third-to-two-thirds": 2, "lesion-under-third": 1},
    },
    least=1,
)


@finding
def mirels(case: Case, age: Span, pain_age: Span, moderate_from: int) -> Score:
    """The score of a long bone; pain that nobody called functional is moderate or mild by its own score."""
    pain = newest_pain(case, pain_age)
    beside = {} if pain is None else {_PAIN: (_MODERATE if points(pain) >= moderate_from else _MILD, pain)}
    return score(case, MIRELS, age, beside)
