"""Radiotherapy and a radiosensitising medicine at the same time: somebody must have planned it."""

from cds_service.clinical import Case, Span
from cds_service.findings.medicines import taken_within
from cds_service.findings.studies import done_or_ordered
from cds_service.findings.treatment import radiotherapy_within, treatments
from cds_service.ladder import Ladder, absent, card, draft_needed, ladder


@ladder
def radiotherapy_systemic_overlap(case: Case, *, overlap: Span, order_age: Span, referral_lookback: Span) -> Ladder:
    """Fire when radiotherapy is ordered beside a radiosensitiser within ``overlap``, or the reverse."""
    rays = treatments(case.selected_orders("radiotherapy"))
    medicines = case.selected_medications("radiosensitiser")
    yield from draft_needed(case, rays or medicines)

    sensitisers = taken_within(case, overlap, "radiosensitiser") if rays else ()
    irradiated = radiotherapy_within(case, overlap, order_age) if medicines else ()
    needs = (*(("medications",) if rays else ()), *(("procedures", "orders") if medicines else ()))
    yield absent("nothing_overlaps", sensitisers or irradiated, needs=needs)

    drafted, other = (rays, sensitisers) if sensitisers else (medicines, irradiated)
    referred = done_or_ordered(case, referral_lookback, "referral-radiation-oncology")
    yield card(
        "radiotherapy_drafted" if sensitisers else "medicine_drafted",
        *(drafted, other),
        words={"drafted": drafted, "other": other},
        notes={"referred": referred},
        offers={"radiation_oncology": not referred},
    )
