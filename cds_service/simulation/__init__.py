"""What would change for whom: cohorts, comparisons, reports."""
