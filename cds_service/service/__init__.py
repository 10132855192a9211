"""What answers an EHR in production: web, authentication, FHIR client, store, telemetry. Knows nothing of the tools."""
