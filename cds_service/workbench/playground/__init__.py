"""The offline playground: a page to try, see and tune the service with, and a FHIR server of demonstration patients.

For development only: it asks nobody who they are. Every patient in it is made up.
"""

from cds_service.workbench.playground.fhir_server import fhir_server
from cds_service.workbench.playground.pages import Workspace, playground
from cds_service.workbench.playground.patients import DemoPatients
from cds_service.workbench.playground.smart_server import SmartServer, smart_server

__all__ = ["DemoPatients", "SmartServer", "Workspace", "fhir_server", "playground", "smart_server"]
