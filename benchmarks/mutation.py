"""Do the tests notice? Every comparison and connective in rules/ and findings/ is turned, every number of a card moved.

``python -m benchmarks.mutation [NAME ...] [--write] [--processes N]`` mutates the modules, topics or shared numbers that
are named (default: all). A mutant is noticed when an example of a card answers otherwise than ``tests/expected_answers``
keeps, or when a direct test in ``tests/findings`` or ``tests/rules`` fails. What nobody notices is listed, with the
explanation that ``benchmarks/mutation.yaml`` gives; ``--write`` puts the outcome of a whole run into
``benchmarks/MUTATION.md``. A slow suite: an hour and more. What a module's mutants came to is kept in
``benchmarks/mutation.json`` by a hash of its code, so that a run goes on where one was ended; ``--again`` judges all the same.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import hashlib
import importlib.abc
import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from benchmarks.mutants import ROOMS, ROOT, CodeMutant, Mutant, NumberMutant, code_mutants, number_mutants
from benchmarks.mutation_report import key, lines, read_explanations, read_kept, report, write_kept
from cds_service.authoring.examples import ExampleRunner, outcome_line
from cds_service.authoring.variants import with_changes, with_parameters
from cds_service.chart.case import Case
from cds_service.knowledge.cards import CardDefinition, Example, Knowledge, Rule
from cds_service.knowledge.load import find_rule
from cds_service.knowledge.parameters import Parameter
from cds_service.knowledge.value_sets import PLAUSIBLE_RESULTS
from cds_service.service.knowledge_files import load_knowledge
from tests import expected, shipped

NOTICED, SURVIVED = 0, 1
CIRCLES = 10
"""So many times the processor time of its module as it stands, and a mutant runs in circles: every test would notice."""
LONGEST = 300.0
"""Seconds of processor time for a module whose own is not measured yet."""


@dataclass(frozen=True)
class Ready:
    """One example with its case read and its true answer, so that a mutant costs only the rule."""

    card: CardDefinition
    example: Example
    case: Case
    answer: str


class Bench:
    """All examples, ready."""

    def __init__(self) -> None:
        loaded = expected.loaded()
        self.knowledge: Knowledge = loaded[0]
        self.runner: ExampleRunner = loaded[1]
        self._examples: dict[str, list[Ready]] = {}

    def examples(self, topic: str) -> list[Ready]:
        """Those of one card."""
        if topic not in self._examples:
            card = self.knowledge.cards[topic]
            self._examples[topic] = [self._ready(card, example) for example in card.examples]
        return self._examples[topic]

    def _ready(self, card: CardDefinition, example: Example) -> Ready:
        case = self.runner.case_of(card, example)
        varied = with_changes(card, example.changes)
        return Ready(varied, example, case, _said(varied, case, varied.rule))

    def notices_number(self, mutant: NumberMutant) -> bool:
        """Whether a card that has this number answers otherwise; one that no rule takes must stand in words or orders."""
        return any(self.card_notices(topic, parameter) for topic, parameter in mutant.moved.items())

    def card_notices(self, topic: str, parameter: Parameter) -> bool:
        """Whether the examples of one card hold a number in its place."""
        card = self.knowledge.cards[topic]
        if parameter.name not in card.arguments:
            varied = with_parameters(card, {parameter.name: parameter})
            before, now = (expected.written(each, self.runner) for each in (card, varied))
            return now != before
        return any(self._answers_otherwise(ready, parameter) for ready in self.examples(topic))

    def _answers_otherwise(self, ready: Ready, parameter: Parameter) -> bool:
        if parameter.name in ready.example.changes:
            return False
        varied = with_parameters(ready.card, {parameter.name: parameter})
        return _said(varied, ready.case, varied.rule) != ready.answer

    def notices_code(self, mutant: CodeMutant, topics: frozenset[str]) -> bool:
        """Whether an example of these cards answers otherwise with this module. For a child that is thrown away."""
        return any(
            _said(ready.card, ready.case, find_rule(ready.card.rule_name)) != ready.answer
            for topic in topics
            for ready in self.examples(topic)
        )


def _said(card: CardDefinition, case: Case, rule: Rule) -> str:
    try:
        return outcome_line(card, replace(card, rule=rule).ask(case.restricted_to(card.needs)))
    except Exception as error:  # noqa: BLE001 - a mutant may raise: that is noticed
        return type(error).__name__


class Importers:
    """Who imports whom, so that a mutant is shown only to the cards and tests that can tell."""

    def __init__(self) -> None:
        self._paths = {
            ".".join(path.relative_to(ROOT).with_suffix("").parts): path
            for room in (*ROOMS, ".")
            for path in sorted((ROOT / "cds_service" / room).glob("*.py"))
        }
        self._tests = {
            f"tests.{room}.{path.stem}": path for room in ROOMS for path in (ROOT / "tests" / room).glob("*.py")
        }
        self._imports = {name: _imported(path) for name, path in (self._paths | self._tests).items()}

    def of(self, module: str) -> frozenset[str]:
        """The module and all that import it, directly or through others."""
        found = {module}
        while more := {name for name, imports in self._imports.items() if imports & found} - found:
            found |= more
        return frozenset(found)

    def topics(self, found: frozenset[str], knowledge: Knowledge) -> frozenset[str]:
        """The cards whose rule is among these modules."""
        return frozenset(
            card.topic for card in knowledge.cards.values() if f"cds_service.rules.{card.rule_name}" in found
        )

    def tests(self, found: frozenset[str]) -> list[str]:
        """Test files among these modules, and those that run whole cards."""
        return [
            str(path)
            for name, path in sorted(self._tests.items())
            if path.name.startswith("test_") and (name in found or name.startswith("tests.rules."))
        ]


def _imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found


class _Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module another body."""

    def __init__(self, module: str, code: CodeType) -> None:
        self._module, self._code = module, code

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._module else None

    def exec_module(self, module: Any) -> None:
        exec(self._code, module.__dict__)


