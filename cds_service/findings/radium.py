"""Radium-223 and what must not be given with it."""

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact, Medication
from cds_service.findings.studies import done, ordered, planned
from cds_service.terminology.dates import Span

RADIUM = "radium-223"
GOES_WITH_RADIUM = frozenset(
    {
        "radium-223",
        "lhrh",
        "antiandrogen",
        "androgen-deprivation",
        "aromatase-inhibitor",
        "tamoxifen",
        "bone-modifying-agent",
    }
)
"""Hormonal treatment goes on beside radium; abiraterone, which these sets may include, is judged apart."""


@finding
def radium_in_use(case: Case, washout: Span) -> tuple[Fact, ...]:
    """Radium-223 given within the washout, under way, ordered, or drafted in this session."""
    medicines: list[Fact] = [
        medicine
        for medicine in case.medications.of(RADIUM)
        if medicine.draft
        or (medicine.kind == "request" and medicine.status == "active")
        or (
            medicine.status in {"completed", "active", "stopped"}
            and case.within(medicine.ended or medicine.when, washout)
        )
    ]
    return (*medicines, *done(case, washout, RADIUM), *ordered(case, washout, RADIUM), *planned(case, RADIUM))


@finding
def abiraterone_stopped(case: Case, washout: Span) -> tuple[Medication, ...]:
    """Abiraterone that ended within the washout."""
    return tuple(
        medicine
        for medicine in case.medications.of("abiraterone")
        if not medicine.draft
        and medicine.status in {"stopped", "completed", "active", "unknown"}
        and case.within(medicine.ended, washout)
    )


@finding
def abiraterone_stopped_some_day(case: Case, record_age: Span) -> tuple[Medication, ...]:
    """Abiraterone that was stopped on a day that nobody recorded, in a record no older than ``record_age``."""
    return tuple(
        medicine
        for medicine in case.medications.of("abiraterone")
        if medicine.listed
        and not medicine.draft
        and medicine.status in {"stopped", "completed"}
        and medicine.ended is None
        and case.within(medicine.when, record_age)
    )
