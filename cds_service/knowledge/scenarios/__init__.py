"""Patients in short facts: read, written out as FHIR R4, and made into hook requests."""

from cds_service.knowledge.scenarios.concepts import Concept, ConceptCode, ConceptCodes, ConceptTable, UnknownConcept
from cds_service.knowledge.scenarios.facts import FACTS, Flavour
from cds_service.knowledge.scenarios.files import ScenarioFile, read_scenario_file, write_fixtures
from cds_service.knowledge.scenarios.requests import AS_OF, PREFETCH, request, request_body
from cds_service.knowledge.scenarios.resources import bundle, drafts, resources, selections
from cds_service.knowledge.scenarios.scenario import Hook, Scenario

__all__ = [
    "AS_OF",
    "FACTS",
    "PREFETCH",
    "Concept",
    "ConceptCode",
    "ConceptCodes",
    "ConceptTable",
    "Flavour",
    "Hook",
    "Scenario",
    "ScenarioFile",
    "UnknownConcept",
    "bundle",
    "drafts",
    "read_scenario_file",
    "request",
    "request_body",
    "resources",
    "selections",
    "write_fixtures",
]
