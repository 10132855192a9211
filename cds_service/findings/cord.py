"""Signs of spinal cord or cauda equina compression, imaging that speaks for or against it, and a stroke that explains them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from cds_service.clinical import VAGUE, Case, Condition, Fact, Gap, Moment, Observation, Report, Span, finding
from cds_service.findings.cancer import active_cancer, cancer, metastases
from cds_service.findings.finding import Finding, earliest, summed_up

CORD_SIGNS = (
    "limb-weakness",
    "gait-disturbance",
    "sensory-disturbance",
    "saddle-anaesthesia",
    "urinary-retention",
    "urinary-incontinence",
    "faecal-incontinence",
    "lhermitte",
    "long-tract-signs",
    "cord-compression-supporting",
)
COMPRESSION = ("cord-compression", "cauda-equina", "cord-distortion")
TREATMENT = ("radiotherapy", "sbrt", "orthopaedic-fixation")
EPIDURAL = ("epidural-metastasis", "canal-encroachment")
_COMPRESSION = frozenset(COMPRESSION)
_CLEARED = frozenset({"cord-compression", "cauda-equina"})
"""What has to be denied: a cord that is not displaced, or without a change of signal, may be compressed all the same."""
SPINE = ("mri-whole-spine", "mri-spine-region", "mri-spine-unspecified", "ct-myelogram")
_SPINAL = (*SPINE, "ct-spine")
_IMAGING = ("mri-any", "ct-any", "bone-imaging")


@dataclass(frozen=True, slots=True)
class Neurology:
    """Neurological signs within the window, and those that are too old or have no date."""

    recent: tuple[Fact, ...]
    old: tuple[Fact, ...]
    undated: tuple[Fact, ...]
    coded: bool
    """A recent sign is proven by a code in a result that is not preliminary."""
    vague: bool = False
    """The date of a recent sign may lie before the window as well; then it counts as recent."""
    newest: Moment | None = None
    """When the latest kind of sign first appeared: only imaging after it can exclude compression."""

    @property
    def onset(self) -> Moment | None:
        """The earliest date of a recent sign."""
        return earliest(self.recent)


@finding
def neurology(case: Case, window: Span, *concepts: str) -> Neurology:
    """Signs of these value sets (default: the cord signs) by age. The onset decides; without one, the record date.

    A sign recorded as absent, refuted, resolved or denied in words is none. Hemiplegia is no cord sign. An onset that
    may lie within the window as well as before it counts as recent, unless it was recorded before the window.
    """
    wanted = concepts or CORD_SIGNS
    piles: dict[_Age, list[Fact]] = {"recent": [], "vague": [], "old": [], "undated": []}
    for sign in _signs(case, wanted):  # looked up here, as far back as the window reaches
        piles[_age(case, sign, window)].append(sign)
    recent = (*piles["recent"], *piles["vague"])
    coded = any(not sign.coded.isdisjoint(wanted) and getattr(sign, "status", "") != "preliminary" for sign in recent)
    vague = bool(piles["vague"]) and not piles["recent"]
    return Neurology(recent, tuple(piles["old"]), tuple(piles["undated"]), coded, vague, _newest_sign(recent, wanted))


_Age = Literal["recent", "vague", "old", "undated"]


def _age(case: Case, sign: Fact, window: Span) -> _Age:
    """How a sign's date lies to the window."""
    if sign.when is None:
        return "undated"
    if case.within(sign.when, window):
        return "recent"
    recorded = sign.recorded if isinstance(sign, Condition) else None
    known_before = recorded is not None and not window.may_reach(recorded, case.as_of)
    return "vague" if case.perhaps_within(sign.when, window) and not known_before else "old"


@finding
def signs(case: Case, *concepts: str) -> tuple[Fact, ...]:
    """Symptoms and signs that are present: active conditions, and observations that do not say "absent"."""
    return _signs(case, concepts)


@finding
def compression(case: Case, window: Span) -> Finding:
    """Cord or cauda equina compression: an active condition, or an image within the window that reports or suspects it."""
    reports = tuple(report for report in _images(case, window) if _raised(report) & _COMPRESSION)
    found = summed_up((*case.active(*COMPRESSION), *reports), COMPRESSION)
    proven = any(report.proven & _COMPRESSION and report.status == "final" for report in reports)
    return Finding(found.facts, found.coded or proven, found.suspected)


def _raised(report: Report) -> frozenset[str]:
    """What an image states and, when it looks at the spine, what it suspects ("concerning for", "impending")."""
    spinal = not report.concepts.isdisjoint(_SPINAL)
    return report.affirmed | report.doubted if spinal else report.affirmed


@finding
def compression_unknown(case: Case) -> tuple[Gap, ...]:
    """What concerns a sign of the cord or its compression and cannot be used, such as a weakness dated ahead of now."""
    wanted = (*CORD_SIGNS, *COMPRESSION)
    touching = (gap for need in ("conditions", "observations", "reports") for gap in case.gaps_of(need, wanted))
    return tuple(gap for gap in touching if gap.concepts)


@finding
def epidural_metastasis(case: Case, window: Span) -> Finding:
    """An active epidural, meningeal or intraspinal metastasis, or an image within the window that reports one."""
    reports = tuple(report for report in _images(case, window) if not report.affirmed.isdisjoint(EPIDURAL))
    return summed_up((*case.active(*EPIDURAL), *reports), EPIDURAL)


