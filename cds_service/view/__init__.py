"""The patient view behind every card: a SMART app on our own server, launched from the record, that keeps nothing of a patient."""

from cds_service.view.apps import App, apps_of
from cds_service.view.blueprint import patient_view
from cds_service.view.launch import CALLBACK
from cds_service.view.sealed import Seal

__all__ = ["CALLBACK", "App", "Seal", "apps_of", "patient_view"]
