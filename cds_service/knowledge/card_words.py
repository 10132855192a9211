"""The words of a card file: messages, notes and reasons, parsed once; mistakes in their placeholders are noted."""

from __future__ import annotations

from collections.abc import Mapping

from cds_service.knowledge import drafts
from cds_service.knowledge.card_file import CardFile
from cds_service.knowledge.cards import LONGEST_SUMMARY, Message, Note, Part
from cds_service.knowledge.rule_signature import Value
from cds_service.knowledge.wording import Wording, parse_wording
from cds_service.knowledge.yaml_source import Document, Path

_PARTS: tuple[Part, ...] = ("do", "check", "why")


def messages(document: Document, entry: CardFile, arguments: Mapping[str, Value]) -> dict[str, Message]:
    """What the card says in each of its situations."""
    found = {}
    for name, message in entry.messages.items():
        path: Path = ("messages", name)
        summary = wording(document, (*path, "summary"), message.summary, arguments)
        if summary.literal_length > LONGEST_SUMMARY:
            length = f"{summary.literal_length} characters without its placeholders"
            document.refuse((*path, "summary"), f"the summary has {length}; {LONGEST_SUMMARY} are the most")
        do, check = (
            tuple(wording(document, (*path, part, place), line, arguments) for place, line in enumerate(lines))
            for part, lines in (("do", message.do), ("check", message.check))
        )
        found[name] = Message(name, message.indicator, summary, do, check)
    return found


def notes(document: Document, entry: CardFile, arguments: Mapping[str, Value]) -> dict[str, Note]:
    """Its lines for what may hold of a patient, in the order of the file."""
    found = {}
    for name, note in entry.notes.items():
        path: Path = ("notes", name)
        said = {part: text for part in _PARTS if (text := getattr(note, part)) is not None}
        if len(said) != 1:
            document.refuse(path, "a note stands under one of do, check and why", _PARTS)
            continue
        (part, text), bare = next(iter(said.items())), isinstance(document.data["notes"][name], str)
        found[name] = Note(part, wording(document, path if bare else (*path, part), text, arguments))
    return found


def wording(document: Document, path: Path, text: str, arguments: Mapping[str, Value]) -> Wording:
    """Parse one text; mistakes in its placeholders are noted."""
    try:
        parsed = parse_wording(text)
    except ValueError as error:
        document.refuse(path, str(error))
        return Wording(text, (text,))
    drafts.check_placeholders(document, path, parsed, arguments)
    return parsed


def wordings(
    document: Document, path: Path, texts: Mapping[str, str], arguments: Mapping[str, Value]
) -> dict[str, Wording]:
    """Parse several texts by name."""
    return {name: wording(document, (*path, name), text, arguments) for name, text in texts.items()}


def passed(document: Document, entry: CardFile, values: Mapping[str, Value]) -> dict[str, Wording]:
    """What holds when a rung is passed."""
    rungs = (*entry.silent, *entry.messages)
    for name in entry.passed:
        if name not in rungs:
            problem = f"{name!r} is neither a message nor under 'silent'"
            document.refuse(("passed", name), problem, rungs, found=name, of_key=True)
    return wordings(document, ("passed",), entry.passed, values)
