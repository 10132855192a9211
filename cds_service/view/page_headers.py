"""What the answers of every page carry: what it may load, that nobody keeps it, and what it tells the next site."""

from __future__ import annotations

from flask import Blueprint, Response


def add_page_headers(pages: Blueprint, policy: str, *, referrer: str = "no-referrer") -> None:
    """Give every answer of these routes its content security policy and the other headers."""

    @pages.after_request
    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = referrer
        response.headers.setdefault("Cache-Control", "no-store")
        return response
