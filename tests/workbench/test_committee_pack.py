"""What ``cds-service content`` writes for a committee: one page that needs nothing else, and every parameter as a row."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from click.testing import CliRunner

from cds_service.authoring.committee_pack import COLUMNS
from cds_service.service.knowledge_files import load_knowledge
from cds_service.simulation.changes import changes
from cds_service.workbench.cli import commands
from tests import shipped


def test_the_pack_of_a_site_holds_all_that_it_changed_and_every_parameter(tmp_path: Path) -> None:
    page, rows = tmp_path / "content.html", tmp_path / "parameters.csv"
    arguments = ["content", "--site", "uk-nice", "--html", str(page), "--csv", str(rows)]
    done = CliRunner().invoke(commands, arguments)
    assert done.exit_code == 0, done.output
    ours, site = shipped.knowledge(), load_knowledge(site="uk-nice")

    text = page.read_text(encoding="utf-8")
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text)).replace("&#39;", "'").replace("&amp;", "&")
    differences = [str(one) for one in changes(ours, site)]
    assert differences and all(one in plain for one in differences)
    assert all(f"{topic}" in text for topic in site.cards)
    assert not re.search(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=|url\(|@import", text)
    assert "@media print" in text or "@page" in text

    with rows.open(encoding="utf-8", newline="") as opened:
        read = list(csv.DictReader(opened))
    assert tuple(read[0]) == COLUMNS
    assert {(row["card"], row["parameter"]) for row in read} == {
        (topic, name) for topic, card in site.cards.items() for name in card.parameters
    }
    changed = [row for row in read if row["changed"] == "yes"]
    assert changed and all(row["value"] != row["card_file"] and row["origin"] for row in changed)
    assert all(row["why"] and row["source"] and row["reviewed"] for row in read)
