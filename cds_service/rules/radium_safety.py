"""An order for radium-223, or for another cancer medicine beside it, in a patient whom it may harm."""

from cds_service.clinical import Case, Fact, Offer, Span, said
from cds_service.findings.cancer import visceral_metastases
from cds_service.findings.medicines import on_medicine, on_or_drafted
from cds_service.findings.treatment import RADIUM, abiraterone_stopped, radium_in_use
from cds_service.ladder import Ladder, Quotable, Rung, absent, card, draft_needed, ladder, quoted, silent


@ladder
def radium_safety(
    case: Case,
    *,
    given_within: Span,
    abiraterone_washout: Span,
    abiraterone_record_age: Span,
    radium_washout: Span,
    bma_lookback: Span,
) -> Ladder:
    """Fire when radium-223 meets abiraterone (critical), visceral metastases, no bone-modifying agent or a washout."""
    radium: tuple[Fact, ...] = (*case.selected_medications(RADIUM), *case.selected_orders(RADIUM))
    others = case.selected_medications("systemic-anticancer")
    yield from draft_needed(case, radium or others)
    if not radium:
        yield from _beside_radium(case, others, radium_washout)
        return
    in_use = on_or_drafted(case, given_within, "abiraterone")
    stopped = () if in_use else abiraterone_stopped(case, abiraterone_washout, abiraterone_record_age)
    agents = on_or_drafted(case, given_within, "bone-modifying-agent") or any(
        not dose.listed for dose in case.recent(case.medications.of("bone-modifying-agent"), bma_lookback)
    )
    against: dict[str, tuple[Fact, ...]] = {
        "abiraterone": in_use,
        "abiraterone_washout": tuple(one for one in stopped if one.ended),
        "visceral": visceral_metastases(case).facts,
        "abiraterone_stop_undated": tuple(one for one in stopped if not one.ended),
    }
    # the gravest reason is the message, the others are its notes
    found, unread = {name: facts for name, facts in against.items() if facts}, case.lacking("medications")
    if not agents and not unread:
        found["no_bone_agent"] = ()
    yield absent("nothing_against_it", found, needs=("conditions", "medications"))
    message, *more = found
    steroids = on_medicine(case, given_within, "prednisolone", "prednisone") if in_use else ()
    notes = {**{f"also_{name}": True for name in more}, "steroid": steroids, "medicines_not_known": unread}
    yield _speak(message, radium, found[message][:3], steroids[:1], *(found[name][:2] for name in more), notes=notes)


def _beside_radium(case: Case, drafts: tuple[Fact, ...], washout: Span) -> Ladder:
    """Abiraterone beside radium is as wrong as radium beside abiraterone; other cancer medicines wait."""
    abiraterone = tuple(draft for draft in drafts if "abiraterone" in draft.concepts)
    fitting = case.groups["goes-with-radium"]
    deciding = abiraterone or tuple(draft for draft in drafts if draft.concepts.isdisjoint(fitting))
    yield silent("goes_with_radium", not deciding, drafts)
    radium = radium_in_use(case, washout)
    yield absent("no_radium", radium, needs=("medications", "procedures"))
    yield _speak("abiraterone_on_radium" if abiraterone else "radium_washout", deciding, radium)


def _speak(message: str, drafts: tuple[Fact, ...], *facts: Quotable, notes: dict[str, object] | None = None) -> Rung:
    drafted = {draft.reference for draft in drafts}
    reasons = dict.fromkeys(item.called for item in quoted(*facts) if item.reference not in drafted)
    cancels = [Offer("cancel", draft=draft.reference) for draft in drafts if "#" not in draft.reference]
    asks = message in {"no_bone_agent", "abiraterone_stop_undated"} or not cancels
    return card(
        message,
        *(*facts, drafts),
        words={"ordered": drafts[0].called, "reason": tuple(reasons) or (said("none on record"),)},
        notes=notes or {},
        offers=["oncology_review"] if asks else cancels,
    )
