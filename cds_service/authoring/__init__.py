"""Is what the informaticist wrote right, and how does it read? Scenarios, examples, coverage, content page, FHIR export."""
