"""Do the examples notice? Every comparison and connective in rules/ and findings/ is turned, every parameter moved a step.

``python benchmarks/mutation.py [NAME ...] [--json FILE]`` mutates the modules or topics named (default: all), holds the
answers of all examples against those of the true code (which ``tests/expected_answers`` keeps), asks the direct tests
about survivors of ``findings/``, and lists what no test noticed. A slow suite: some minutes on two cores.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib
import importlib.abc
import importlib.util
import json
import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from cds_service.chart.case import Case
from cds_service.engine.examples import ExampleRunner, told
from cds_service.knowledge.cards import Card, Example, Knowledge
from cds_service.knowledge.load import find_rule
from cds_service.knowledge.parameters import Parameter
from cds_service.knowledge.variants import with_changes
from cds_service.outcomes import Outcome
from cds_service.shell.fixture_files import fixtures_folder, read_scenarios
from cds_service.shell.knowledge_files import load_knowledge

ROOT = Path(__file__).parent.parent
TURNED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


@dataclass(frozen=True)
class Mutant:
    """One change to one file, or to one parameter of one card."""

    where: str
    change: str
    source: str = ""


def code_mutants(path: Path) -> Iterator[Mutant]:
    """Every comparison and connective of a module, each turned once."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    name = path.relative_to(ROOT).as_posix()
    for number, node in enumerate(list(ast.walk(tree))):
        for field, place, old in _operators(node):
            mutated = copy.deepcopy(tree)
            twin = list(ast.walk(mutated))[number]
            new = TURNED[type(old)]()
            if place is None:
                setattr(twin, field, new)
            else:
                getattr(twin, field)[place] = new
            change = f"{type(old).__name__} -> {type(new).__name__}"
            yield Mutant(f"{name}:{getattr(node, 'lineno', 0)}", change, ast.unparse(mutated))


def _operators(node: ast.AST) -> Iterator[tuple[str, int | None, ast.AST]]:
    if isinstance(node, ast.Compare):
        yield from (("ops", place, op) for place, op in enumerate(node.ops) if type(op) in TURNED)
    if isinstance(node, ast.BoolOp):
        yield "op", None, node.op


def parameter_mutants(card: Card) -> Iterator[tuple[Mutant, dict[str, str]]]:
    """Every number of a card moved one step of its last place up and down, as far as its range admits."""
    for parameter in card.parameters.values():
        for changed in _moved(parameter):
            yield (
                Mutant(f"cards/{card.topic}.yaml:{parameter.name}", f"{parameter.text} -> {changed}"),
                {parameter.name: changed},
            )


def _moved(parameter: Parameter) -> Iterator[str]:
    if parameter.between is None:
        return
    head = parameter.text.partition(" ")[0]
    try:
        value = Decimal(head)
    except ArithmeticError:
        return
    step = Decimal(1).scaleb(min(0, int(value.as_tuple().exponent)))
    low, high = parameter.between
    for moved in (value - step, value + step):
        if low <= moved <= high:
            yield f"{moved} {parameter.unit}".strip()


