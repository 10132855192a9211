"""Has something been ordered, and has it been done? Orders, procedures, reports and imaging studies are all looked at."""

from cds_service.clinical import Case, Fact, Moment, Order, Report, Span, finding


@finding
def done(case: Case, span: Span, *concepts: str) -> tuple[Fact, ...]:
    """Completed procedures, and reports or imaging studies beyond ``registered`` that are whole, within the span."""
    found: list[Fact] = [fact for fact in case.reports.of(*concepts) if fact.status != "registered" and not fact.limits]
    found += [fact for fact in case.procedures.of(*concepts) if fact.status == "completed"]
    found += [fact for fact in case.orders.of(*concepts) if fact.status == "completed"]
    return case.recent(found, span)


@finding
def reported(case: Case, span: Span, *concepts: str) -> tuple[Report, ...]:
    """Reports and imaging studies beyond ``registered`` within the span; of every kind, where no value set is named."""
    found = case.reports.of(*concepts) if concepts else case.reports
    return tuple(report for report in case.recent(found, span) if report.status != "registered")


@finding
def ordered(case: Case, span: Span, *concepts: str) -> tuple[Order, ...]:
    """Orders that stand: active, on hold, or drafts of this session; authored within the span, or undated."""
    return tuple(
        order
        for order in case.orders.of(*concepts)
        if order.status in {"draft", "active", "on-hold"}
        and (order.draft or order.authored is None or case.within(order.authored, span))
    )


@finding
def planned(case: Case, *concepts: str) -> tuple[Fact, ...]:
    """Procedures that are being prepared or under way."""
    return tuple(fact for fact in case.procedures.of(*concepts) if fact.status in {"planned", "in-progress", "on-hold"})


@finding
def under_way(case: Case, span: Span, *concepts: str) -> tuple[Fact, ...]:
    """Orders that stand, and procedures that are being prepared or done."""
    return (*ordered(case, span, *concepts), *planned(case, *concepts))


@finding
def done_or_ordered(case: Case, span: Span, *concepts: str) -> tuple[Fact, ...]:
    """Everything that makes a new order a duplicate."""
    return (*done(case, span, *concepts), *under_way(case, span, *concepts))


@finding
def board_held(case: Case, lookback: Span, *boards: str) -> tuple[Fact, ...]:
    """Discussions by these tumour boards (MDT) within the look-back: procedures, notes, meetings."""
    meetings = case.recent(case.encounters.of(*boards), lookback)
    return (*done(case, lookback, *boards), *meetings, *case.recent(case.observations.of(*boards), lookback))


@finding
def measured_or_ordered(case: Case, span: Span, *concepts: str) -> tuple[Fact, ...]:
    """Results of any status within the span, and orders of them that stand."""
    return (*case.recent(case.observations.of(*concepts), span), *ordered(case, span, *concepts))


@finding
def contrast_staging_ct(case: Case, lookback: Span) -> tuple[Fact, ...]:
    """A contrast CT of the whole trunk, done or ordered: one study, or its two halves (such as CPT 71260 and 74177)."""
    whole = done_or_ordered(case, lookback, "ct-chest-abdomen-pelvis-contrast")
    upper = done_or_ordered(case, lookback, "ct-chest-contrast", "ct-chest-abdomen-contrast")
    lower = done_or_ordered(case, lookback, "ct-abdomen-pelvis-contrast")
    return whole or ((*upper[:1], *lower[:1]) if upper and lower else ())


def after(facts: tuple[Fact, ...], start: Moment | None) -> tuple[Fact, ...]:
    """Those of these facts that do not lie before ``start`` (all of them, when it is not known)."""
    if start is None:
        return facts
    return tuple(fact for fact in facts if fact.when is None or fact.when.last >= start.first)
