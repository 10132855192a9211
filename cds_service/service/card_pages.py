"""A page for each card, ``/cards/<topic>``: what stands behind it, for the clinician who follows its link."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from jinja2 import Environment

from cds_service.knowledge.cards import CardDefinition, Knowledge

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ card.title }}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:46rem;margin:1rem auto;padding:0 1rem}
td,th{text-align:left;vertical-align:top;padding:.2rem .8rem .2rem 0}.open{color:#8a4b00}</style>
<h1>{{ card.title }}</h1>
<p>{{ card.purpose }} Decision support for health professionals, to be used with clinical judgement after local approval;
every order is a draft until it is signed.</p>
<h2>What it may say</h2>
<ul>{% for message in card.messages.values() %}<li><b>{{ message.indicator }}</b>: {{ message.summary }}</li>{% endfor %}</ul>
{% if card.known_limits or card.known_false_positives %}<h2>What it does not see, and when it is wrong</h2>
<ul>{% for line in card.known_limits + card.known_false_positives %}<li>{{ line }}</li>{% endfor %}</ul>{% endif %}
<h2>Numbers</h2>
<table><tr><th>Parameter<th>Value<th>Why</tr>
{% for one in card.parameters.values() %}<tr><td>{{ one.name.replace('_', ' ') }}<td>{{ one.text }}
<td>{{ one.why }}{% if not one.confirmed %} <span class="open">(waits for clinical review)</span>{% endif %}</tr>
{% endfor %}</table>
<h2>Sources</h2>
<ul>{% for source in card.sources %}<li>{% if source.url %}<a href="{{ source.url }}">{{ source.label }}</a>
{% else %}{{ source.label }}{% endif %}</li>{% endfor %}</ul>
<p>Owner: {{ card.owner }}. Version {{ card.version }}, reviewed {{ card.reviewed }}. Content {{ version }}.</p>
</html>
"""

_LIST = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<h1>{{ title }}</h1>
<p>Reminders of one visit in one card. Each has a page of its own:</p>
<ul>{% for card in cards %}<li><a href="{{ card.topic }}">{{ card.title }}</a>: {{ card.purpose }}</li>{% endfor %}</ul>
</html>
"""


def card_pages(knowledge: Knowledge) -> Blueprint:
    """Make the pages of one loaded knowledge; they hold nothing of any patient."""
    pages = Blueprint("card_pages", __name__)
    template = Environment(autoescape=True).from_string(_PAGE)

    listing = Environment(autoescape=True).from_string(_LIST)

    @pages.get("/cards/housekeeping")
    def housekeeping() -> Response:
        routine = [card for card in knowledge.cards.values() if card.routine]
        text = listing.render(cards=routine, title=knowledge.housekeeping.title)
        return Response(text, mimetype="text/html")

    @pages.get("/cards/<topic>")
    def page(topic: str) -> Response:
        card: CardDefinition | None = knowledge.cards.get(topic)
        if card is None:
            abort(404)
        return Response(template.render(card=card, version=knowledge.version), mimetype="text/html")

    return pages
