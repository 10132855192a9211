"""What the patient is on, and when a medicine was last given."""

from cds_service.clinical import Case, Gap, Medication, Span, finding

_POTASSIUM = ("hyperkalaemia", "ecg-change")


@finding
def on_medicine(case: Case, given_within: Span, *concepts: str) -> tuple[Medication, ...]:
    """Medicines in use now, newest first: orders and statements in force. Drafts are none.

    Without an order on record an administration or dispense within the span stands for one.
    """
    return tuple(medicine for medicine in case.medications.of(*concepts) if _in_use(case, medicine, given_within))


@finding
def on_or_drafted(case: Case, given_within: Span, *concepts: str) -> tuple[Medication, ...]:
    """Medicines in use, and drafts of this session."""
    found = case.medications.of(*concepts)
    return tuple(medicine for medicine in found if medicine.draft or _in_use(case, medicine, given_within))


@finding
def given(case: Case, *concepts: str) -> tuple[Medication, ...]:
    """Doses that were given: administrations that were completed or begun, newest first. Orders alone prove no dose."""
    return tuple(medicine for medicine in case.medications.of(*concepts) if medicine.was_given)


def unread_medicines(case: Case) -> tuple[Gap, ...]:
    """Medicines on record that could not be identified: any of them may be the one that is asked for."""
    return tuple(gap for gap in case.gaps_of("medications") if not gap.concepts and gap.reference)


@finding
def calcium_supplements(case: Case, given_within: Span) -> tuple[Medication, ...]:
    """Calcium in use or drafted, but for calcium that protects the heart from potassium."""
    found = on_or_drafted(case, given_within, "calcium-supplement")
    return tuple(medicine for medicine in found if not protects_the_heart(case, medicine))


def protects_the_heart(case: Case, medicine: Medication) -> bool:
    """Whether it is calcium for injection, given for hyperkalaemia or with a change of the electrocardiogram."""
    known = {*medicine.reasons, *medicine.concepts, *(name for name in _POTASSIUM if case.active(name))}
    return "calcium-injection" in medicine.concepts and not known.isdisjoint(_POTASSIUM)


@finding
def taken_within(case: Case, window: Span, *concepts: str) -> tuple[Medication, ...]:
    """Medicines in force, given or ended within the window, or drafted in this session."""
    return tuple(medicine for medicine in case.medications.of(*concepts) if _within(case, medicine, window))


def _within(case: Case, medicine: Medication, window: Span) -> bool:
    if medicine.draft:
        return True
    if medicine.status == "on-hold" or medicine.intent in {"proposal", "option"}:
        return False
    if not medicine.listed:
        return medicine.status != "stopped" and case.within(medicine.when, window)
    if is_over(case, medicine):
        return case.within(medicine.ended, window)
    return medicine.status in {"active", "unknown"}


def _in_use(case: Case, medicine: Medication, given_within: Span) -> bool:
    if medicine.listed:
        return in_force(case, medicine)
    return medicine.was_given and case.within(medicine.when, given_within)


def in_force(case: Case, medicine: Medication) -> bool:
    """Whether an order or statement holds now; drafts, plans and proposals do not."""
    stands = medicine.status in {"active", "unknown"} and not (medicine.draft or medicine.planned)
    return stands and not is_over(case, medicine)


def is_over(case: Case, medicine: Medication) -> bool:
    """Whether its recorded end lies behind us; an end that is still to come leaves it in force."""
    return medicine.ended is not None and medicine.ended.last <= case.as_of
