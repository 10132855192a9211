"""The page of orders understood: each row of the examples is read as it says, and the page in docs is that of the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.authoring.orders_page import Row, orders_page, read_examples, understood
from cds_service.knowledge.errors import KnowledgeError
from cds_service.service.knowledge_files import cards_folder
from tests.chart.orders.reading import order_words

TEXT = (cards_folder() / "orders" / "examples.yaml").read_text(encoding="utf-8")
ROWS = [(row, section.product) for section in read_examples(TEXT) for row in section.rows]


@pytest.mark.parametrize(("row", "product"), ROWS, ids=[row.shown for row, _ in ROWS])
def test_each_order_comes_to_what_its_row_says(row: Row, product: str) -> None:
    amount, why = understood(row, product, order_words())
    assert amount == row.day
    assert bool(why) is not bool(row.day)


def test_the_page_is_that_of_the_examples() -> None:
    page = Path("docs/orders.md").read_text(encoding="utf-8")
    assert page == orders_page(read_examples(TEXT), order_words()), "run: cds-service orders --write"


def test_mistakes_in_the_examples_are_named() -> None:
    with pytest.raises(KnowledgeError, match=r"examples.yaml:3:20: 'dya' is not a key of an order"):
        read_examples("- title: Words\n  rows:\n    - {written: x, dya: 16 mg}\n")
