"""What makes an MRI or iodinated contrast unsafe for this patient."""

from dataclasses import dataclass

from cds_service.clinical import Case, Device, Fact, finding
from cds_service.findings.finding import Finding, summed_up

_UNSAFE = "mri-unsafe-device"
_SHOWN = 160
_CONTRAST = ("contrast-allergy", "contrast-allergy-history")


@dataclass(frozen=True, slots=True)
class Implants:
    """What is in the body and may meet a magnet, by what is stated of its safety there."""

    unmarked: Finding
    """Nothing is stated, or that it is unsafe."""
    conditional: Finding
    safe: Finding

    @property
    def conditions(self) -> str:
        """What the record says of the newest conditional device, where its conditions stand if they stand anywhere."""
        newest = next(iter(self.conditional.facts), None)
        return str(getattr(newest, "text", "") or self.conditional.label)[:_SHOWN]


@finding
def implants(case: Case, *, allergies: bool = True) -> Implants:
    """Implants on record, newest first: what was put in stays in until its removal is recorded later.

    So a past problem counts, and a procedure that put one in; one that is only planned has done neither. What a device of
    its kind is marked for is marked.
    """
    answers = (fact for fact in case.observations.of(_UNSAFE) if fact.present)
    done = (fact for fact in case.procedures.of(_UNSAFE) if fact.status not in {"planned", "on-hold"})
    allergic = case.allergies.of(_UNSAFE) if allergies else ()
    recorded = (*case.devices.of(_UNSAFE), *case.conditions.of(_UNSAFE), *answers, *done, *allergic)
    removals = [fact for fact in recorded if "device-removal" in fact.concepts]
    marks: dict[str, list[Fact]] = {"": [], "mr-conditional": [], "mr-safe": []}
    for fact in recorded:
        if "device-removal" not in fact.concepts and not any(_took_out(case, removal, fact) for removal in removals):
            marks[_mark(fact)].append(fact)
    marked = (*marks["mr-conditional"], *marks["mr-safe"])
    covered = frozenset[str]().union(*(_kinds(case, fact) for fact in marked if isinstance(fact, Device)))
    unmarked = [
        one for one in marks[""] if isinstance(one, Device) or not (kinds := _kinds(case, one)) or kinds - covered
    ]
    return Implants(
        summed_up(unmarked, (_UNSAFE,)),
        summed_up(marks["mr-conditional"], (_UNSAFE, "mr-conditional")),
        summed_up(marks["mr-safe"], (_UNSAFE, "mr-safe")),
    )


@finding
def contrast_allergy(case: Case) -> Finding:
    """An allergy to iodinated contrast, as an allergy or as a problem. Gadolinium is another medium."""
    return summed_up((*case.allergies.of(*_CONTRAST), *case.active(*_CONTRAST)), _CONTRAST)


def _took_out(case: Case, removal: Fact, fact: Fact) -> bool:
    """Whether a removal of the same kind lies after the fact; what has no date may be the newer one."""
    kinds = _kinds(case, fact)
    if not kinds or not kinds <= _kinds(case, removal) or removal.when is None or fact.when is None:
        return False
    return removal.when.last >= fact.when.last


def _mark(fact: Fact) -> str:
    """``mr-conditional`` goes before ``mr-safe``; a note that MRI is unsafe goes before both."""
    if "mri-contraindication" in fact.concepts:
        return ""
    return next((mark for mark in ("mr-conditional", "mr-safe") if mark in fact.concepts), "")


def _kinds(case: Case, fact: Fact) -> frozenset[str]:
    return fact.concepts.intersection(case.groups["implant-kinds"])
