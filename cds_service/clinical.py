"""The vocabulary of findings and rules: the patient's record, dates and amounts, and what a card may say.

Findings and rules know what lies below them through this module alone, so that a rule reads as clinical text and whoever
writes one finds here all that it can be made of. Each name is explained where it is made.
"""

from cds_service.chart.case import Case, finding
from cds_service.chart.evidence import Evidence, Unanswered
from cds_service.chart.facts import (
    Condition,
    Device,
    Fact,
    Measured,
    Medication,
    Observation,
    Order,
    Procedure,
    Report,
    is_measured,
)
from cds_service.chart.gaps import Gap
from cds_service.chart.needs import NEEDS
from cds_service.chart.orders.amounts import nearly
from cds_service.chart.orders.fractions import Course
from cds_service.outcomes import Indicator, Offer, Word, evidence_of, lacked
from cds_service.terminology.dates import EVER, VAGUE, Moment, Since, Span, age_in_years, parse_moment
from cds_service.terminology.quantities import Comparator, Limit, Measurement, Quantity, Result, above, at_least, below
from cds_service.terminology.said import enumerated, said
from cds_service.terminology.tables import Table

__all__ = [
    "EVER",
    "NEEDS",
    "VAGUE",
    "Case",
    "Comparator",
    "Condition",
    "Course",
    "Device",
    "Evidence",
    "Fact",
    "Gap",
    "Indicator",
    "Limit",
    "Measured",
    "Measurement",
    "Medication",
    "Moment",
    "Observation",
    "Offer",
    "Order",
    "Procedure",
    "Quantity",
    "Report",
    "Result",
    "Since",
    "Span",
    "Table",
    "Unanswered",
    "Word",
    "above",
    "age_in_years",
    "at_least",
    "below",
    "enumerated",
    "evidence_of",
    "finding",
    "is_measured",
    "lacked",
    "nearly",
    "parse_moment",
    "said",
]
