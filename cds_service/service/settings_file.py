"""What stands in files instead of the environment: ``cds-service.toml``, and secrets each in a file of its own."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

PREFIX = "CDS_"
NAMED_BY = f"{PREFIX}SETTINGS"
"""Names the settings file; without it, the one in the working folder is read when it is there."""
USUAL = Path("cds-service.toml")
FROM_FILE = "_FILE"


def settings_file() -> Path | None:
    """Find the settings file; ``None`` when there is none, and none was named."""
    named = os.environ.get(NAMED_BY)
    if named:
        return Path(named)
    return USUAL if USUAL.is_file() else None


def written_settings(known: Collection[str], wrong: list[str]) -> Mapping[str, Any]:
    """Read the settings file: names as in the environment, in small letters without ``CDS_``; mistakes join ``wrong``."""
    file = settings_file()
    if file is None:
        return {}
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError:
        wrong.append(f"{NAMED_BY}: there is no such file: {file}")
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        wrong.append(f"{file}: {error}")
        return {}
    wrong += [f"{file}: {name} is no setting{nearest(name, known)}" for name in written if name not in known]
    return {name: value for name, value in written.items() if name in known}


def secret_files(secrets: Collection[str], wrong: list[str]) -> Mapping[str, str]:
    """Read what ``CDS_..._FILE`` variables name, as container platforms hand out secrets; a last line end is left out."""
    found = {}
    for name in secrets:
        variable = PREFIX + name.upper()
        file = os.environ.get(variable + FROM_FILE)
        if file is None:
            continue
        if variable in os.environ:
            wrong.append(f"{variable} and {variable}{FROM_FILE} are both set: leave one out")
            continue
        try:
            found[name] = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            wrong.append(f"{variable}{FROM_FILE}: the file cannot be read: {file}")
    return found


def nearest(name: str, known: Collection[str]) -> str:
    """``; nearest is NAME`` for a name that is almost a known one."""
    near = get_close_matches(name, known, 1)
    return f"; nearest is {near[0]}" if near else ""
