"""Reading a client's FHIR server for one hook call: guarded, in parallel, within one deadline."""
