"""The Spinal Instability Neoplastic Score.

Fisher CG et al., Spine 2010;35:E1221-9, doi 10.1097/BRS.0b013e3181e16ae1:
0 to 6 stable, 7 to 12 potentially unstable, 13 to 18 unstable.
"""

import re

from cds_service.clinical import Case, Span, Table, finding
from cds_service.findings.pain import newest_pain, points
from cds_service.findings.score import Instrument, Points, Score, score

_PAIN = "mechanical pain"
SINS = Instrument(
    concept="sins-score",
    in_words=re.compile(
        r"\b(?:SINS|spin(?:e|al) instability neoplastic score)\b(?: score)?[^0-9.;\n]{0,12}(\d{1,2})\b", re.I
    ),
    components={
        "location": (
            "spine-level-junctional",
            "site-spine-junctional",
            "spine-level-mobile",
            "spine-level-semirigid",
            "spine-level-rigid",
        ),
        _PAIN: ("mechanical-pain",),
        "lytic or blastic": ("lytic-lesion", "mixed-lesion", "blastic-lesion"),
        "alignment": ("spinal-subluxation", "spinal-deformity", "spinal-alignment-normal"),
        "vertebral collapse": ("vertebral-collapse-over-half", "vertebral-collapse-under-half"),
        "posterolateral involvement": ("posterolateral-bilateral",),
    },
    at_least={"vertebral collapse": "vertebral-collapse", "posterolateral involvement": "posterolateral-involvement"},
    # "No collapse" leaves open whether half of the body is involved.
    without={"alignment": "spinal-subluxation", "posterolateral involvement": "posterolateral-involvement"},
    answers={
        "location": ("spine-level-junctional", "spine-level-mobile", "spine-level-semirigid", "spine-level-rigid"),
        _PAIN: ("mechanical-pain", "pain-not-mechanical", "no-pain"),
        "lytic or blastic": ("lytic-lesion", "mixed-lesion", "blastic-lesion"),
        "alignment": ("spinal-subluxation", "spinal-deformity", "spinal-alignment-normal"),
        "vertebral collapse": (
            "vertebral-collapse-over-half",
            "vertebral-collapse-under-half",
            "over-half-involved-without-collapse",
            "no-collapse",
        ),
        "posterolateral involvement": (
            "posterolateral-bilateral",
            "posterolateral-involvement",
            "no-posterolateral-involvement",
        ),
    },
)


@finding
def sins(case: Case, table: Table[Points], age: Span, pain_age: Span) -> Score:
    """The score of the spine; pain that nobody called mechanical stays open between 1 and 3."""
    pain = newest_pain(case, pain_age)
    painless = pain is not None and points(pain) == 0
    return score(case, SINS, table, age, {_PAIN: ("no-pain", pain)} if pain is not None and painless else {})
