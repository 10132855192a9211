"""The table of settings in ``docs/operations.md``, made from the source; ``python -m tests.service.settings_table`` rewrites it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from cds_service.service import settings
from cds_service.service.settings import PREFIX, Settings

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
BEGIN, END = "<!-- settings: python -m tests.service.settings_table -->", "<!-- end of settings -->"


def descriptions() -> dict[str, str]:
    """What stands below each field in the source."""
    tree = ast.parse(inspect.getsource(settings))
    (model,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Settings")
    found, name = {}, ""
    for node in model.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name:
            found[name], name = str(node.value.value).replace("``", "`"), ""
    return found


def default_of(name: str, field: FieldInfo) -> str:
    """The default, as one would write it in the environment."""
    if name == "workers":
        return "one per core"
    value: Any = field.get_default(call_default_factory=False)
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, tuple):
        return f"`{','.join(value)}`"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def table() -> str:
    """One row a setting, in the order of the source."""
    said = descriptions()
    rows = [
        f"| `{PREFIX}{name.upper()}` | {default_of(name, field)} | {said[name]} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join([BEGIN, "| variable | default | meaning |", "|---|---|---|", *rows, END])


def with_table(page: str) -> str:
    """The page with the table as it should be."""
    before, _, rest = page.partition(BEGIN)
    return before + table() + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
