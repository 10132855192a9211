"""What makes an MRI or iodinated contrast unsafe for this patient."""

from __future__ import annotations

from cds_service.chart.case import Case, finding
from cds_service.chart.facts import Fact
from cds_service.findings.finding import Finding, summed_up

_UNSAFE = ("mri-unsafe-device", "cardiac-device", "mri-contraindication")
_CONTRAST = ("contrast-allergy", "contrast-allergy-history")


@finding
def mri_hazards(case: Case) -> Finding:
    """Devices and implants that may be unsafe in MRI, newest first; one that is marked MR conditional is none."""
    conditions = tuple(fact for fact in case.conditions.of(*_UNSAFE) if fact.state == "active")
    devices: tuple[Fact, ...] = (*case.devices.of(*_UNSAFE), *conditions)
    marked = mr_conditional(case)
    if marked and not [fact for fact in case.devices.of(*_UNSAFE) if fact not in marked]:
        return Finding(())  # the problem list knows the same pacemaker without its marking
    return summed_up(tuple(fact for fact in devices if fact not in marked), _UNSAFE)


@finding
def mr_conditional(case: Case) -> tuple[Fact, ...]:
    """Devices and implants on record that are marked MR conditional or MR safe."""
    conditions = tuple(fact for fact in case.conditions.of(*_UNSAFE) if fact.state == "active")
    return tuple(fact for fact in (*case.devices.of(*_UNSAFE), *conditions) if "mr-conditional" in fact.concepts)


@finding
def contrast_allergy(case: Case) -> Finding:
    """An allergy to iodinated contrast, as an allergy or as a problem. Gadolinium is another medium."""
    conditions = tuple(fact for fact in case.conditions.of(*_CONTRAST) if fact.state == "active")
    return summed_up((*case.allergies.of(*_CONTRAST), *conditions), _CONTRAST)
