"""The peer: HealthChain in an environment of its own, static cards. This file is run by that environment's Python, alone."""

# mypy: ignore-errors
# its packages are in that environment only

from __future__ import annotations

import sys

import uvicorn
from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models import Card, CDSRequest, CDSResponse

CARDS = [
    Card(
        summary=f"Static advice {number}",
        indicator="info",
        source={"label": "Benchmark"},
        detail="A card of the same length for everybody. " * 12,
    )
    for number in range(5)
]

cds = CDSHooksService()


@cds.hook("patient-view", id="static", title="Static cards", description="Always the same")
def advise(request: CDSRequest) -> CDSResponse:
    """Answer with the same cards."""
    return CDSResponse(cards=CARDS)


app = HealthChainAPI()
app.register_service(cds)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=False, log_level="warning")
