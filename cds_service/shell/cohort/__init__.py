"""Cohorts on disk: found, read in pieces, kept as records in a cache, and asked by all cores or a cluster."""

from cds_service.shell.cohort.cache import CachedCohort, CohortError, open_cohort
from cds_service.shell.cohort.crew import Crew, crew

__all__ = ["CachedCohort", "CohortError", "Crew", "crew", "open_cohort"]
