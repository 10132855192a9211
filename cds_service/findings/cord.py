"""Signs of spinal cord or cauda equina compression, imaging that speaks for or against it, and a stroke that explains them."""

from cds_service.clinical import VAGUE, Case, Condition, Fact, Gap, Moment, Report, Span, finding
from cds_service.findings.cancer import active_cancer, metastases
from cds_service.findings.finding import Finding, earliest, observed, summed_up
from cds_service.findings.studies import reported

COMPRESSION = ("cord-compression", "cauda-equina", "cord-distortion")
TREATMENT = ("radiotherapy", "sbrt", "orthopaedic-fixation")
EPIDURAL = ("epidural-metastasis", "canal-encroachment")
_COMPRESSION = frozenset(COMPRESSION)
_CLEARED = frozenset({"cord-compression", "cauda-equina"})
"""What has to be denied: a cord that is not displaced, or without a change of signal, may be compressed all the same."""
SPINE = ("mri-whole-spine", "mri-spine-region", "mri-spine-unspecified", "ct-myelogram")
_SPINAL = (*SPINE, "ct-spine")
_IMAGING = ("mri-any", "ct-any", "bone-imaging")


class Neurology(Finding, frozen=True):
    """Neurological signs within the window; coded where a result that is not preliminary proves one."""

    old: tuple[Fact, ...] = ()
    undated: tuple[Fact, ...] = ()
    vague: bool = False
    """The date of every sign may lie before the window as well; then it counts as recent."""
    newest: Moment | None = None
    """When the latest kind of sign first appeared: only imaging after it can exclude compression."""


@finding
def neurology(case: Case, window: Span, *concepts: str) -> Neurology:
    """Signs of these value sets (default: the cord signs) by age. The onset decides; without one, the record date.

    A sign recorded as absent, refuted, resolved or denied in words is none. Hemiplegia is no cord sign. An onset that
    may lie within the window as well as before it counts as recent, unless it was recorded before the window.
    """
    wanted = concepts or case.groups["cord-signs"]
    found = _signs(case, *wanted)  # looked up here, as far back as the window reaches
    recent = case.recent(found, window)
    vague = tuple(sign for sign in found if case.perhaps_within(sign.when, window) and not _known(case, sign, window))
    counted = (*recent, *vague)
    ids, final = set(map(id, counted)), [sign for sign in counted if getattr(sign, "status", "") != "preliminary"]
    # A sign that is merely noted again is not new: each kind counts from the day on which it was first there.
    first = filter(None, (earliest(sign for sign in counted if concept in sign.concepts) for concept in wanted))
    return Neurology(
        counted,
        coded=any(not sign.coded.isdisjoint(wanted) for sign in final),
        old=tuple(sign for sign in found if sign.when and id(sign) not in ids),
        undated=tuple(sign for sign in found if sign.when is None),
        vague=bool(vague) and not recent,
        newest=max(first, key=lambda moment: moment.last, default=None),
    )


def _known(case: Case, sign: Fact, window: Span) -> bool:
    """Whether a problem was on record before the window."""
    recorded = sign.recorded if isinstance(sign, Condition) else None
    return recorded is not None and not window.may_reach(recorded, case.as_of)


@finding
def signs(case: Case, *concepts: str) -> tuple[Fact, ...]:
    """Symptoms and signs that are present: active conditions, and observations that do not say "absent"."""
    return _signs(case, *concepts)


@finding
def compression(case: Case, window: Span) -> Finding:
    """Compression of cord or cauda equina: an active problem, or observed, or reported or suspected by an image, in the window."""
    reports = [report for report in _images(case, window) if _raised(report) & _COMPRESSION]
    stated = (*case.active(*COMPRESSION), *case.recent(observed(case, *COMPRESSION), window))
    found = summed_up((*stated, *reports), COMPRESSION)
    proven = any(report.proven & _COMPRESSION and report.status == "final" for report in reports)
    return Finding(found.facts, found.coded or proven, found.suspected)


@finding
def _images(case: Case, window: Span) -> tuple[Report, ...]:
    """Images within the window, and what examinations that nobody can name were reported to show."""
    unnamed = (report for report in reported(case, window) if not report.concepts)
    return (*reported(case, window, *_IMAGING), *unnamed)


def _raised(report: Report) -> frozenset[str]:
    """What an image states and, when it looks at the spine, what it suspects ("concerning for", "impending")."""
    spinal = not report.concepts.isdisjoint(_SPINAL)
    return report.affirmed | report.doubted if spinal else report.affirmed


