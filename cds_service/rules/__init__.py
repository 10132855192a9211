"""One rule a file: a plain function from a case and its parameters to an outcome."""
