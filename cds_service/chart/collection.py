"""The facts of one kind, found by concept. A fact is made when somebody first asks for its concept, and once only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from cds_service.chart.facts import Fact
from cds_service.chart.lookups import Reads

F = TypeVar("F", bound=Fact)


class NotAsked(Exception):
    """A rule read a kind of data that its card does not name under ``needs``."""


class Batch(Generic[F]):
    """Facts that are read together, newest first, and all concepts that any of them may belong to."""

    __slots__ = ("_facts", "_read", "concepts")

    def __init__(self, concepts: frozenset[str], read: Callable[[], Iterable[F]]) -> None:
        self.concepts, self._read = concepts, read
        self._facts: list[F] | None = None

    @property
    def facts(self) -> list[F]:
        """The facts; the first look at them reads them."""
        if self._facts is None:
            self._facts = sorted(self._read(), key=_newest_first)
        return self._facts

    def altered(self, alter: Callable[[list[F]], Iterable[F]]) -> Batch[F]:
        """The same batch, each time read as ``alter`` makes it."""
        return Batch(self.concepts, lambda: alter(self.facts))


class Facts(Generic[F]):
    """The facts of one kind, newest first; undated ones last. ``of`` finds those of any of the named value sets."""

    __slots__ = ("_batches", "_by_concept", "_found", "_whole")

    def __init__(self, facts: Iterable[F] = (), unread: Iterable[Batch[F]] = ()) -> None:
        alike: defaultdict[frozenset[str], list[F]] = defaultdict(list)
        for fact in facts:
            alike[fact.concepts].append(fact)
        self._batches = [*(Batch(concepts, found.copy) for concepts, found in alike.items()), *unread]
        self._by_concept: dict[str, list[Batch[F]]] = {}
        for batch in self._batches:
            for concept in batch.concepts:
                self._by_concept.setdefault(concept, []).append(batch)
        self._found: dict[tuple[str, ...], tuple[F, ...]] = {}
        self._whole: tuple[F, ...] | None = None

    def __iter__(self) -> Iterator[F]:
        return iter(self.all())

    def __len__(self) -> int:
        return len(self.all())

    def __bool__(self) -> bool:
        return any(batch.facts for batch in self._batches)

    def all(self) -> tuple[F, ...]:
        """Every fact of the kind, whether or not anybody asks for its concept."""
        if self._whole is None:
            self._whole = tuple(_merged([batch.facts for batch in self._batches]))
        return self._whole

    def of(self, *concepts: str) -> tuple[F, ...]:
        """Facts in any of these value sets, newest first, each once."""
        found = self._found.get(concepts)
        if found is None:
            none = self._by_concept.keys().isdisjoint(concepts)
            found = self._found[concepts] = () if none else tuple(self._looked_up(concepts))
        return found

    def selected(self, *concepts: str) -> tuple[F, ...]:
        """Drafts of the session in any of these value sets that the clinician is picking or signing."""
        return tuple([fact for fact in Facts.of(self, *concepts) if getattr(fact, "selected", False)])

    def altered(self, alter: Callable[[list[F]], Iterable[F]]) -> Facts[F]:
        """The same facts as ``alter`` makes them of each batch, when somebody asks; their concepts stay."""
        return Facts(unread=[batch.altered(alter) for batch in self._batches])

    def observed(self, kind: str, reads: Reads) -> Facts[F]:
        """The same facts; what is asked of them is kept in ``reads``."""
        return _Observed(self, kind, reads)

    def _looked_up(self, concepts: tuple[str, ...]) -> list[F]:
        batches = {id(batch): batch for concept in concepts for batch in self._by_concept.get(concept, ())}
        wanted = frozenset(concepts)
        return _merged(
            [[fact for fact in batch.facts if not wanted.isdisjoint(fact.concepts)] for batch in batches.values()]
        )


class _Observed(Facts[Any]):
    """Facts whose look-ups are kept."""

    __slots__ = ("_facts", "_kind", "_reads")

    def __init__(self, facts: Facts[Any], kind: str, reads: Reads) -> None:
        self._facts, self._kind, self._reads = facts, kind, reads

    def __bool__(self) -> bool:
        return bool(self.all())

    def all(self) -> tuple[Any, ...]:
        found = self._facts.all()
        self._reads.look(self._kind, (), found)
        return found

    def of(self, *concepts: str) -> tuple[Any, ...]:
        found = self._facts.of(*concepts)
        self._reads.look(self._kind, concepts, found)
        return found

    def selected(self, *concepts: str) -> tuple[Any, ...]:
        """The record itself cannot hide a draft: only a draft that is not understood can."""
        found = self._facts.selected(*concepts)
        self._reads.look("draft_orders", concepts, found, self._kind)
        return found


class Closed(Facts[Any]):
    """Stands for a kind of data that the card did not ask for: any look at it raises."""

    __slots__ = ("_need",)

    def __init__(self, need: str) -> None:
        self._need = need

    def observed(self, kind: str, reads: Reads) -> Facts[Any]:
        """Closed it stays."""
        return self

    def _refuse(self, *_: object) -> Any:
        raise NotAsked(f"the rule reads {self._need}, which the card does not name under needs")

    __iter__ = __len__ = __bool__ = of = all = selected = _refuse


def _merged(batches: list[list[F]]) -> list[F]:
    """Several lists, each newest first, as one."""
    if len(batches) == 1:
        return batches[0]
    return sorted([fact for batch in batches for fact in batch], key=_newest_first)


def _newest_first(fact: Fact) -> tuple[float, str]:
    moment = fact.when
    return (-moment.last.timestamp() if moment else float("inf"), fact.reference)
