"""Treatment of the cancer: drugs that act on the whole body, radiotherapy, and radium-223 with what must not meet it."""

from collections.abc import Iterable

from cds_service.clinical import Case, Course, Fact, Medication, Order, Procedure, Span, finding
from cds_service.findings.finding import Finding, summed_up
from cds_service.findings.medicines import on_medicine
from cds_service.findings.studies import done_or_ordered, ordered, planned

RADIUM = "radium-223"
_DRUGS = "systemic-anticancer"
_LOCAL = ("radiotherapy", "sbrt", "ablation", "metastasectomy")
_RADIOTHERAPY = ("radiotherapy", "radiotherapy-palliative-bone")


@finding
def systemic_therapy(case: Case, given_within: Span, lookback: Span) -> Finding:
    """Anticancer drugs in use, planned, on hold, or given or begun within the look-back; drafts of this session too."""
    drugs = case.medications.of(_DRUGS)
    given = (drug for drug in drugs if drug.status in {"completed", "stopped"} and not drug.planned)
    plans = (drug for drug in drugs if drug.intent == "plan" and drug.status in {"active", "draft"})
    waiting = (drug for drug in drugs if drug.draft or drug.status == "on-hold")
    courses = (*planned(case, _DRUGS), *case.recent(case.procedures.of(_DRUGS), lookback))
    in_use = on_medicine(case, given_within, _DRUGS)
    return summed_up((*in_use, *case.recent(given, lookback), *waiting, *plans, *courses), (_DRUGS,))


@finding
def cancer_treatment(case: Case) -> tuple[Fact, ...]:
    """Anything on record that treated the cancer at any time: a drug, radiotherapy, ablation, removal of a metastasis."""
    begun = (drug for drug in case.medications.of(_DRUGS) if drug.status in {"active", "completed", "stopped"})
    done = (fact for fact in case.procedures.of(_DRUGS, *_LOCAL) if fact.status in {"completed", "in-progress"})
    return (*(drug for drug in begun if not (drug.draft or drug.planned)), *done)


@finding
def radiotherapy_courses(case: Case) -> tuple[Procedure, ...]:
    """Courses of radiotherapy on record, given or under way, newest first."""
    known = case.procedures.of(*_RADIOTHERAPY)
    return tuple(course for course in known if course.status in {"completed", "in-progress", "stopped"})


@finding
def radiotherapy_in_hand(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """A course, an order or a referral within the look-back: the radiotherapist knows of the patient."""
    return done_or_ordered(case, lookback, *_RADIOTHERAPY, "referral-radiation-oncology")


@finding
def radiotherapy_within(case: Case, window: Span, order_age: Span) -> tuple[Fact, ...]:
    """Radiotherapy given within the window, under way, ordered or drafted."""
    given = (course for course in case.procedures.of("radiotherapy") if course.status in {"completed", "stopped"})
    standing = treatments(ordered(case, order_age, "radiotherapy"))
    return (*case.recent(given, window), *planned(case, "radiotherapy"), *standing)


def treatments(orders: Iterable[Order]) -> tuple[Order, ...]:
    """Orders for radiotherapy itself; a referral to radiation oncology is none yet."""
    return tuple(order for order in orders if "referral-radiation-oncology" not in order.concepts)


def prescription(order: Order) -> Course:
    """What an order of radiotherapy prescribes, by its words and extensions, else its quantity."""
    counted = order.quantity
    if order.course is not None or counted is None or counted.unit != "1":
        return order.course or Course()
    whole = counted.value == counted.value.to_integral_value()
    # 1 without a word may mean one course
    return Course(int(counted.value)) if whole and counted.value > 1 else Course()


@finding
def radium_in_use(case: Case, washout: Span) -> tuple[Fact, ...]:
    """Radium-223 given within the washout, under way, ordered, or drafted in this session."""
    medicines = case.medications.of(RADIUM)
    given = {"completed", "active", "stopped"}
    recent = [one for one in medicines if one.status in given and case.within(one.ended or one.when, washout)]
    meant = [one for one in medicines if one.draft or (one.kind == "request" and one.status == "active")]
    return summed_up((*meant, *recent, *done_or_ordered(case, washout, RADIUM)), (RADIUM,)).facts


@finding
def abiraterone_stopped(case: Case, washout: Span, record_age: Span) -> tuple[Medication, ...]:
    """Abiraterone that ended within the washout; else what was stopped on a day that nobody recorded.

    That stands in a record no older than ``record_age``.
    """
    known = [one for one in case.medications.of("abiraterone") if not one.draft]
    over = {"stopped", "completed"}
    ended = [one for one in known if one.status in {*over, "active", "unknown"} and case.within(one.ended, washout)]
    undated = (one for one in known if one.ended is None and one.listed and one.status in over)
    return tuple(ended) or case.recent(undated, record_age)