def _judge(mutant: CodeMutant, bench: Bench, importers: Importers) -> int:
    """In a child: read the modules anew with the mutant among them, ask the examples, then the direct tests."""
    found = importers.of(mutant.name)
    for name in found & set(sys.modules):
        del sys.modules[name]
    sys.meta_path.insert(0, _Instead(mutant.name, mutant.code()))
    try:
        for name in found:
            if name.startswith("cds_service."):
                importlib.import_module(name)
    except Exception:  # noqa: BLE001 - a mutant that cannot be imported fails every test
        return NOTICED
    if bench.notices_code(mutant, importers.topics(found, bench.knowledge)):
        return NOTICED
    tests = importers.tests(found)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the direct tests use none, and loading them takes longer
    failed = pytest.main(["-q", "-x", "-p", "no:cacheprovider", *tests]) if tests else 0
    return NOTICED if failed else SURVIVED


def _in_child(judge: Callable[[], int], limit: float = LONGEST) -> int:
    """Fork a child that judges within so many seconds of processor time, whatever else the machine does; gives its id."""
    child = os.fork()
    if child:
        return child
    status = 2
    with contextlib.suppress(BaseException):
        signal.setitimer(signal.ITIMER_PROF, limit)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        status = judge()
    os._exit(status)


def reading_notices(mutant: NumberMutant) -> bool:
    """Whether the direct tests of reading fail with this range of plausible results, which facts are held against when read."""
    if not mutant.place.startswith(f"{PLAUSIBLE_RESULTS}."):
        return False
    setting = f"shared.{mutant.place}={mutant.change.partition(' -> ')[2]}"
    _, status = os.waitpid(_in_child(partial(_read_otherwise, setting)), 0)
    return os.waitstatus_to_exitcode(status) == NOTICED


def _read_otherwise(setting: str) -> int:
    knowledge = load_knowledge(settings=(setting,))
    shipped.knowledge.cache_clear()
    shipped.meanings.cache_clear()
    shipped.load_knowledge = lambda: knowledge
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    failed = pytest.main(["-q", "-x", "-p", "no:cacheprovider", str(ROOT / "tests" / "chart" / "test_gaps.py")])
    return NOTICED if failed else SURVIVED


