"""How people look at the service and work on it: command line, page, cohorts. May know everything; nothing knows it."""
