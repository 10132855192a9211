"""Mirels' score of a metastasis in a long bone.

Mirels H, Clin Orthop Relat Res 1989;(249):256-64: 4 to 12 points; 7 and less irradiate, 8 consider fixation, 9 and more fix.
"""

import re

from cds_service.clinical import Case, Span, Table, finding
from cds_service.findings.pain import newest_pain, points
from cds_service.findings.score import Instrument, Points, Score, score

_PAIN, _GRADES = "pain", ("mild-pain", "moderate-pain")
MIRELS = Instrument(
    concept="mirels-score",
    in_words=re.compile(r"\bMirels?'?s?\b(?: score)?[^0-9.;\n]{0,12}(\d{1,2})\b", re.I),
    components={
        "site": (
            "peritrochanteric-site",
            "lower-long-bone-metastasis",
            "site-femur",
            "upper-long-bone-metastasis",
            "site-humerus",
        ),
        _PAIN: ("functional-pain",),
        "lytic or blastic": ("lytic-lesion", "mixed-lesion", "blastic-lesion"),
        "size of the lesion": ("lesion-over-two-thirds", "lesion-third-to-two-thirds", "lesion-under-third"),
    },
    answers={
        "site": ("peritrochanteric-site", "lower-long-bone-metastasis", "upper-long-bone-metastasis"),
        _PAIN: ("functional-pain", "moderate-pain", "mild-pain"),
        "lytic or blastic": ("lytic-lesion", "mixed-lesion", "blastic-lesion"),
        "size of the lesion": ("lesion-over-two-thirds", "lesion-third-to-two-thirds", "lesion-under-third"),
    },
)


@finding
def mirels(case: Case, table: Table[Points], age: Span, pain_age: Span, moderate_from: int) -> Score:
    """The score of a long bone; pain that nobody called functional is moderate or mild by its own score."""
    pain = newest_pain(case, pain_age)
    if pain is None:
        return score(case, MIRELS, table, age, {})
    return score(case, MIRELS, table, age, {_PAIN: (_GRADES[points(pain) >= moderate_from], pain)})
