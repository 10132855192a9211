"""The languages of a site: which of them a request asks for, made ready once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from cds_service.engine.language import ENGLISH, Language
from cds_service.knowledge.cards import Knowledge

_LONGEST = 500
"""Characters of an ``Accept-Language`` that anybody means."""


class NoSuchLanguage(ValueError):
    """A language that there are no catalogues of."""


class Languages:
    """English, and those that the site picked; catalogues are read at the first call that asks for one."""

    def __init__(self, knowledge: Knowledge, picked: Iterable[str] | None, *, every: bool = False) -> None:
        """Without a pick it is ``every`` language that there is, or English alone. What was picked is made ready here.

        Raises :class:`NoSuchLanguage`, and :class:`KnowledgeError` for a file that is no catalogue.
        """
        known = knowledge.languages
        chosen = (known if every else ()) if picked is None else tuple(one for one in picked if one != ENGLISH.tag)
        if strange := [one for one in chosen if one not in known]:
            raise NoSuchLanguage(f"no catalogues of {', '.join(strange)}; there are {', '.join((ENGLISH.tag, *known))}")
        self.tags = (ENGLISH.tag, *chosen)
        self.language = cache(lambda tag: spoken(knowledge, tag))
        """The language of a tag."""
        for tag in self.tags if picked is not None else ():
            self.language(tag)

    def accepted(self, header: str) -> Language:
        """The language that an ``Accept-Language`` likes best of ours; English when it likes none, or says nothing."""
        if not header or len(self.tags) == 1:
            return ENGLISH
        return self.language(_best(header[:_LONGEST], self.tags))


def spoken(knowledge: Knowledge, tag: str) -> Language:
    """Make a language ready; reading its catalogues takes a moment."""
    if tag == ENGLISH.tag:
        return ENGLISH
    from cds_service.engine.translated import Translated  # Babel takes longer to import than a call to answer
    from cds_service.knowledge.translation import translation_of

    return Translated(translation_of(knowledge, tag))


@lru_cache(maxsize=256)
def _best(header: str, tags: tuple[str, ...]) -> str:
    """Look the ranges up, the best liked first, each from its whole to its first part: ``de-CH`` takes ``de`` (RFC 4647, 3.4)."""
    from werkzeug.datastructures import LanguageAccept  # no command asks for a language by header
    from werkzeug.http import parse_accept_header

    ours = {tag.lower(): tag for tag in tags}
    for wish, quality in parse_accept_header(header, LanguageAccept):
        parts = wish.lower().split("-")
        found = (ours.get("-".join(parts[:length])) for length in range(len(parts), 0, -1))
        if quality and (tag := next(filter(None, found), None)):
            return tag
    return ENGLISH.tag
