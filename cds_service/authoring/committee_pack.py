"""All content for a committee: one self-contained page that prints well, and every parameter as a row of CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markupsafe import Markup

from cds_service.knowledge.cards import Knowledge
from cds_service.knowledge.parameters import write_value
from cds_service.simulation.page import render

COLUMNS = (
    "card", "parameter", "value", "card_file", "changed", "allowed", "why", "source", "url", "origin", "reviewed",
    "awaits_review",
)  # fmt: skip


def content_pack(page: str, knowledge: Knowledge, differences: Sequence[str], title: str = "Clinical content") -> str:
    """Write the pack: what the site changed, who signed what, and the clinical content page (Markdown) as it is in force."""
    signed = [(what, said) for what, said in knowledge.confirmed.items()]
    waiting = sum(not one.confirmed for card in knowledge.cards.values() for one in card.parameters.values())
    numbers = [
        (str(len(knowledge.cards)), "cards"),
        (str(sum(len(card.parameters) for card in knowledge.cards.values())), "parameters"),
        (str(len(differences)), "changed by the site"),
        (str(waiting), "await clinical review"),
    ]
    name = f"{title}, {knowledge.site}" if knowledge.site else title
    return render(
        "pack.html",
        name,
        knowledge=knowledge,
        numbers=numbers,
        differences=differences,
        signed=signed,
        body=_html(page),
    )


def parameter_rows(knowledge: Knowledge) -> Iterator[tuple[str, ...]]:
    """Every parameter of every card, in the order of :data:`COLUMNS`."""
    for topic, card in knowledge.cards.items():
        for name, one in card.parameters.items():
            default = write_value(one.default, one.unit)
            yield (
                topic, name, one.text, default, "yes" if one.changed else "", one.range_text, one.why, one.source.title,
                one.source.url or "", one.origin, str(one.reviewed), "" if one.confirmed else "yes",
            )  # fmt: skip


def proposal_pack(
    number: int, by: str, reason: str, differences: Sequence[str], acts: Sequence[Sequence[str]], text: str
) -> str:
    """Write one proposal for a committee: what differs, who did what, and the overlay as proposed."""
    return render(
        "proposal.html", f"Proposal {number}", by=by, reason=reason, differences=differences, acts=acts, text=text
    )


def _html(page: str) -> Markup:
    """Markdown of our own card files as HTML, without its first heading; headings can be linked to, raw HTML is shown as text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(page.partition("\n")[2])
    for token, inner in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", re.sub(r"[^a-z0-9 _-]", "", inner.content.lower()).replace(" ", "-"))
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704 - markdown-it escapes what is no Markdown
