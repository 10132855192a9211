"""Does a CDS service keep the protocol? Conversations with any running service, judged row by row of the specification.

The judgement shares no model with :mod:`cds_service.hooks`, so that a mistake there is not repeated here.
"""
