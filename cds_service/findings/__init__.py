"""Derived truths that two rules or more rely on: metastases, corrected calcium, creatinine clearance."""
