"""A CDS Hooks service for metastatic bone and pulmonary disease and its red flags."""

__version__ = "0.2.0"
