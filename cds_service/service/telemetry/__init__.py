"""What operators see: metrics and logs. No patient, token or body is ever in them."""

from cds_service.service.telemetry.logs import log_call, set_up_logs
from cds_service.service.telemetry.meters import NO_METERS, Meters, Stage, common_meters, open_meters
from cds_service.service.telemetry.traces import TracedMeters, open_tracer, traces_are_possible

__all__ = [
    "NO_METERS",
    "Meters",
    "Stage",
    "TracedMeters",
    "common_meters",
    "log_call",
    "open_meters",
    "open_tracer",
    "set_up_logs",
    "traces_are_possible",
]
