"""Questions to a service that runs, as its operator."""

from __future__ import annotations

from typing import Any

import click
import msgspec
import requests

from cds_service.service.request_files import hook_request
from cds_service.service.settings import read_settings
from cds_service.workbench.cli.conventions import NotReached

_SECONDS = 30


def ask_service(url: str, document: bytes, hook: str, as_of: str) -> dict[str, Any]:
    """Have the service at ``url`` explain a request or a patient's Bundle; the operator's token comes from the settings."""
    request = hook_request(document, hook, as_of)
    asked = msgspec.json.decode(request).get("hook", "")
    token, settings = {}, read_settings()
    if settings.operator_token is not None:
        token = {"Authorization": f"Bearer {settings.operator_token.get_secret_value()}"}
    base = url.rstrip("/").removesuffix("/cds-services")
    verify = str(settings.ca_bundle) if settings.ca_bundle else True
    try:
        services = requests.get(f"{base}/cds-services", timeout=_SECONDS, verify=verify).json()["services"]
        service = next((one["id"] for one in services if one["hook"] == asked), None)
        if service is None:
            raise click.ClickException(f"{url} has no service for the hook {asked!r}")
        headers = {"Content-Type": "application/json", **token}
        answer = requests.post(
            f"{base}/admin/explain/{service}", data=request, headers=headers, timeout=_SECONDS, verify=verify
        )
        said: dict[str, Any] = answer.json()
    except (requests.RequestException, ValueError, KeyError) as error:
        raise NotReached(f"{url} gave no answer that can be read ({type(error).__name__})") from None
    if answer.status_code != 200:
        reason = said.get("issue", [{}])[0].get("details", {}).get("text") or said.get("issue", [{}])[0].get(
            "diagnostics"
        )
        raise click.ClickException(f"{url} answered {answer.status_code}: {reason or 'no reason given'}")
    return said
