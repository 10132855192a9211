"""Tumour markers by primary, sex and age; a very high or rising one asks for staging anew."""

from decimal import Decimal
from functools import partial

from cds_service.clinical import Case, Observation, Span, Table, Word, said
from cds_service.findings.cancer import in_scope, metastases, primary
from cds_service.findings.markers import (
    MarkersOf,
    UsualLimit,
    followed_markers,
    markers_of_cancer,
    missing_markers,
    rising_markers,
    telling_markers,
    very_high_markers,
)
from cds_service.findings.patient_state import comfort_care, hospice_or_comfort
from cds_service.findings.studies import contrast_staging_ct
from cds_service.ladder import Ladder, absent, cancer_ladder, card, silent


@cancer_ladder
def tumour_markers(
    case: Case,
    *,
    marker_lookback: Span,
    very_high_times: Decimal,
    rise_percent: Decimal,
    restaged_within: Span,
    young_below: int,
    usual_limits: Table[UsualLimit],
    markers: Table[MarkersOf],
) -> Ladder:
    """Fire on a rising or very high marker that was not followed by staging, else on metastases whose marker is missing."""
    yield silent("comfort_care", hospice_or_comfort(case))

    spread, wanted = metastases(case), markers_of_cancer(case, markers, young_below)
    missing = missing_markers(case, marker_lookback, *wanted) if spread else ()
    judged = () if contrast_staging_ct(case, restaged_within) else telling_markers(case, markers, wanted)
    rises = rising_markers(case, marker_lookback, rise_percent, usual_limits, *judged)
    high = very_high_markers(case, marker_lookback, very_high_times, usual_limits, *judged)
    notes = {"palliative_care": comfort_care(case)}
    speak = partial(card, notes={"suggests_spread": high and not spread, **notes}, offers=["restage", *missing])
    changes = [fact for rise in rises for fact in (rise.newest, rise.before)]
    patient = in_scope(case).facts[:2]
    yield speak("rising", changes, high, patient, when=rises, words=_values(*changes[:2]))
    yield speak("very_high", high, patient, when=high, words=_values(*high[:1]))

    yield absent("no_metastases", spread, needs=("conditions", "observations", "reports"))
    yield silent("no_marker", not wanted, spread)
    yield silent("measured", not missing, followed_markers(case, marker_lookback, *wanted))
    origin = primary(case, *markers.names).facts[:2]
    words = {"disease": spread}
    yield card("missing", spread.facts[:3], origin, words=words, notes=notes, offers=missing)


def _values(newest: Observation | None = None, before: Observation | None = None) -> dict[str, Word]:
    if newest is None:
        return {}
    words: dict[str, Word] = {"marker": newest.called, "value": _shown(newest)}
    return words | ({"before": _shown(before)} if before is not None else {})


def _shown(result: Observation) -> Word:
    return said("{comparator}{value}", comparator=result.comparator, value=result.value)
