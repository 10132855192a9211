"""Who calls? Signed JSON web tokens of CDS clients on an allowlist (CDS Hooks 3.0, section Security and Safety)."""
