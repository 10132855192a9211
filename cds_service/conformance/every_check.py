"""All checks: importing a module of checks enters them into the list."""

from __future__ import annotations

from cds_service.conformance import on_answers, on_cards, on_discovery, on_the_wire
from cds_service.conformance.checks import CHECKS

MODULES = (on_discovery, on_answers, on_cards, on_the_wire)

__all__ = ["CHECKS", "MODULES"]
