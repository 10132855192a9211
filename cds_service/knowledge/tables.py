"""Parameters as a file writes them, one by one or as tables: each cell of a table is the parameter ``table.row.column``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cds_service.knowledge.card_file import CellDefaults, CellEntry, ParameterEntry, SharedEntry, TableEntry
from cds_service.knowledge.reading import read_part
from cds_service.knowledge.yaml_source import Document, Path

_DEFAULTS = frozenset(CellDefaults.model_fields)


@dataclass(frozen=True, slots=True)
class WrittenParameter:
    """What a file says of a parameter, before it is bound to the argument of a rule."""

    path: Path
    """Where it is used: there it is noted that nothing takes it."""
    entry: ParameterEntry | None
    """``None`` for one that could not be read, which is noted already."""
    shared: str = ""
    """Its name in ``parameters.yaml`` when several cards may share it."""
    written: tuple[Document, Path] | None = None
    """Where its value stands and mistakes in it are noted, when that is not where it is used."""


def is_table(written: Any) -> bool:
    """Whether a mapping of a file is a table and not a single parameter."""
    return isinstance(written, dict) and "rows" in written


def names_of(written: Any, shared: Mapping[str, WrittenParameter]) -> tuple[str, ...]:
    """Names of all the parameters of a card as they stand in its file, right or wrong, cells of tables one by one."""
    return (
        tuple(key for name, one in written.items() for key in _names(name, one, shared))
        if isinstance(written, dict)
        else ()
    )


def _names(name: str, written: Any, shared: Mapping[str, WrittenParameter]) -> Iterator[str]:
    rows = written.get("rows") if isinstance(written, dict) else None
    if isinstance(rows, dict):
        for row, cells in rows.items():
            columns = cells if isinstance(cells, dict) else ()
            yield from (f"{name}.{row}.{column}" for column in columns if column not in _DEFAULTS)
        return
    table = written.get("shared") if isinstance(written, dict) else None
    cells = [key.removeprefix(f"{table}") for key in shared if key.startswith(f"{table}.")]
    yield from (name + cell for cell in cells or ("",))


def read_shared(document: Document) -> dict[str, WrittenParameter]:
    """Read ``parameters.yaml``: what several cards share, bound where a card uses it. Mistakes are noted."""
    found: dict[str, WrittenParameter] = {}
    if not isinstance(document.data, dict):
        document.refuse((), "the file is a mapping of names to parameters")
        return found
    for name, written in document.data.items():
        if not is_table(written):
            entry = read_part(ParameterEntry, document, (name,))
            found[name] = WrittenParameter((name,), entry, name, (document, (name,)))
    for name, written in document.data.items():
        if is_table(written):
            for cell, one in read_table(document, (name,), found):
                key = f"{name}.{cell}"
                found[key] = one if one.shared else WrittenParameter(one.path, one.entry, key, (document, one.path))
    return found


def read_written(
    document: Document, path: Path, name: str, shared: Mapping[str, WrittenParameter]
) -> dict[str, WrittenParameter]:
    """Read what a card says under the name of a parameter: it, or every cell of a table. Mistakes are noted."""
    written = document.data
    for step in path:
        written = written[step]
    if is_table(written):
        return {f"{name}.{cell}": one for cell, one in read_table(document, path, shared)}
    if not (isinstance(written, dict) and "shared" in written):
        return {name: WrittenParameter(path, read_part(ParameterEntry, document, path))}
    cells = {key: one for key, one in shared.items() if key.startswith(f"{written['shared']}.")}
    if not cells:
        return {name: _shared_cell(document, path, shared)}
    read_part(SharedEntry, document, path)
    return {name + key.removeprefix(written["shared"]): replace(one, path=path) for key, one in cells.items()}


def read_table(
    document: Document, path: Path, shared: Mapping[str, WrittenParameter]
) -> Iterator[tuple[str, WrittenParameter]]:
    """Read the cells of a table, row by row: what one does not say itself, its row, its column or the table says."""
    table = read_part(TableEntry, document, path)
    for row, cells in table.rows.items() if table is not None else ():
        written = {key: value for key, value in cells.items() if key in _DEFAULTS}
        defaults = read_part(CellDefaults, document, (*path, "rows", row), only=written)
        for column in cells:
            if column in _DEFAULTS:
                continue
            here = (*path, "rows", row, column)
            if isinstance(cells[column], dict) and "shared" in cells[column]:
                yield f"{row}.{column}", _shared_cell(document, here, shared)
            elif table is not None and defaults is not None:
                known = (table, table.columns.get(column), defaults)
                yield f"{row}.{column}", WrittenParameter(here, _cell(document, here, cells[column], known))


def _shared_cell(document: Document, path: Path, shared: Mapping[str, WrittenParameter]) -> WrittenParameter:
    use = read_part(SharedEntry, document, path)
    if use is None:
        return WrittenParameter(path, None)
    if use.shared not in shared:
        problem = f"{use.shared!r} is not in parameters.yaml"
        document.refuse((*path, "shared"), problem, tuple(shared), found=use.shared)
        return WrittenParameter(path, None)
    return replace(shared[use.shared], path=path)


def _cell(
    document: Document, path: Path, written: Any, defaults: tuple[CellDefaults | None, ...]
) -> ParameterEntry | None:
    cell = read_part(CellEntry, document, path, only=written if isinstance(written, dict) else {"value": written})
    if cell is None:
        return None
    said = {
        name: getattr(part, name)
        for part in (*defaults, cell)
        if part is not None
        for name in part.model_fields_set & ParameterEntry.model_fields.keys()
    }
    missing = [name for name, field in ParameterEntry.model_fields.items() if field.is_required() and name not in said]
    for name in missing:
        document.refuse(path, f"neither the cell nor its row, its column or the table says {name!r}")
    return None if missing else ParameterEntry.model_construct(**{**_EMPTY, **said})


_EMPTY: Mapping[str, Any] = {"also": {}, "alternatives": []}
