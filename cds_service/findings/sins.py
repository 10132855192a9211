"""The Spinal Instability Neoplastic Score.

Fisher CG et al., Spine 2010;35:E1221-9, doi 10.1097/BRS.0b013e3181e16ae1:
0 to 6 stable, 7 to 12 potentially unstable, 13 to 18 unstable.
"""

from __future__ import annotations

import re

from cds_service.chart.case import Case, finding
from cds_service.findings.pain import newest_pain, points
from cds_service.findings.score import Instrument, Score, score
from cds_service.terminology.dates import Span

_PAIN = "mechanical pain"
SINS = Instrument(
    concept="sins-score",
    in_words=re.compile(
        r"\b(?:SINS|spin(?:e|al) instability neoplastic score)\b(?: score)?[^0-9.;\n]{0,12}(\d{1,2})\b", re.I
    ),
    points={
        "location": {
            "spine-level-junctional": 3,
            "site-spine-junctional": 3,
            "spine-level-mobile": 2,
            "spine-level-semirigid": 1,
            "spine-level-rigid": 0,
        },
        _PAIN: {"mechanical-pain": 3},
        "lytic or blastic": {"lytic-lesion": 2, "mixed-lesion": 1, "blastic-lesion": 0},
        "alignment": {"spinal-subluxation": 4, "spinal-deformity": 2, "spinal-alignment-normal": 0},
        "vertebral collapse": {"vertebral-collapse-over-half": 3, "vertebral-collapse-under-half": 2},
        "posterolateral involvement": {"posterolateral-bilateral": 3},
    },
    at_least={
        "vertebral collapse": {"vertebral-collapse": 2},
        "posterolateral involvement": {"posterolateral-involvement": 1},
    },
    # "No collapse" leaves open whether half of the body is involved.
    without={"alignment": "spinal-subluxation", "posterolateral involvement": "posterolateral-involvement"},
)


@finding
def sins(case: Case, age: Span, pain_age: Span) -> Score:
    """The score of the spine: no pain at all counts 0; pain that nobody called mechanical stays open between 1 and 3."""
    pain = newest_pain(case, pain_age)
    return score(case, SINS, age, {_PAIN: (0, pain)} if pain is not None and points(pain) == 0 else {})
