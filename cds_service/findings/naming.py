"""What to call a finding on a card: a problem by its own name, a report by what it states."""

from collections.abc import Iterable, Mapping
from itertools import chain

from cds_service.clinical import Case, Condition, Fact, Observation, Report, finding, said
from cds_service.findings.cancer import cancer, cannonball
from cds_service.findings.finding import Finding, named

_UNSITED = "-site-unspecified"
_CALLED = {"cannonball": "cannonball lesions", "cord-compression": "spinal cord compression"}
"""As the value set is called on a card, so that a problem and an image that say the same are one."""


def called(case: Case, facts: tuple[Fact, ...]) -> str:
    """The problem's name; without a problem what a report states, with the report's name; else a result's own words."""
    names = (
        *(named(fact) for fact in facts if isinstance(fact, Condition)),
        *(_stated(case, fact) for fact in facts if isinstance(fact, Report)),
        *(_spread(case, fact) or fact.text for fact in facts if isinstance(fact, Observation)),
        *(fact.called for fact in facts),
    )
    return next(filter(None, names), "")


def names(facts: Iterable[Fact], *telling: str) -> tuple[str, ...]:
    """What we call these facts (:func:`shown`), each name once."""
    return tuple(dict.fromkeys(shown(fact, *telling) for fact in facts))


def shown(fact: Fact, *telling: str) -> str:
    """What we call a fact; of an image, which of these value sets it states, the most telling first."""
    stated = _first_stated(fact, telling) if isinstance(fact, Report) else ""
    return stated or fact.called


def stated(case: Case, found: Finding) -> str:
    """What we call a finding that rests on a problem or on an image: of an image, the spread that it states or suspects."""
    first = found.facts[0] if found.facts else None
    return shown(first, *case.groups["spread"]) if isinstance(first, Report) else found.label


@finding
def cancer_name(case: Case) -> str:
    """What the patient's cancer is called: the primary where one is named, else what the surest evidence says."""
    facts = cancer(case).facts
    cancers = case.groups["cancers"]
    primaries = (
        fact for fact in facts if not fact.concepts.isdisjoint(cancers) and "unknown-primary" not in fact.concepts
    )
    best = next(primaries, facts[0] if facts else None)
    name = called(case, (best,) if best is not None else cannonball(case).facts)
    return said("cancer ({name})", name=name) if isinstance(best, Report) and best.called == name else name


def stated_names(groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """All that a report may be said to state, in plain words."""
    telling = (groups[name] for name in ("spread-on-images", "lung-findings", "telling-findings"))
    return tuple(dict.fromkeys(map(_plain, chain.from_iterable(telling))))


def _spread(case: Case, result: Observation) -> str:
    """What a stage or a registry's site of metastasis says, in plain words."""
    if "m1" in result.answers:
        return said("metastatic disease (M1)")
    return _plain(next((name for name in case.groups["spread"] if result.present and name in result.concepts), ""))


def _stated(case: Case, report: Report) -> str:
    """What a report states, with its name; spread goes first, were it suspected."""
    spread = _first_stated(report, case.groups["spread-on-images"])
    first = spread or _first_stated(report, case.groups["lung-findings"])
    return said("{finding} ({report})", finding=first, report=report.called) if first else report.called


def _first_stated(report: Report, telling: tuple[str, ...]) -> str:
    """The most telling that a report states; what it only suspects is called suspected."""
    stated = next((name for name in telling if name in report.affirmed), "")
    suspected = "" if stated else next((name for name in telling if name in report.doubted), "")
    return said("suspected {name}", name=_plain(suspected)) if suspected else _plain(stated)


def _plain(name: str) -> str:
    return _CALLED.get(name) or name.removesuffix(_UNSITED).replace("-", " ")
