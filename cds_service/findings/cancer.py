"""Is there cancer, where has it spread, how sure is that, is its primary known, and what is it called?"""

from cds_service.clinical import Case, Condition, Fact, Observation, Report, finding, said
from cds_service.findings.finding import Finding, called, summed_up

_SKIN = frozenset({"non-melanoma-skin-cancer", "any-malignancy"})
_GENERIC = ("metastasis-site-unspecified", "other-metastasis")


@finding
def cancer(case: Case) -> Finding:
    """Any evidence of cancer: active, in remission or history, a metastasis, a TNM category, a report that states spread.

    Non-melanoma skin cancer alone is none (seed 003: it rarely spreads). Cannonball lesions are judged apart.
    """
    cancers, spread = case.groups["cancers"], case.groups["spread"]
    conditions = case.conditions.of(*cancers, *spread)
    best = sorted((fact for fact in conditions if fact.concepts != _SKIN), key=_best_first)
    observed = (*_category_m1(case), *_observed(case, (*spread, "any-malignancy")))
    past = [fact for fact in case.observations.of("metastatic-history") if fact.present is not False]
    return summed_up(
        (*best, *observed, *_reported(case, spread), *past),
        (*cancers, *spread, "t-category", "n-category", "m-category", "metastatic-history"),
    )


@finding
def active_cancer(case: Case) -> Finding:
    """Cancer that is present now: neither in remission nor history."""
    present = [one for one in cancer(case).facts if one.active and "metastatic-history" not in one.concepts]
    return summed_up(present, (*case.groups["cancers"], *case.groups["spread"], "m-category"))


@finding
def cancer_name(case: Case) -> str:
    """What the patient's cancer is called: the primary where one is named, else what the surest evidence says."""
    facts, cancers = cancer(case).facts, frozenset(case.groups["cancers"])
    primaries = (one for one in facts if one.concepts & cancers and "unknown-primary" not in one.concepts)
    best = next(primaries, facts[0] if facts else None)
    name = called(case, (best,) if best is not None else cannonball(case).facts)
    return said("cancer ({name})", name=name) if isinstance(best, Report) and best.called == name else name


@finding
def primary(case: Case, *sites: str) -> Finding:
    """A primary of one of these value sets, active or not; metastases never make a primary of their site (seed 003)."""
    return summed_up(sorted(case.conditions.of(*sites), key=_best_first), sites)


@finding
def active_primary(case: Case, *sites: str) -> Finding:
    """A primary of one of these value sets that is present now."""
    return summed_up([fact for fact in primary(case, *sites).facts if fact.active], sites)


@finding
def cannonball(case: Case) -> Finding:
    """Cannonball lesions: in words by themselves; coded multiple nodules only beside a known cancer."""
    names = ("cannonball", "pulmonary-nodules") if cancer(case) else ("cannonball",)
    facts = [fact for name in names for fact in (*case.active(name), *_reported(case, (name,)))]
    return summed_up(facts, names)


@finding
def in_scope(case: Case) -> Finding:
    """Evidence that makes the service speak at all: cancer of any state, or cannonball lesions."""
    return cancer(case) or cannonball(case)


@finding
def bone_metastases(case: Case) -> Finding:
    """Active bone metastases: by code, by words, or a generic secondary code (or M1) with a skeletal body site."""
    return _spread(case, ("bone-metastasis", "vertebral-metastasis"), "site-bone")


@finding
def spine_metastases(case: Case) -> Finding:
    """Active vertebral metastases. Bone metastases of unknown site are :func:`bone_metastases` only."""
    named = _spread(case, ("vertebral-metastasis",), "site-spine").facts
    sited = [fact for fact in case.active("bone-metastasis") if "site-spine" in fact.sites]
    return summed_up((*named, *sited), ("vertebral-metastasis", "bone-metastasis", "metastasis-site-unspecified"))


@finding
def lung_metastases(case: Case) -> Finding:
    """Active lung metastases; pleural ones are kept apart."""
    return _spread(case, ("lung-metastasis",), "site-lung")


@finding
def pleural_metastases(case: Case) -> Finding:
    """Active metastases of the pleura, a malignant effusion included."""
    return _spread(case, ("pleural-metastasis",), "site-pleura")


@finding
def visceral_metastases(case: Case) -> Finding:
    """Active metastases in lung, liver or brain."""
    organs = ("liver-metastasis", "brain-metastasis")
    facts = (*lung_metastases(case).facts, *_spread(case, organs, "").facts)
    return summed_up(facts, ("lung-metastasis", *organs, *_GENERIC, "m-category"))


@finding
def lung_disease(case: Case) -> Finding:
    """Cancer in the lungs as the work-up sees it: metastases of lung or pleura, or cannonball lesions."""
    facts = (*lung_metastases(case).facts, *case.active("pleural-metastasis"), *cannonball(case).facts)
    codes = ("lung-metastasis", "pleural-metastasis", "metastasis-site-unspecified", "cannonball", "pulmonary-nodules")
    return summed_up(facts, codes)


@finding
def metastases(case: Case) -> Finding:
    """Active metastases anywhere, an M1 category included."""
    spread = case.groups["spread"]
    facts = (*case.active(*spread), *_category_m1(case), *_observed(case, spread), *_reported(case, spread))
    return summed_up(facts, (*spread, "m-category"))


@finding
def named_primary(case: Case) -> Finding:
    """A primary of a stated organ or lineage, of any state; a metastasis of an organ does not make it the primary (seed 003)."""
    named, by_organ, spread = (case.groups[name] for name in ("named-primaries", "primaries-by-organ", "spread"))
    known = [fact for fact in primary(case, *named).facts if "unknown-primary" not in fact.concepts]
    facts = [fact for fact in known if fact.concepts.intersection(by_organ) or fact.concepts.isdisjoint(spread)]
    return summed_up(facts, named)


@finding
def unknown_primary(case: Case) -> Finding:
    """An active malignancy of unknown primary, when no primary is on record by its name."""
    return summed_up(() if named_primary(case) else case.active("unknown-primary"), ("unknown-primary",))


def _spread(case: Case, named: tuple[str, ...], site: str) -> Finding:
    sited: tuple[Condition | Observation, ...] = (*case.active(*_GENERIC), *_category_m1(case)) if site else ()
    at_site = (fact for fact in sited if site in fact.sites)
    facts = (*case.active(*named), *at_site, *_observed(case, named), *_reported(case, named))
    return summed_up(sorted(facts, key=_best_first), (*named, *_GENERIC, "m-category"))


def _category_m1(case: Case) -> tuple[Observation, ...]:
    stated = [one for one in case.observations.of("m-category") if "m1" in one.answers and "m0" not in one.answers]
    return tuple(stated[:1])


def _observed(case: Case, concepts: tuple[str, ...]) -> tuple[Observation, ...]:
    """Metastases that an observation states, as cancer registries write their sites."""
    return tuple(one for one in case.observations.of(*concepts) if one.present)


def _reported(case: Case, concepts: tuple[str, ...]) -> list[Fact]:
    """Reports whose conclusion states one of these concepts, without a newer report of the same kind that denies it."""
    wanted = frozenset(concepts)
    found: list[Fact] = []
    denied: set[str] = set()
    for report in case.reports:
        if ((report.affirmed | report.doubted) & wanted) - denied:
            found.append(report)
        denied |= report.denied & wanted
    return found


def _best_first(fact: Fact) -> tuple[bool, bool, bool, bool]:
    """Confirmed before suspected, active before past, condition before report, coded before words; else as ordered."""
    return (fact.suspected, not fact.active, not isinstance(fact, Condition), not fact.coded)