@finding
def compression_unknown(case: Case) -> tuple[Gap, ...]:
    """What concerns a sign of the cord or its compression and cannot be used, such as a weakness dated ahead of now."""
    wanted = (*case.groups["cord-signs"], *COMPRESSION)
    touching = (gap for need in ("conditions", "observations", "reports") for gap in case.gaps_of(need, wanted))
    return tuple(gap for gap in touching if gap.concepts)


@finding
def epidural_metastasis(case: Case, window: Span) -> Finding:
    """An active epidural, meningeal or intraspinal metastasis, or one that was observed or imaged within the window."""
    reports = tuple(report for report in _images(case, window) if not report.affirmed.isdisjoint(EPIDURAL))
    stated = (*case.active(*EPIDURAL), *case.recent(observed(case, *EPIDURAL), window))
    return summed_up((*stated, *reports), EPIDURAL)


@finding
def whole_spine_cleared(case: Case, start: Moment | None, window: Span) -> Report | None:
    """The complete whole-spine MRI from ``start`` on that reports no compression, unless a newer image reports one.

    A start that is only known to the month or year may lie after an image of that time.
    """
    begun = None if start is None else start.last if start.precision in VAGUE else start.first
    for report in reported(case, window, *_IMAGING):
        if (report.affirmed | report.doubted) & _COMPRESSION:
            return None
        late_enough = begun is None or (report.when is not None and report.when.last >= begun)
        denies = bool(report.denied & _CLEARED) or "cord-compression-refuted" in report.affirmed
        if "mri-whole-spine" in report.concepts and late_enough and report.complete and denies:
            return report
    return None


@finding
def incomplete_images(case: Case, window: Span) -> tuple[Report, ...]:
    """Spinal images that were not finished or are not of diagnostic quality: they exclude nothing."""
    images = reported(case, window, *_IMAGING)
    return tuple(report for report in images if report.limits and not report.concepts.isdisjoint(SPINE))


def imaging_counts_from(neuro: Neurology, compressed: Finding) -> Moment | None:
    """From when on imaging counts: the latest kind of sign, or the compression as a problem, whichever came last."""
    stated = [fact.when for fact in compressed.facts if not isinstance(fact, Report) and fact.when]
    moments = [*stated, neuro.newest] if neuro.newest else stated
    return max(moments, key=lambda moment: moment.last, default=None)


def treated_since(case: Case, found: tuple[Fact, ...], window: Span) -> tuple[Fact, ...]:
    """Radiotherapy or spinal surgery since compression or an epidural metastasis that is older than the window."""
    start = earliest(found)
    if start is None or case.recent(found, window):
        return ()
    done = [fact for fact in case.procedures.of(*TREATMENT) if fact.status in {"completed", "in-progress"}]
    return tuple(fact for fact in done if fact.when is not None and fact.when.last >= start.first)


@finding
def cord_at_risk(case: Case, window: Span) -> Finding:
    """New cord signs, compression or an epidural metastasis, unless a whole-spine MRI since then excludes compression."""
    neuro, compressed = neurology(case, window), compression(case, window)
    if whole_spine_cleared(case, imaging_counts_from(neuro, compressed), window) is not None:
        return Finding(())
    facts = dict.fromkeys((*compressed.facts, *neuro.facts, *epidural_metastasis(case, window).facts))
    return Finding(tuple(facts), compressed.coded or neuro.coded)


def explaining_stroke(case: Case, neuro: Neurology, apart: Span) -> tuple[Condition, ...]:
    """Coded strokes of the same days as new limb weakness, in a patient whose cancer is history only."""
    if active_cancer(case) or metastases(case):
        return ()
    weak = [fact.when.last.date() for fact in neuro.facts if "limb-weakness" in fact.concepts and fact.when]
    coded = [
        (stroke.when.last.date(), stroke)
        for stroke in case.conditions.of("stroke")
        if "stroke" in stroke.coded and stroke.when
    ]
    return tuple(stroke for day, stroke in coded if any(abs((day - other).days) <= apart.days for other in weak))


def more_than_weakness(case: Case, neuro: Neurology, window: Span) -> tuple[Fact, ...]:
    """New signs other than limb weakness, and new spinal or radicular pain: a stroke does not explain them."""
    other = tuple(fact for fact in neuro.facts if "limb-weakness" not in fact.concepts)
    return (*other, *neurology(case, window, "back-pain", "radicular-pain").facts)


def _signs(case: Case, *concepts: str) -> tuple[Fact, ...]:
    return (*case.active(*concepts), *observed(case, *concepts))
