"""Tumour markers by primary, sex and age; a very high or rising one asks for staging anew."""

from __future__ import annotations

from decimal import Decimal

from cds_service.chart.case import Case
from cds_service.chart.facts import Fact, Observation
from cds_service.findings.cancer import in_scope, metastases, primary
from cds_service.findings.care_setting import comfort_care, hospice_or_comfort
from cds_service.findings.markers import Rise, missing_markers, rising_markers, very_high_markers
from cds_service.findings.naming import called
from cds_service.findings.staging_ct import contrast_staging_ct
from cds_service.findings.unknown_primary import unknown_primary
from cds_service.outcomes import Evidence, Fired, NotFired, Offer, Outcome, Word, evidence_of, not_found
from cds_service.terminology.dates import Span, age_in_years
from cds_service.terminology.quantities import Limit


def tumour_markers(
    case: Case,
    *,
    marker_lookback: Span,
    very_high_times: Decimal,
    rise_percent: Decimal,
    restaged_within: Span,
    young_below: int,
    psa_upper: Limit,
    cea_upper: Limit,
    ca15_3_upper: Limit,
    ca27_29_upper: Limit,
    ca125_upper: Limit,
    ca19_9_upper: Limit,
    afp_upper: Limit,
    bhcg_upper: Limit,
    breast: tuple[str, ...],
    prostate: tuple[str, ...],
    colorectal: tuple[str, ...],
    ovary: tuple[str, ...],
    pancreas: tuple[str, ...],
    stomach: tuple[str, ...],
    thyroid: tuple[str, ...],
    germ_cell: tuple[str, ...],
    unknown_woman: tuple[str, ...],
    unknown_man: tuple[str, ...],
    unknown_young_man: tuple[str, ...],
) -> Outcome:
    """Fire on a rising or very high marker that was not followed by staging, else on metastases whose marker is missing."""
    if not in_scope(case):
        return not_found(case, "no_cancer", "conditions")
    aims = hospice_or_comfort(case)
    if aims:
        return NotFired("comfort_care", _quoted(aims.facts))
    by_primary = {
        "breast-cancer": breast,
        "prostate-cancer": prostate,
        "colorectal-cancer": colorectal,
        "ovarian-cancer": ovary,
        "pancreatic-cancer": pancreas,
        "stomach-cancer": stomach,
        "thyroid-cancer": thyroid,
        "germ-cell-tumour": germ_cell,
    }
    by_sex = (unknown_woman, unknown_man, unknown_young_man)
    wanted = _wanted(case, by_primary, by_sex, young_below)
    missing = missing_markers(case, marker_lookback, *wanted) if metastases(case) else ()
    usual = (
        ("psa", psa_upper),
        ("cea", cea_upper),
        ("ca15-3", ca15_3_upper),
        ("ca27-29", ca27_29_upper),
        ("ca125", ca125_upper),
        ("ca19-9", ca19_9_upper),
        ("afp", afp_upper),
        ("bhcg", bhcg_upper),
    )
    staged = contrast_staging_ct(case, restaged_within)
    rises = () if staged else rising_markers(case, marker_lookback, rise_percent, usual)
    high = () if staged else very_high_markers(case, marker_lookback, very_high_times, usual)
    if rises or high:
        return _speak_of_results(case, rises, high, missing)
    return _speak_of_what_is_missing(case, wanted, missing, tuple(by_primary))


def _wanted(
    case: Case,
    by_primary: dict[str, tuple[str, ...]],
    by_sex: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]],
    young_below: int,
) -> tuple[str, ...]:
    """The markers that this patient's cancer may make: by primary; for an unknown one by sex and age."""
    names = [marker for name, markers in by_primary.items() if primary(case, name) for marker in markers]
    if unknown_primary(case) and case.patient is not None:
        women, men, young_men = by_sex
        sex, birth = case.patient.sex, case.patient.birth
        names += women if sex == "female" else men if sex == "male" else ()
        if sex == "male" and birth is not None and age_in_years(birth, case.as_of) < young_below:
            names += young_men
    return tuple(dict.fromkeys(names))


def _speak_of_what_is_missing(
    case: Case, wanted: tuple[str, ...], missing: tuple[str, ...], primaries: tuple[str, ...]
) -> Outcome:
    if not metastases(case):
        return not_found(case, "no_metastases", "conditions", "observations", "reports")
    if not wanted:
        return NotFired("no_marker", _quoted(metastases(case).facts))
    if not missing:
        return NotFired("measured", _quoted(tuple(case.observations.of(*wanted))))
    words: dict[str, Word] = {"disease": called(metastases(case).facts)}
    facts = (*metastases(case).facts[:3], *primary(case, *primaries, "unknown-primary").facts[:2])
    return Fired("missing", _quoted(facts), words, _notes(case), tuple(Offer(marker) for marker in missing))


def _speak_of_results(
    case: Case, rises: tuple[Rise, ...], high: tuple[Observation, ...], missing: tuple[str, ...]
) -> Outcome:
    first = rises[0].newest if rises else high[0]
    facts = [fact for rise in rises for fact in (rise.newest, rise.before)]
    words: dict[str, Word] = {"marker": first.label, "value": f"{first.comparator}{first.value}"}
    if rises:
        words["before"] = f"{rises[0].before.comparator}{rises[0].before.value}"
    evidence = _quoted((*facts, *high, *in_scope(case).facts[:2]))
    notes = (*(("suggests_spread",) if high and not metastases(case) else ()), *_notes(case))
    offers = (Offer("restage"), *(Offer(marker) for marker in missing))
    return Fired("rising" if rises else "very_high", evidence, words, notes, offers)


def _notes(case: Case) -> tuple[str, ...]:
    checks = (
        ("palliative_care", bool(comfort_care(case))),
        ("not_seen", bool(case.lacking("observations", "orders"))),
    )
    return tuple(note for note, holds in checks if holds)


def _quoted(facts: tuple[Fact, ...]) -> tuple[Evidence, ...]:
    return tuple(evidence_of(fact) for fact in tuple(dict.fromkeys(facts))[:7])
