"""Cohorts on disk: found, read in pieces, kept as records in a cache, and asked by all cores or a cluster."""

from cds_service.workbench.cohort.cache import CachedCohort, CohortError, open_cohort
from cds_service.workbench.cohort.workers import Workers, open_workers

__all__ = ["CachedCohort", "CohortError", "Workers", "open_cohort", "open_workers"]
