"""``python -m benchmarks.slow_fhir_server PORT DELAY SIZE``: a Bundle of SIZE bytes for every search, after DELAY."""

from __future__ import annotations

import asyncio
import json
import sys

from benchmarks.bodies import SIZES, body


def main() -> None:
    port, delay, size = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    asyncio.run(_serve(port, delay, _answer(size)))


def _answer(size: int) -> bytes:
    document = json.loads(body(next(iter(SIZES))))["prefetch"]
    entries = [entry for value in document.values() if value for entry in value.get("entry", ())]
    entries = [entry for entry in entries if entry["resource"]["resourceType"] == "Observation"]
    chosen = entries[: max(1, size // len(json.dumps(entries[-1])))]
    bundle = json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": chosen}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: {len(bundle)}\r\n\r\n"
    return head.encode() + bundle


async def _serve(port: int, delay: float, answer: bytes) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(delay)
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", port, backlog=512)
    await server.serve_forever()


if __name__ == "__main__":
    main()
