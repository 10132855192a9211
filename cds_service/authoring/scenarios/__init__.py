"""Patients in short facts: read, written out as FHIR R4, and made into hook requests."""

from cds_service.authoring.scenarios.concepts import Concept, ConceptCode, ConceptCodes, ConceptTable, UnknownConcept
from cds_service.authoring.scenarios.facts import FACTS, Flavour
from cds_service.authoring.scenarios.files import ScenarioFile, read_scenario_file, write_fixtures
from cds_service.authoring.scenarios.requests import AS_OF, PREFETCH, request, request_body
from cds_service.authoring.scenarios.resources import bundle, record_and_drafts, resources, selections
from cds_service.authoring.scenarios.scenario import Hook, Scenario

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
    "read_scenario_file",
    "record_and_drafts",
    "request",
    "request_body",
    "resources",
    "selections",
    "write_fixtures",
]