def survivors_of_code(mutants: Sequence[CodeMutant], bench: Bench, processes: int, *, again: bool) -> list[CodeMutant]:
    """Those that nobody notices, module by module; one that left none as it stands now is not judged again."""
    importers = Importers()
    kept = {module: one for module, one in read_kept().items() if (ROOT / "cds_service" / module).exists()}
    for topic in bench.knowledge.cards:
        bench.examples(topic)  # read before the forks, once for all
    gc.freeze()
    survivors: list[CodeMutant] = []
    for module in dict.fromkeys(mutant.module for mutant in mutants):
        own = [mutant for mutant in mutants if mutant.module == module]
        source = _fingerprint((ROOT / "cds_service" / module).read_text(encoding="utf-8"))
        done = kept.get(module) == {"source": source, "survivors": []}
        if again or not done:
            found = sorted(key(mutant) for mutant in _survivors_of_module(own, bench, importers, processes))
            kept[module] = {"source": source, "survivors": [[place, change] for _, place, change in found]}
            write_kept(kept)
        survived = {tuple(one) for one in kept[module]["survivors"]}
        survivors += [mutant for mutant in own if (mutant.place, mutant.change) in survived]
    return survivors


def _fingerprint(source: str) -> str:
    """A hash of a module's code; its imports and docstrings decide nothing."""
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [one for one in node.body if not _is_text(one)]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:16]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _survivors_of_module(
    mutants: Sequence[CodeMutant], bench: Bench, importers: Importers, processes: int
) -> Iterator[CodeMutant]:
    """Each is judged in a forked child, after the module as it stands, which must pass and says how long that takes."""
    running: dict[int, CodeMutant] = {}
    limit = LONGEST
    waiting = [*reversed(mutants), CodeMutant(mutants[0].module, "", "")]
    while waiting or running:
        while waiting and len(running) < processes:
            mutant = waiting.pop()
            running[_in_child(partial(_judge, mutant, bench, importers), limit)] = mutant
        child, status, used = os.wait4(-1, 0)
        mutant = running.pop(child)
        if mutant.node is None:
            limit = max(1.0, CIRCLES * (used.ru_utime + used.ru_stime))
        verdict = NOTICED if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        if os.WIFSIGNALED(status):  # ran in circles, or out of its stack
            print(f"never ended: {mutant.module} {mutant.place}: {mutant.change}", file=sys.stderr, flush=True)
        if verdict not in {NOTICED, SURVIVED} or (mutant.node is None and verdict == NOTICED):
            raise RuntimeError(f"{mutant.module} {mutant.place}: {mutant.change or 'as it stands'} could not be judged")
        if verdict == SURVIVED and mutant.node is not None:
            print(
                f"survived: {mutant.module}:{mutant.line} {mutant.place}: {mutant.change}", file=sys.stderr, flush=True
            )
            yield mutant


def _wanted(mutant: Mutant, names: Sequence[str]) -> bool:
    return not names or Path(mutant.module).stem in names or mutant.place in names


def main() -> int:
    """Run, print the share that is noticed and the survivors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--again", action="store_true")
    arguments = parser.parse_args()
    if arguments.write and arguments.names:
        parser.error("--write is for a whole run")
    bench = Bench()
    paths = [path for room in ROOMS for path in sorted((ROOT / "cds_service" / room).glob("*.py"))]
    code = [one for path in paths for one in code_mutants(path) if _wanted(one, arguments.names)]
    numbers = [one for one in number_mutants(bench.knowledge) if _wanted(one, arguments.names)]
    survivors: list[Mutant] = list(survivors_of_code(code, bench, arguments.processes, again=arguments.again))
    survivors += [one for one in numbers if not (bench.notices_number(one) or reading_notices(one))]
    everything: list[Mutant] = [*numbers, *code]
    explanations = read_explanations()
    print("\n".join(lines(everything, survivors, explanations)))
    if arguments.write:
        (ROOT / "benchmarks" / "MUTATION.md").write_text(report(everything, survivors, explanations), encoding="utf-8")
    return 0 if len(survivors) <= len(everything) * 0.05 else 1


if __name__ == "__main__":
    sys.exit(main())
