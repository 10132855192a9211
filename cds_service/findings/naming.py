"""What to call a finding on a card: a problem by its own name, a report by what it states."""

from collections.abc import Iterable

from cds_service.clinical import Case, Condition, Fact, Observation, Report, finding, said
from cds_service.findings.cancer import CANCERS, SPREAD, cancer, cannonball
from cds_service.findings.finding import Finding, named

_SPREAD = ("cannonball", *SPREAD)
_STATED = (
    "pulmonary-nodules",
    "solitary-pulmonary-nodule",
    "lung-nodule",
    "lung-field-finding",
    "malignant-pleural-effusion",
    "pleural-effusion",
)
"""Value sets that a report may state, most telling first; their names read as plain words. Spread goes first, were it suspected."""
SHOWN = (
    "cord-compression",
    "cauda-equina",
    "epidural-metastasis",
    "canal-encroachment",
    "posterior-wall-involvement",
    "pathological-fracture",
    "vertebral-fracture",
    "impending-vertebral-fracture",
    "impending-fracture",
    "lytic-lesion",
)
"""Value sets after which an image is called on the cards of emergencies."""
_UNSITED = "-site-unspecified"
_CALLED = {"cannonball": "cannonball lesions", "cord-compression": "spinal cord compression"}
"""As the value set is called on a card, so that a problem and an image that say the same are one."""


def called(facts: tuple[Fact, ...]) -> str:
    """The problem's name; without a problem what a report states, with the report's name; else a result's own words."""
    names = (
        *(named(fact) for fact in facts if isinstance(fact, Condition)),
        *(_stated(fact) for fact in facts if isinstance(fact, Report)),
        *(_spread(fact) or fact.text for fact in facts if isinstance(fact, Observation)),
        *(fact.called for fact in facts),
    )
    return next(filter(None, names), "")


def names(facts: Iterable[Fact], *telling: str) -> tuple[str, ...]:
    """What we call these facts (:func:`shown`), each name once."""
    return tuple(dict.fromkeys(shown(fact, *telling) for fact in facts))


def shown(fact: Fact, *telling: str) -> str:
    """What we call a fact; of an image, which of these value sets (:data:`SHOWN`) it states, the most telling first."""
    stated = _first_stated(fact, telling) if isinstance(fact, Report) else ""
    return stated or fact.called


def stated(found: Finding) -> str:
    """What we call a finding that rests on a problem or on an image: of an image, the spread that it states or suspects."""
    first = found.facts[0] if found.facts else None
    return shown(first, *SPREAD) if isinstance(first, Report) else found.label


@finding
def cancer_name(case: Case) -> str:
    """What the patient's cancer is called: the primary where one is named, else what the surest evidence says."""
    facts = cancer(case).facts
    primaries = (
        fact for fact in facts if not fact.concepts.isdisjoint(CANCERS) and "unknown-primary" not in fact.concepts
    )
    best = next(primaries, facts[0] if facts else None)
    name = called((best,) if best is not None else cannonball(case).facts)
    return said("cancer ({name})", name=name) if isinstance(best, Report) and best.called == name else name


def stated_names() -> tuple[str, ...]:
    """All that a report may be said to state, in plain words."""
    return tuple(dict.fromkeys(map(_plain, (*_SPREAD, *_STATED, *SHOWN))))


def _spread(result: Observation) -> str:
    """What a stage or a registry's site of metastasis says, in plain words."""
    if "m1" in result.answers:
        return said("metastatic disease (M1)")
    return _plain(next((name for name in SPREAD if result.present and name in result.concepts), ""))


def _stated(report: Report) -> str:
    first = _first_stated(report, _SPREAD) or _first_stated(report, _STATED)
    return said("{finding} ({report})", finding=first, report=report.called) if first else report.called


def _first_stated(report: Report, telling: tuple[str, ...]) -> str:
    """The most telling that a report states; what it only suspects is called suspected."""
    stated = next((name for name in telling if name in report.affirmed), "")
    suspected = "" if stated else next((name for name in telling if name in report.doubted), "")
    return said("suspected {name}", name=_plain(suspected)) if suspected else _plain(stated)


def _plain(name: str) -> str:
    return _CALLED.get(name) or name.removesuffix(_UNSITED).replace("-", " ")
