"""Whether a page of search results is sorted newest first, so that what was cut off is older than all that came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from cds_service.chart.wire import Resource
from cds_service.terminology.dates import Moment, parse_moment

ENOUGH = 10
"""So many results in falling order are sorted, whether or not a link says so."""
_SORTED = re.compile(r"[?&]_sort=-(?:date|recorded-date|onset-date|authoredon|authored|performed|issued|started)\b")
_DATES = (
    "effective_date_time",
    "effective_instant",
    "issued",
    "started",
    "performed_date_time",
    "authored_on",
    "recorded_date",
    "onset_date_time",
)


def newest_first_until(results: Sequence[Resource], links: Iterable[str]) -> Moment | None:
    """The date of the oldest result when they come newest first; ``None`` when they do not, or nobody can tell."""
    asked = any(_SORTED.search(link) for link in links)
    if not results or not (asked or len(results) >= ENOUGH):
        return None
    for field in _DATES:
        moments = [moment for one in results if (moment := parse_moment(getattr(one, field, None) or "")) is not None]
        if len(moments) == len(results) and _falling(moments) and (asked or moments[0].first > moments[-1].first):
            return moments[-1]
    return None


def _falling(moments: Sequence[Moment]) -> bool:
    return all(one.last >= after.last for one, after in pairwise(moments))