class Bench:
    """All examples with their cases ready, so that a mutant costs only the rules."""

    def __init__(self) -> None:
        self.knowledge: Knowledge = load_knowledge()
        runner = ExampleRunner(self.knowledge, read_scenarios(fixtures_folder()))
        self.examples: list[tuple[Card, Example, Case]] = [
            (card, example, runner.case(runner.scenario(example)))
            for card in self.knowledge.cards.values()
            for example in card.examples
        ]
        self.expected = [self._said(card, example, case, {}) for card, example, case in self.examples]

    def notices_parameter(self, topic: str, changes: dict[str, str]) -> bool:
        """Whether an example of the card comes out otherwise with these parameters."""
        return any(
            self._said(card, example, case, changes) != before
            for (card, example, case), before in zip(self.examples, self.expected, strict=True)
            if card.topic == topic and not set(changes) & set(example.changes)
        )

    def notices_code(self, module: str, source: str) -> bool:
        """Whether an example comes out otherwise when a module reads like this. Runs in a child process."""
        for name in [name for name in sys.modules if name.startswith(("cds_service.findings", "cds_service.rules."))]:
            del sys.modules[name]
        sys.meta_path.insert(0, _Instead(module, source))
        return any(
            self._said(card, example, case, {}, find_rule) != before
            for (card, example, case), before in zip(self.examples, self.expected, strict=True)
        )

    def _said(self, card: Card, example: Example, case: Case, changes: dict[str, str], find: Any = None) -> Any:
        varied = with_changes(card, {**example.changes, **changes})
        rule = find(card.rule_name) if find else varied.rule
        try:
            outcome: Outcome = rule(case.restricted_to(card.needs), **varied.arguments)
        except Exception as error:  # noqa: BLE001 - a mutant may raise: that is noticed
            return type(error).__name__
        return told(card, outcome)


class _Instead(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module another source."""

    def __init__(self, module: str, source: str) -> None:
        self._module, self._source = module, source

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self._module else None

    def exec_module(self, module: Any) -> None:
        exec(compile(self._source, self._module, "exec"), module.__dict__)


_BENCH: Bench | None = None


def _try(mutant: Mutant) -> tuple[Mutant, bool]:
    """Judge one code mutant in a forked child, which is thrown away."""
    assert _BENCH is not None
    module = _module(mutant)
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=lambda: answers.put(_BENCH.notices_code(module, mutant.source)))
    child.start()
    child.join(120)
    noticed = answers.get() if child.exitcode == 0 else True
    child.kill()
    return mutant, bool(noticed)


_WITH_MUTANT = """
import sys
from benchmarks.mutation import _Instead
import pytest
sys.meta_path.insert(0, _Instead(sys.argv[1], sys.stdin.read()))
sys.exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", "tests/findings"]))
"""


def _direct_tests_notice(mutant: Mutant) -> bool:
    """Whether the direct tests of findings fail when the module reads like this."""
    command = [sys.executable, "-c", _WITH_MUTANT, _module(mutant)]
    return (
        subprocess.run(command, cwd=ROOT, input=mutant.source, text=True, capture_output=True, check=False).returncode
        != 0
    )


def _module(mutant: Mutant) -> str:
    return mutant.where.partition(":")[0].removesuffix(".py").replace("/", ".")


def main() -> int:
    """Run, print the share that is noticed and the survivors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    global _BENCH  # noqa: PLW0603 - the forked children read it
    _BENCH = Bench()
    wanted = arguments.names
    survivors: list[Mutant] = []
    total = 0
    for card in _BENCH.knowledge.cards.values():
        if wanted and card.topic not in wanted:
            continue
        for mutant, changes in parameter_mutants(card):
            if next(iter(changes)) not in card.arguments:
                continue  # held by words and orders only: an order's text shows it
            total += 1
            if not _BENCH.notices_parameter(card.topic, changes):
                survivors.append(mutant)
    paths = [path for room in ("rules", "findings") for path in sorted((ROOT / "cds_service" / room).glob("*.py"))]
    mutants = [one for path in paths if not wanted or path.stem in wanted for one in code_mutants(path)]
    total += len(mutants)
    for mutant in mutants:
        _, noticed = _try(mutant)
        if not noticed and "/findings/" in mutant.where:
            noticed = _direct_tests_notice(mutant)
        if not noticed:
            survivors.append(mutant)
    share = 100 * (total - len(survivors)) / total if total else 100
    print(f"{total} mutants, {total - len(survivors)} noticed: {share:.1f} %")
    for mutant in survivors:
        print(f"survived: {mutant.where}: {mutant.change}")
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"total": total, "survivors": [f"{m.where}: {m.change}" for m in survivors]}, indent=1)
        )
    return 0 if share >= 95 else 1


if __name__ == "__main__":
    sys.exit(main())
