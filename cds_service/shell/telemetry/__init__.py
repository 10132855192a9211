"""What operators see: metrics and logs. No patient, token or body is ever in them."""

from cds_service.shell.telemetry.logs import log_call, set_up_logs
from cds_service.shell.telemetry.meters import NO_METERS, Meters, Stage, open_meters, prepare_meters

__all__ = ["NO_METERS", "Meters", "Stage", "log_call", "open_meters", "prepare_meters", "set_up_logs"]
