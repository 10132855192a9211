"""``python -m benchmarks``: measure every ratio, or the named rows, and write ``benchmarks/RESULTS.md``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import (
    authentication,
    card_costs,
    cohorts,
    fetching,
    growth,
    in_process,
    instructions,
    over_http,
    results,
    soak,
)
from benchmarks.measure import Ratio
from benchmarks.servers import HEALTHCHAIN

PEER = Path.home() / ".cache" / "cds-service-benchmarks" / "healthchain"


def rows_of(peer: Path) -> dict[str, Callable[[], list[Ratio]]]:
    """Every row of the table by name, in the table's order."""
    return {
        "instructions": instructions.instructions,
        "card-costs": card_costs.grown,
        "in-process": in_process.whole_call,
        "real-shape": in_process.real_shape,
        "growth": growth.growth,
        "many-facts": in_process.many_facts,
        "many-cards": in_process.many_cards,
        "http": over_http.latency,
        "peer-latency": partial(over_http.peer_latency, peer),
        "peer-throughput": partial(over_http.throughput, peer),
        "memory": in_process.memory,
        "beside-a-stream": over_http.beside_a_stream,
        "soak": soak.soak,
        "fetching": fetching.fetching,
        "authentication": authentication.authentication,
        "suggestions": in_process.suggestions,
        "cohort-extraction": cohorts.extraction,
        "what-if": cohorts.what_if,
        "imports": in_process.imports,
        "command-start": in_process.command_start,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"Some of: {', '.join(rows_of(PEER))}. All when none is named."
    )
    parser.add_argument(
        "--peer",
        type=Path,
        default=PEER,
        help=f"Environment with {HEALTHCHAIN}; made there when missing. [%(default)s]",
    )
    parser.add_argument(
        "--accept",
        metavar="WHY",
        help="Write down what the cards cost now, and why that is right; measures nothing else.",
    )
    given = parser.parse_args()
    if given.accept:
        card_costs.accept(given.accept)
        return
    rows = rows_of(given.peer)
    if unknown := set(given.rows) - set(rows):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; known are {', '.join(rows)}")
    for name in given.rows or rows:
        ratios = rows[name]()
        for ratio in ratios:
            print(ratio.row(), flush=True)
        results.keep(name, ratios)
        results.write_table(list(rows))


if __name__ == "__main__":
    main()
