"""Reading a client's FHIR server for one hook call: guarded, in parallel, within one deadline."""

from cds_service.service.fhir_client.answers import Failed, Fetched, Got, Refused, reasons
from cds_service.service.fhir_client.fetch import FhirFetcher, Limits
from cds_service.service.fhir_client.guard import Destinations, destinations
from cds_service.service.fhir_client.pages import merge

__all__ = [
    "Destinations",
    "Failed",
    "Fetched",
    "FhirFetcher",
    "Got",
    "Limits",
    "Refused",
    "destinations",
    "merge",
    "reasons",
]
