"""One step a file; `m0001_first_tables` is the first."""
