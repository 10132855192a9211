"""Medicines that raise calcium, harm the kidneys beside a raised calcium, or become toxic with it."""

from cds_service.clinical import Case, Offer, Span
from cds_service.findings.calcium import CalciumLimits, current_calcium
from cds_service.findings.cancer import cancer_name, in_scope
from cds_service.findings.medicines import on_medicine, protects_the_heart
from cds_service.ladder import Ladder, absent, cards, draft_needed, ladder, needed, silent, unknown

_GROUPS = {
    "raising": frozenset({"thiazide", "calcium-supplement", "vitamin-d-supplement"}),
    "lithium": frozenset({"lithium"}),
    "kidney": frozenset({"nsaid", "aminoglycoside"}),
    "digoxin": frozenset({"digoxin"}),
}
"""The medicines that matter, by what they do; each group has a note and a word of its name."""
_ALL = tuple(concept for group in _GROUPS.values() for concept in sorted(group))
_REMOVED = ("raising", "kidney")
"""Lithium and digoxin are never removed without their prescriber."""


@ladder
def hypercalcaemia_medicines(case: Case, *, calcium: CalciumLimits, given_within: Span) -> Ladder:
    """Fire when calcium is raised and such a medicine is in use (patient-view) or being ordered (order hooks)."""
    viewing, drafts = case.hook == "patient-view", case.selected_medications(*_ALL)
    yield from draft_needed(case, drafts)
    listed = on_medicine(case, given_within, *_ALL) if viewing else drafts
    chosen = tuple(medicine for medicine in listed if not protects_the_heart(case, medicine))
    yield absent("no_such_medicine", chosen, needs=("medications",))

    newest = current_calcium(case, calcium.calcium_age, calcium)
    current = yield from needed("no_calcium", newest, needs=("observations",))
    result, scope = current.result, in_scope(case)
    yield unknown("calcium value", current.open, result.sources)
    yield silent("normal", not current.high, result.sources)

    by_group = {name: tuple(fact for fact in chosen if fact.concepts & group) for name, group in _GROUPS.items()}
    found = tuple(dict.fromkeys(fact for facts in by_group.values() for fact in facts))
    removed = dict.fromkeys(draft for name in _REMOVED for draft in by_group[name])
    removals = [Offer("remove", {"medicine": draft.called}, draft=draft.reference) for draft in removed]
    yield from cards(
        {"review": True} if viewing else {"order_raising": by_group["raising"], "order_caution": True},
        *(found[:4], result.sources, scope.facts[:1]),
        words={
            "cancer": cancer_name(case),
            "kind": result.described,
            "comparator": result.comparator,
            "calcium": result.value,
            "when": result.when,
            "medicines": found,
            **by_group,
        },
        notes={
            **by_group,
            "thiazide": any("thiazide" in fact.concepts for fact in by_group["raising"]),
            "uncorrected": result.kind == "total",
            "preliminary": result.preliminary,
            "assumed_unit": result.unit_assumed,
        },
        offers=["review"] if viewing else removals,
        at_most="warning" if current.uncertain or scope.suspected else None,
    )
