"""The documentation at ``/docs``, as ``mkdocs build`` wrote it; nothing of it comes from elsewhere."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)


def documentation(folder: Path) -> Blueprint:
    """Serve the site; raises :class:`ValueError` for a folder that holds none."""
    whole = folder.resolve()
    if not (whole / "index.html").is_file():
        raise ValueError(f"CDS_DOCS: there is no index.html in {folder}; write the site there with mkdocs build")
    pages = Blueprint("documentation", __name__, url_prefix="/docs")

    @pages.get("/")
    @pages.get("/<path:name>")
    def page(name: str = "index.html") -> Response:
        response = send_from_directory(whole, name)
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return pages
