"""Radium-223 and what must not be given with it."""

from cds_service.clinical import Case, Fact, Medication, Span, finding
from cds_service.findings.studies import done, ordered, planned

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
    ended = [medicine for medicine in case.medications.of("abiraterone") if case.within(medicine.ended, washout)]
    return tuple(one for one in ended if not one.draft and one.status in {"stopped", "completed", "active", "unknown"})


@finding
def abiraterone_stopped_some_day(case: Case, record_age: Span) -> tuple[Medication, ...]:
    """Abiraterone that was stopped on a day that nobody recorded, in a record no older than ``record_age``."""
    undated = [one for one in case.medications.of("abiraterone") if one.ended is None and not one.draft and one.listed]
    return case.recent((one for one in undated if one.status in {"stopped", "completed"}), record_age)