@finding
def whole_spine_cleared(case: Case, start: Moment | None, window: Span) -> Report | None:
    """The complete whole-spine MRI from ``start`` on that reports no compression, unless a newer image reports one.

    A start that is only known to the month or year may lie after an image of that time.
    """
    begun = None if start is None else start.last if start.precision in VAGUE else start.first
    for report in _images(case, window):
        if (report.affirmed | report.doubted) & _COMPRESSION:
            return None
        late_enough = begun is None or (report.when is not None and report.when.last >= begun)
        denies = bool(report.denied & _CLEARED) or "cord-compression-refuted" in report.affirmed
        if "mri-whole-spine" in report.concepts and late_enough and report.complete and denies:
            return report
    return None


@finding
def last_spinal_image(case: Case) -> Report | None:
    """The newest spinal MRI or CT myelogram on record, whenever it was."""
    images = case.reports.of(*SPINE)
    return next((report for report in images if report.status != "registered"), None)


@finding
def incomplete_images(case: Case, window: Span) -> tuple[Report, ...]:
    """Spinal images that were not finished or are not of diagnostic quality: they exclude nothing."""
    return tuple(report for report in _images(case, window) if report.limits and not report.concepts.isdisjoint(SPINE))


def imaging_counts_from(neuro: Neurology, compressed: Finding) -> Moment | None:
    """From when on imaging counts: the latest kind of sign, or the compression as a problem, whichever came last."""
    stated = [fact.when for fact in compressed.facts if isinstance(fact, Condition) and fact.when]
    moments = [*stated, neuro.newest] if neuro.newest else stated
    return max(moments, key=lambda moment: moment.last, default=None)


def treated_since(case: Case, found: tuple[Fact, ...], window: Span) -> tuple[Fact, ...]:
    """Radiotherapy or spinal surgery since compression or an epidural metastasis that is older than the window."""
    dates = [fact.when for fact in found if fact.when is not None]
    if not dates or any(case.within(moment, window) for moment in dates):
        return ()
    start = min(dates, key=lambda moment: moment.last)
    done = [fact for fact in case.procedures.of(*TREATMENT) if fact.status in {"completed", "in-progress"}]
    return tuple(fact for fact in done if fact.when is not None and fact.when.last >= start.first)


@finding
def suspected_compression(case: Case, window: Span) -> Finding:
    """Compression, an epidural metastasis, or new cord signs beside a cancer, unless a whole-spine MRI excludes it."""
    neuro, compressed = neurology(case, window), compression(case, window)
    if whole_spine_cleared(case, imaging_counts_from(neuro, compressed), window) is not None:
        return Finding(())
    signs_of_cancer = neuro.recent if cancer(case) else ()
    epidural = epidural_metastasis(case, window)
    facts = tuple(dict.fromkeys((*compressed.facts, *signs_of_cancer, *epidural.facts)))
    return Finding(facts, compressed.coded or bool(signs_of_cancer and neuro.coded))


def explaining_stroke(case: Case, neuro: Neurology, apart: Span) -> tuple[Condition, ...]:
    """Coded strokes of the same days as new limb weakness, in a patient whose cancer is history only."""
    if active_cancer(case) or metastases(case):
        return ()
    weak = [fact for fact in neuro.recent if "limb-weakness" in fact.concepts]
    coded = [stroke for stroke in case.conditions.of("stroke") if "stroke" in stroke.coded]
    return tuple(stroke for stroke in coded if any(_close(stroke.when, fact.when, apart) for fact in weak))


def more_than_weakness(case: Case, neuro: Neurology, window: Span) -> tuple[Fact, ...]:
    """New signs other than limb weakness, and new spinal or radicular pain: a stroke does not explain them."""
    other = tuple(fact for fact in neuro.recent if "limb-weakness" not in fact.concepts)
    return (*other, *neurology(case, window, "back-pain", "radicular-pain").recent)


def _images(case: Case, window: Span) -> tuple[Report, ...]:
    """Reported images within the window, newest first."""
    images = case.recent(case.reports.of(*_IMAGING), window)
    return tuple(report for report in images if report.status != "registered")


def _newest_sign(recent: Iterable[Fact], wanted: tuple[str, ...]) -> Moment | None:
    """The date on which the latest kind of sign was first there; a sign that is merely noted again is not new."""
    first: dict[str, Moment] = {}
    for sign in recent:
        for concept in sign.concepts.intersection(wanted):
            if sign.when is not None:
                first[concept] = min(first.get(concept, sign.when), sign.when, key=lambda moment: moment.last)
    return max(first.values(), key=lambda moment: moment.last, default=None)


def _signs(case: Case, concepts: tuple[str, ...]) -> tuple[Fact, ...]:
    observations = [fact for fact in case.observations.of(*concepts) if fact.present is not False]
    return (*case.active(*concepts), *_latest_of_each(case, observations))


def _latest_of_each(case: Case, observations: list[Observation]) -> list[Fact]:
    """The newest observation of each sign: yesterday's weakness does not outlive today's "absent"."""
    kept: list[Fact] = []
    for fact in observations:
        newest = next(
            (other for other in case.observations.of(*fact.concepts) if other.concepts == fact.concepts), fact
        )
        if newest.present is not False and fact not in kept:
            kept.append(fact)
    return kept


def _close(one: Moment | None, other: Moment | None, apart: Span) -> bool:
    return one is not None and other is not None and abs((one.last.date() - other.last.date()).days) <= apart.days
