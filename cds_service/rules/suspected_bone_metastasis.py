"""A cancer that seeks bone with new bone pain, a high alkaline phosphatase or calcium, and no bone metastasis on record."""

from cds_service.clinical import Case, Fact, Span
from cds_service.findings.bone_clues import ClueLimits, high_calcium, high_phosphatase, lytic_lesions
from cds_service.findings.cancer import bone_metastases, cancer, primary
from cds_service.findings.cord import neurology
from cds_service.findings.finding import earliest, names
from cds_service.findings.patient_state import hospice_or_comfort
from cds_service.findings.studies import after, done, under_way
from cds_service.ladder import Ladder, absent, cards, ladder, silent


@ladder
def suspected_bone_metastasis(case: Case, *, pain_window: Span, imaging_lookback: Span, blood: ClueLimits) -> Ladder:
    """Fire on a clue to bone metastases that no bone imaging has followed up."""
    yield absent("no_cancer", cancer(case), needs=("conditions",))
    seeking, known = primary(case, *case.groups["bone-seeking-primaries"]), bone_metastases(case)
    yield absent("not_bone_seeking", seeking, needs=("conditions",))
    yield silent("known", known, known.facts[:3])
    yield silent("comfort_care", hospice_or_comfort(case))
    aches = neurology(case, pain_window, "bone-pain", "back-pain").facts
    pain = tuple(fact for fact in aches if "chronic-back-pain" not in fact.concepts)
    phosphatase, calcium = high_phosphatase(case, blood), high_calcium(case, blood)
    lesions = lytic_lesions(case, imaging_lookback)
    clues: tuple[Fact, ...] = (*lesions, *pain, *phosphatase, *calcium)
    yield absent("no_clue", clues, needs=("conditions", "observations"))
    # Imaging before the first clue does not explain it, but for a bone scan or PET within the look-back.
    imaging: tuple[Fact, ...] = (
        *under_way(case, imaging_lookback, "bone-imaging"),
        *done(case, imaging_lookback, "bone-scan", "bone-naf-pet", "pet-ct"),
        *after(done(case, imaging_lookback, "bone-imaging"), earliest(clues)),
    )
    followed = [one for one in imaging if one not in lesions]
    yield silent("imaged", followed, followed[:3])

    yield from cards(
        {"pain": lesions or pain, "phosphatase": phosphatase, "calcium": True},
        *(clues[:5], seeking.facts[:2]),
        words={"cancer": seeking, "clues": names((*lesions, *pain) or clues, "lytic-lesion")},
        notes={
            "phosphatase_too": phosphatase and pain,
            "calcium_too": calcium and (pain or phosphatase),
            "words_only": not seeking.coded or not any(fact.coded for fact in clues),
        },
        offers=["bone_scan", "pet_ct"],
        at_most="info",
    )
