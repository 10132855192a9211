"""Radiotherapy that was given, is under way or has been asked for, and what an order prescribes."""

from collections.abc import Iterable

from cds_service.clinical import Case, Course, Fact, Order, Procedure, Span, finding
from cds_service.findings.studies import done_or_ordered, ordered, planned

_RADIOTHERAPY = ("radiotherapy", "radiotherapy-palliative-bone")


@finding
def radiotherapy_courses(case: Case) -> tuple[Procedure, ...]:
    """Courses on record, given or under way, newest first."""
    known = case.procedures.of(*_RADIOTHERAPY)
    return tuple(course for course in known if course.status in {"completed", "in-progress", "stopped"})


@finding
def radiotherapy_in_hand(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """A course, an order or a referral within the look-back: the radiotherapist knows of the patient."""
    return done_or_ordered(case, lookback, *_RADIOTHERAPY, "referral-radiation-oncology")


def treatments(orders: Iterable[Order]) -> tuple[Order, ...]:
    """Orders for radiotherapy itself; a referral to radiation oncology is none yet."""
    return tuple(order for order in orders if "referral-radiation-oncology" not in order.concepts)


@finding
def radiotherapy_within(case: Case, window: Span, order_age: Span) -> tuple[Fact, ...]:
    """Radiotherapy given within the window, under way, ordered or drafted."""
    given = (course for course in case.procedures.of("radiotherapy") if course.status in {"completed", "stopped"})
    standing = treatments(ordered(case, order_age, "radiotherapy"))
    return (*case.recent(given, window), *planned(case, "radiotherapy"), *standing)


def prescription(order: Order) -> Course:
    """What an order prescribes, by its words and extensions, else its quantity."""
    if order.course is not None:
        return order.course
    counted = order.quantity
    if counted is None or counted.unit != "1" or counted.value != counted.value.to_integral_value():
        return Course()
    return Course(int(counted.value)) if counted.value > 1 else Course()  # 1 without a word may mean one course
