"""Tumour markers by primary, sex and age; a very high or rising one asks for staging anew."""

from collections.abc import Sequence
from functools import partial

from cds_service.clinical import Case, Measured, Span, Word, said
from cds_service.findings.cancer import in_scope, metastases, primary
from cds_service.findings.markers import (
    MarkerReading,
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
def tumour_markers(case: Case, *, reading: MarkerReading, marker_lookback: Span, restaged_within: Span) -> Ladder:
    """Fire on a rising or very high marker that was not followed by staging, else on metastases whose marker is missing."""
    yield silent("comfort_care", hospice_or_comfort(case))

    spread, wanted = metastases(case), markers_of_cancer(case, reading)
    missing = missing_markers(case, marker_lookback, *wanted) if spread else ()
    judged = () if contrast_staging_ct(case, restaged_within) else telling_markers(case, reading)
    rises = rising_markers(case, marker_lookback, reading, *judged)
    high = very_high_markers(case, marker_lookback, reading, *judged)
    notes = {"palliative_care": comfort_care(case)}
    speak = partial(card, notes={"suggests_spread": high and not spread, **notes}, offers=["restage", *missing])
    changes = [fact for rise in rises for fact in rise]
    patient = in_scope(case).facts[:2]
    yield speak("rising", changes, high, patient, when=rises, words=_values(changes[:2]))
    yield speak("very_high", high, patient, when=high, words=_values(high[:1]))

    yield absent("no_metastases", spread, needs=("conditions", "observations", "reports"))
    yield silent("no_marker", not wanted, spread)
    yield silent("measured", not missing, followed_markers(case, marker_lookback, *wanted))
    origin = primary(case, *reading.markers.names).facts[:2]
    yield card("missing", spread.facts[:3], origin, words={"disease": spread}, notes=notes, offers=missing)


def _values(results: Sequence[Measured]) -> dict[str, Word]:
    """The newest result of a marker, and the one before it, as they are said."""
    shown = [said("{comparator}{value}", comparator=one.comparator, value=one.value) for one in results]
    return {"marker": results[0].called, **dict(zip(("value", "before"), shown, strict=False))} if results else {}
